package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.Octets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Work requests as Linux's driver writes them, read by the model's decoder. */
final class WorkVectorsTest {
  private static WorkRequest decode(Vector vector) {
    long[] words = vector.words();
    int quanta = WorkRequest.quanta(vector.chip(), words[WorkFields.HEADER_WORD]);
    assertThat(quanta * WorkFields.QUANTUM_BYTES)
        .as("%s", vector)
        .isLessThanOrEqualTo(vector.out().length);
    WorkRequest work =
        WorkRequest.ofSendQueue(
            vector.chip(), Arrays.copyOf(words, quanta * WorkFields.QUANTUM_WORDS));
    assertThat(work.quanta()).isEqualTo(quanta);
    assertThat(work.polarity()).as("%s", vector).isEqualTo(vector.flag("valid_bit"));
    return work;
  }

  private static void checkFlags(Vector vector, WorkRequest work) {
    assertThat(work.signalled()).as("%s", vector).isEqualTo(vector.flag("signaled"));
    assertThat(work.readFence()).as("%s", vector).isEqualTo(vector.flag("read_fence"));
    assertThat(work.localFence()).as("%s", vector).isEqualTo(vector.flag("local_fence"));
    assertThat(work.streamMode()).as("%s", vector).isFalse();
    assertThat(work.hasStaleFragment(vector.chip())).as("%s", vector).isFalse();
  }

  private static void checkFragments(List<?> expected, WorkRequest work, Object vector) {
    List<Fragment> given = new ArrayList<>();
    for (Object sge : expected) {
      given.add(
          new Fragment(
              Vector.number(Vector.map(sge).getOrDefault("addr", "")),
              Vector.number(Vector.map(sge).getOrDefault("length", "")),
              (int) Vector.number(Vector.map(sge).getOrDefault("stag", "")),
              false));
    }
    List<Fragment> seen =
        work.fragments().stream()
            .map(one -> new Fragment(one.address(), one.length(), one.stag(), false))
            .filter(one -> !isFiller(one, given.isEmpty()))
            .toList();
    assertThat(seen).as("%s", vector).isEqualTo(given);
  }

  /** A work request without memory still has the place of fragment 0. */
  private static boolean isFiller(Fragment fragment, boolean none) {
    return none && fragment.address() == 0 && fragment.length() == 0 && fragment.stag() == 0;
  }

  @ParameterizedTest
  @ValueSource(strings = {"irdma.sq_send", "irdma.sq_write"})
  void sendsAndWrites(String structure) {
    for (Vector vector : Vector.of("irdma.sq_wqe", structure)) {
      WorkRequest work = decode(vector);
      checkFlags(vector, work);
      assertThat((long) work.opcode()).isEqualTo(vector.number("op_type"));
      assertThat(work.hasImmediate()).as("%s", vector).isEqualTo(vector.has("imm_data"));
      if (vector.has("imm_data")) {
        assertThat(work.immediate()).isEqualTo(vector.number("imm_data"));
      }
      checkFragments((List<?>) vector.value("sge"), work, vector);
      checkRemote(vector, work);
    }
  }

  private static void checkRemote(Vector vector, WorkRequest work) {
    if (vector.has("remote_stag")) {
      assertThat(work.remoteStag()).isEqualTo((int) vector.number("remote_stag"));
      assertThat(work.remoteOffset()).isEqualTo(vector.number("remote_to"));
    }
    if (vector.has("stag_to_inv")) {
      assertThat(work.remoteStag()).isEqualTo((int) vector.number("stag_to_inv"));
    }
  }

  @Test
  void reads() {
    for (Vector vector : Vector.of("irdma.sq_wqe", "irdma.sq_read")) {
      WorkRequest work = decode(vector);
      checkFlags(vector, work);
      assertThat(work.opcode())
          .isEqualTo(
              vector.flag("local_invalidate")
                  ? WorkFields.OP_READ_LOCAL_INVALIDATE
                  : WorkFields.OP_READ);
      checkFragments((List<?>) vector.value("sge"), work, vector);
      checkRemote(vector, work);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"irdma.sq_inline_send", "irdma.sq_inline_write"})
  void inline(String structure) {
    for (Vector vector : Vector.of("irdma.sq_wqe", structure)) {
      WorkRequest work = decode(vector);
      checkFlags(vector, work);
      assertThat((long) work.opcode()).isEqualTo(vector.number("op_type"));
      assertThat(work.fragments()).isEmpty();
      Octets inline = Objects.requireNonNull(work.inline());
      assertThat(inline.toByteArray())
          .as("%s", vector)
          .isEqualTo(HexFormat.of().parseHex(vector.text("inline_data")));
      checkRemote(vector, work);
    }
  }

  @Test
  void localInvalidates() {
    for (Vector vector : Vector.of("irdma.sq_wqe", "irdma.sq_local_inv")) {
      WorkRequest work = decode(vector);
      checkFlags(vector, work);
      assertThat(work.opcode()).isEqualTo(WorkFields.OP_LOCAL_INVALIDATE);
      assertThat(work.fragments().getFirst().stag())
          .as("%s", vector)
          .isEqualTo((int) vector.number("stag"));
    }
  }

  @Test
  void receives() {
    for (Vector vector : Vector.of("irdma.rq_wqe", "irdma.rq_recv")) {
      WorkRequest work = WorkRequest.ofReceiveQueue(vector.chip(), vector.words());
      assertThat(work.polarity()).as("%s", vector).isEqualTo(vector.flag("valid_bit"));
      assertThat(work.hasStaleFragment(vector.chip())).as("%s", vector).isFalse();
      checkFragments((List<?>) vector.value("sge"), work, vector);
    }
  }

  @Test
  void connectionWorkRequests() {
    for (Vector vector : Vector.of("irdma.conn_wqe", "irdma.lsmm")) {
      WorkRequest work = decode(vector);
      assertThat(work.opcode()).isEqualTo(WorkFields.OP_SEND);
      assertThat(work.streamMode()).as("%s", vector).isTrue();
      assertThat(work.waitsForPdu()).as("%s", vector).isTrue();
      Fragment fragment = work.fragments().getFirst();
      assertThat(fragment.address()).as("%s", vector).isEqualTo(vector.number("buf_addr"));
      assertThat(fragment.length()).as("%s", vector).isEqualTo(vector.number("size"));
      assertThat(fragment.stag()).as("%s", vector).isEqualTo((int) vector.number("stag"));
      checkEstablished(vector);
    }
    for (Vector vector : Vector.of("irdma.conn_wqe", "irdma.rtt")) {
      WorkRequest work = decode(vector);
      assertThat(work.opcode())
          .isEqualTo(vector.flag("read") ? WorkFields.OP_READ : WorkFields.OP_WRITE);
      assertThat(work.totalBytes()).as("%s", vector).isZero();
      checkEstablished(vector);
    }
  }

  /** Generation 2 asks for an event behind the first work request. */
  private static void checkEstablished(Vector vector) {
    if (vector.chip().isSecondGeneration()) {
      long[] words = vector.words();
      WorkRequest nop = WorkRequest.ofSendQueue(vector.chip(), Arrays.copyOfRange(words, 4, 8));
      WorkRequest event = WorkRequest.ofSendQueue(vector.chip(), Arrays.copyOfRange(words, 8, 12));
      assertThat(nop.opcode()).isEqualTo(WorkFields.OP_NOP);
      assertThat(nop.localFence()).isTrue();
      assertThat(event.opcode()).isEqualTo(WorkFields.OP_RTS_EVENT);
    } else {
      assertThat(vector.out()).hasSize(WorkFields.QUANTUM_BYTES);
    }
  }

  /** Walks the ring as the device does, over the padding that keeps chunks whole. */
  @Test
  void severalSendsInARing() {
    for (Vector vector : Vector.of("irdma.sq_window", "irdma.sq_window_sends")) {
      IntelChip chip = vector.chip();
      long[] words = vector.words();
      List<?> expected = (List<?>) vector.value("sends_sge");
      int at = (int) vector.number("start_quantum");
      assertThat((long) chip.chunkQuanta()).isEqualTo(vector.number("chunk_quanta"));
      int sends = 0;
      while (at < vector.number("end_quantum")) {
        int quanta = WorkRequest.quanta(chip, words[4 * at + WorkFields.HEADER_WORD]);
        assertThat(at % chip.chunkQuanta() + quanta)
            .as("index %d of %s", at, vector)
            .isLessThanOrEqualTo(chip.chunkQuanta());
        WorkRequest work =
            WorkRequest.ofSendQueue(chip, Arrays.copyOfRange(words, 4 * at, 4 * (at + quanta)));
        assertThat(work.polarity()).as("index %d of %s", at, vector).isTrue();
        if (work.opcode() != WorkFields.OP_NOP) {
          checkFragments((List<?>) expected.get(sends), work, vector);
          sends++;
        }
        at += quanta;
      }
      assertThat(sends).as("%s", vector).isEqualTo(expected.size());
      assertThat((long) at).isEqualTo(vector.number("end_quantum"));
    }
  }
}
