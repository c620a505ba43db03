package dev.offramp.provider.intel;

import static dev.offramp.api.descriptor.DescriptorFields.ATOMIC_RESPONSE_MSN;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_RECEIVE_MARKERS;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_SEND_MARKERS;
import static dev.offramp.api.descriptor.DescriptorFields.PEER_ATOMIC_RESPONSE_MSN;
import static dev.offramp.api.descriptor.DescriptorFields.STARTED_WORK;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.provider.intel.layout.Generation;
import java.util.EnumSet;
import java.util.List;

/**
 * Which iWARP streams the device takes over on which FPDUs have flowed: those whose messages would
 * be numbered from 1 all the same, because only Writes have flowed. The QP context has no field for
 * a message number, and a device that has loaded one begins with 1 (<b>inference</b>).
 */
final class RunningStreams {
  private static final Long FIRST_MSN = 1L;

  /** Without atomic operations there are no such messages. */
  private static final List<FieldKey<?>> MAY_BE_ABSENT =
      List.of(ATOMIC_RESPONSE_MSN, PEER_ATOMIC_RESPONSE_MSN);

  private RunningStreams() {}

  /** Adds why {@code profile}, of a connection in RDMA mode, is not taken. */
  static void check(
      ConnectionProfile profile, boolean stopped, Generation generation, List<Refusal> refusals) {
    for (FieldKey<?> key : DescriptorFields.messageNumbers()) {
      Field<?> field = profile.get(key);
      boolean known = field.isKnown();
      if (known ? !field.value().equals(FIRST_MSN) : stopped && !MAY_BE_ABSENT.contains(key)) {
        refusals.add(
            new Refusal(
                RefusalReason.UNSUPPORTED,
                known
                    ? key.path() + " is " + field.value()
                    : key.path() + " absent: " + field.source(),
                "1: " + generation + "'s context has no field for message numbers",
                "move it before the first Send or Read, or to softiwarp"));
      }
    }
    if (profile.get(MPA_SEND_MARKERS).orElse(false)
        || profile.get(MPA_RECEIVE_MARKERS).orElse(false)) {
      // Inference that nobody could check: where the next marker is due in the middle of a stream.
      refusals.add(
          new Refusal(
              RefusalReason.MARKERS,
              "MPA markers on a stream that runs",
              "none",
              "move it before the first FPDU, or agree on no markers in MPA start-up"));
    }
    if (!profile.get(STARTED_WORK).orElse(List.of()).isEmpty()) {
      refusals.add(
          new Refusal(
              RefusalReason.NOT_QUIET,
              profile.get(STARTED_WORK).value().size() + " work requests that have begun",
              "none",
              "give the move more time, or pause the traffic"));
    }
    if (stopped) {
      refusals.addAll(Quiet.refusals(EnumSet.allOf(Quiet.class), profile));
    }
  }
}
