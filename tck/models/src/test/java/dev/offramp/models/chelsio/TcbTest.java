package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.models.Seeds;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The 1024 bits, by fields, by words and as an image. */
final class TcbTest {
  private static final List<TcbField> FIELDS = List.of(TcbField.values());

  /** Each vector sets one field with Linux's own macros: nothing else may change. */
  @Test
  void fieldByField() throws Exception {
    Vector.forEach(
        "tcb_field_update",
        "chelsio.tcb_field_update",
        v -> {
          CplRequest.SetTcbField set =
              (CplRequest.SetTcbField)
                  CplRequest.decode(v.segment().asSlice(WrHeader.BYTES, 24), ChelsioChip.T6);
          TcbField field = TcbField.valueOf(v.text("field"));
          for (boolean ones : new boolean[] {false, true}) {
            Tcb tcb = filled(ones);
            tcb.write(set.word(), set.mask(), set.value());
            assertThat(tcb.get(field)).isEqualTo(v.number("value"));
            tcb.set(field, ones ? -1 : 0);
            assertThat(tcb).isEqualTo(filled(ones));
          }
        });
  }

  private static Tcb filled(boolean ones) {
    Tcb tcb = new Tcb();
    for (int word = 0; word < Tcb.WORDS; word++) {
      tcb.write(word, -1, ones ? -1 : 0);
    }
    return tcb;
  }

  @Test
  void fieldsDoNotOverlap() {
    for (TcbField field : TcbField.values()) {
      Tcb tcb = new Tcb();
      tcb.set(field, -1);
      for (TcbField other : TcbField.values()) {
        assertThat(tcb.get(other) != 0).as("%s after %s", other, field).isEqualTo(other == field);
      }
    }
  }

  @Test
  void imageRoundTrip() throws Exception {
    Seeds.run(random -> {
      for (int i = 0; i < 1000; i++) {
        byte[] image = new byte[Tcb.BYTES];
        random.nextBytes(image);
        Tcb tcb = Tcb.of(image);
        assertThat(tcb.toBytes()).isEqualTo(image);
        TcbField field = FIELDS.get(random.nextInt(FIELDS.size()));
        long value = random.nextLong();
        Tcb changed = tcb.copy();
        changed.set(field, value);
        assertThat(changed.get(field))
            .isEqualTo(field.width() == 64 ? value : value & (1L << field.width()) - 1);
        changed.set(field, tcb.get(field));
        assertThat(changed).isEqualTo(tcb);
      }
    });
  }

  @Test
  void lastWordEndsTheTcb() {
    assertThat(Tcb.reachesBeyond(31, 0xFFFF_FFFFL, 0)).isFalse();
    assertThat(Tcb.reachesBeyond(31, 1L << 32, 0)).isTrue();
    assertThat(Tcb.reachesBeyond(31, 0, 1L << 40)).isTrue();
    assertThat(Tcb.reachesBeyond(30, -1, -1)).isFalse();
  }
}
