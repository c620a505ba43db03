package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the model writes, against what Linux's driver reads. */
final class EventVectorsTest {
  @Test
  void completions() {
    for (Vector vector : Vector.of("irdma.cqe", "irdma.cqe")) {
      boolean error = vector.flag("error");
      long[] words =
          new Completion(
                  vector.number("comp_ctx"),
                  vector.text("queue").equals("sq"),
                  (int) vector.number("qp_id"),
                  (int) vector.number("wqe_idx"),
                  (int) vector.number("cqe_op_field"),
                  vector.number("payload_len_field"),
                  vector.flag("solicited_event"),
                  true,
                  (int) vector.number("inv_stag_field"),
                  error,
                  error ? (int) vector.number("major_err") : 0,
                  error ? (int) vector.number("minor_err") : 0)
              .encode();
      // What only a device knows, or the ring.
      EventFields.STAG.set(words, vector.flag("stag_bit"));
      EventFields.TCPSEQNUMRTT.set(words, vector.number("tcp_seq_or_rtt"));
      EventFields.PSHDROP.set(words, vector.flag("push_dropped"));
      EventFields.EXTCQE.set(words, vector.flag("extended"));
      EventFields.VALID.set(words, vector.flag("valid_bit"));
      assertThat(Vector.bytes(words))
          .as("%s", vector)
          .isEqualTo(Arrays.copyOf(vector.out(), EventFields.CQE_BYTES));
    }
  }

  @Test
  void controlCompletions() {
    for (Vector vector : Vector.of("irdma.ccq_cqe", "irdma.ccq_cqe")) {
      long[] words = new long[EventFields.CQE_BYTES / Long.BYTES];
      EventFields.COMPCTX.set(words, vector.number("cqp_context"));
      EventFields.OPRETVAL.set(words, vector.number("op_ret_val"));
      EventFields.MINERR.set(words, vector.number("min_err"));
      EventFields.MAJERR.set(words, vector.flag("error") ? vector.number("maj_err") : 0);
      EventFields.WQEIDX.set(words, vector.number("wqe_idx"));
      EventFields.ERROR.set(words, vector.flag("error"));
      EventFields.VALID.set(words, vector.flag("valid_bit"));
      assertThat(Vector.bytes(words)).as("%s", vector).isEqualTo(vector.out());
    }
  }

  @Test
  void asyncEvents() {
    for (Vector vector : Vector.of("irdma.aeqe", "irdma.aeqe")) {
      long[] words =
          new AsyncEvent(
                  vector.number("compl_ctx_field"),
                  (int) vector.number("qp_cq_id"),
                  (int) vector.number("ae_id"),
                  (int) vector.number("ae_src"),
                  (int) vector.number("wqe_idx_field"),
                  (int) vector.number("iwarp_state"),
                  (int) vector.number("tcp_state"),
                  (int) vector.number("q2_data_written"))
              .encode();
      EventFields.AE_OVERFLOW.set(words, vector.flag("overflow"));
      EventFields.AE_VALID.set(words, vector.flag("valid_bit"));
      assertThat(Vector.bytes(words)).as("%s", vector).isEqualTo(vector.out());
    }
  }

  @Test
  void completionEvents() {
    for (Vector vector : Vector.of("irdma.ceqe", "irdma.ceqe")) {
      long[] words = new long[1];
      EventFields.CEQE_CONTEXT.set(words, vector.number("cq_context") >>> 1);
      EventFields.CEQE_VALID.set(words, vector.flag("valid_bit"));
      assertThat(Vector.bytes(words)).as("%s", vector).isEqualTo(vector.out());
    }
  }
}
