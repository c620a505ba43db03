package dev.offramp.api.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TransferExceptionTest {
  private static final Refusal UNREAD =
      new Refusal(RefusalReason.UNREAD_BYTES, "2 unread bytes", "none", "read them first");

  @ParameterizedTest
  @EnumSource(Whereabouts.class)
  void saysWhatFailedAndWhereTheConnectionIs(Whereabouts whereabouts) {
    IOException cause = new IOException("EPERM");
    TransferException exception =
        new TransferException(TransferStep.FREEZE, whereabouts, "TCP_REPAIR refused", cause);
    assertThat(exception)
        .hasMessage("FREEZE: TCP_REPAIR refused (" + whereabouts.sentence() + ")")
        .hasCause(cause);
    assertThat(exception.step()).isEqualTo(TransferStep.FREEZE);
    assertThat(exception.whereabouts()).isEqualTo(whereabouts);
    assertThat(exception.refusals()).isEmpty();
  }

  @Test
  void refusalsLeaveTheConnectionWhereItWas() {
    Refusal sack = new Refusal(RefusalReason.SACK, "SACK on", "off", "switch it off");
    List<Refusal> refusals = new ArrayList<>(List.of(UNREAD, sack));
    TransferException exception = TransferException.refused(TransferStep.ADMIT, refusals);
    refusals.clear();
    assertThat(exception.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    assertThat(exception.step()).isEqualTo(TransferStep.ADMIT);
    assertThat(exception.refusals()).containsExactly(UNREAD, sack);
    assertThat(exception)
        .hasMessage(
            "refused: UNREAD_BYTES: seen [2 unread bytes], expected none; read them first;"
                + " SACK: seen [SACK on], expected off; switch it off"
                + " (the connection goes on at its old owner)");
  }

  @Test
  void survivesSerializationWithoutItsRefusals() throws Exception {
    TransferException sent = TransferException.refused(TransferStep.ADMIT, List.of(UNREAD));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(sent);
    }
    TransferException received;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      received = (TransferException) in.readObject();
    }
    assertThat(received.refusals()).isEmpty();
    assertThat(received).hasMessage(sent.getMessage());
    assertThat(received.step()).isEqualTo(TransferStep.ADMIT);
  }

  @Test
  void admissionIsFullPartialOrRefused() {
    assertThat(Admission.full().isAdmitted()).isTrue();
    assertThat(Admission.withLosses(List.of()).isAdmitted()).isTrue();
    assertThat(Admission.refused(List.of(UNREAD)).isAdmitted()).isFalse();
    assertThatThrownBy(() -> Admission.refused(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs a reason");
  }
}
