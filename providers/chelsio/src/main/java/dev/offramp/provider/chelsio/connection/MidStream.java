package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * Whether a stream in RDMA mode can go on at the chip. FW_RI_WR INIT has no message numbers, and
 * the TCB's RQ_MSN has 13 of 32 bits: so each queue has to be at its first message, as it is as
 * long as only Writes have flowed.
 */
final class MidStream {
  private static final Long FIRST_MSN = 1L;

  /** An owner without RFC 7306 has no such queue, and may say nothing of it. */
  private static final List<FieldKey<?>> ATOMICS =
      List.of(DescriptorFields.ATOMIC_RESPONSE_MSN, DescriptorFields.PEER_ATOMIC_RESPONSE_MSN);

  private static final String REMEDY =
      "move it before the first Send or Read, or to softiwarp, which goes on anywhere";

  private final ConnectionProfile profile;
  private final boolean stopped;
  private final List<Refusal> refusals = new ArrayList<>();

  private MidStream(ConnectionProfile profile, boolean stopped) {
    this.profile = profile;
    this.stopped = stopped;
  }

  /**
   * What stands against it.
   *
   * @param stopped whether all has to be known; of a running stream the stop tells the rest
   */
  static List<Refusal> refusals(ConnectionProfile profile, boolean stopped) {
    MidStream stream = new MidStream(profile, stopped);
    DescriptorFields.messageNumbers().forEach(stream::check);
    stream.checkMarkers();
    stream.checkRest();
    return stream.refusals;
  }

  private void check(FieldKey<?> number) {
    Field<?> field = profile.get(number);
    if (field.isKnown()) {
      if (!field.value().equals(FIRST_MSN)) {
        refuse(
            RefusalReason.UNSUPPORTED,
            number.path() + " " + field.value(),
            "1: INIT has no field for message numbers",
            REMEDY);
      }
    } else if (isNeeded(number)) {
      refuse(
          stopped ? RefusalReason.FIELD_ABSENT : RefusalReason.UNSUPPORTED,
          number.path() + ", " + field.source(),
          "1, and known: INIT has no field for message numbers",
          REMEDY);
    }
  }

  /** While it runs only what no stop will tell: the peer's Read Requests, where it may have any. */
  private boolean isNeeded(FieldKey<?> number) {
    return stopped
        ? !ATOMICS.contains(number)
        : number.equals(DescriptorFields.READ_RESPONSE_MSN)
            && profile.get(DescriptorFields.IRD).orElse(0) > 0;
  }

  private void checkMarkers() {
    if (profile.get(DescriptorFields.MPA_SEND_MARKERS).orElse(false)
        || profile.get(DescriptorFields.MPA_RECEIVE_MARKERS).orElse(false)) {
      refuse(
          RefusalReason.MARKERS,
          "markers in a stream that has begun",
          "none: INIT's iss and irs are the next octets, and the chip counts markers from there",
          "agree on no markers in MPA start-up, or move it to softiwarp");
    }
  }

  private void checkRest() {
    refusals.addAll(Quiet.refusals(EnumSet.allOf(Quiet.class), profile));
    int started = profile.get(DescriptorFields.STARTED_WORK).orElse(List.of()).size();
    if (started > 0 && refusals.isEmpty()) {
      refuse(
          RefusalReason.NOT_QUIET,
          started + " work requests that have begun",
          "none",
          "give the move more time, or pause the traffic");
    }
  }

  private void refuse(RefusalReason reason, String seen, String expected, String remedy) {
    refusals.add(new Refusal(reason, seen, expected, remedy));
  }
}
