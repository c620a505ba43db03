package dev.offramp.tck.zoo;

import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.spi.DriverContext;
import dev.offramp.tck.rule.ErrorRules;
import java.util.List;

/** Leaks F: errors and rejection. */
final class ErrorSpecimens {
  private ErrorSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "reject-reason",
            ErrorRules.L58,
            "speaks of reject reasons",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  void opened(DriverContext context) {
                    context.logger().log(System.Logger.Level.INFO, "reject reason 28");
                  }
                }),
        Specimen.wrong(
            "reset-is-close",
            ErrorRules.L60,
            "takes a reset for a close",
            Base.STREAM,
            Defects.end(e -> e instanceof StreamEnd.Reset ? new StreamEnd.ClosedByPeer() : e)),
        Specimen.wrong(
            "truncation-hidden",
            ErrorRules.L60,
            "takes a FIN inside an FPDU for a close",
            Base.STREAM,
            Defects.end(
                e -> e instanceof StreamEnd.TruncatedByPeer ? new StreamEnd.ClosedByPeer() : e)),
        Specimen.wrong(
            "terminate-as-status",
            ErrorRules.L61,
            "reports each Terminate as one and the same",
            Base.STREAM,
            Defects.end(e ->
                e instanceof StreamEnd.TerminatedByPeer t
                    ? new StreamEnd.TerminatedByPeer(
                        new Terminate(0, 1, 2, t.terminate().headers()))
                    : e)),
        Specimen.wrong(
            "retry-exceeded",
            ErrorRules.L62,
            "reports a time-out as retries exceeded",
            Base.STREAM,
            Defects.end(e ->
                e instanceof StreamEnd.TimedOut
                    ? new StreamEnd.Failed("transport retry counter exceeded")
                    : e)),
        Specimen.wrong(
            "errors-in-silence",
            ErrorRules.L63,
            "answers no error of the peer",
            Base.STREAM,
            Defects.outs(
                () -> u -> Segment.opcode(u) == Segment.TERMINATE ? List.of() : List.of(u))),
        Specimen.wrong(
            "crc-error-resets",
            ErrorRules.L64,
            "resets TCP on a wrong CRC",
            Base.STREAM,
            Defects.stream(d -> Edits.terminateIsReset())),
        Specimen.wrong(
            "time-out-is-reset",
            ErrorRules.L65,
            "takes a time-out for a reset",
            Base.STREAM,
            Defects.end(e -> e instanceof StreamEnd.TimedOut ? new StreamEnd.Reset() : e)));
  }
}
