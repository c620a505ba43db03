package dev.offramp.api.transfer;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.StartedWork;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apiguardian.api.API;

/**
 * What can be at rest in a connection in RDMA mode before it moves. A descriptor can carry all that
 * is not; each owner says what it cannot take over, and whoever gives the connection up brings that
 * to rest first, for a limited time. The peer sees a pause. Work that was posted and has not begun
 * never has to rest: it moves along.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum Quiet {
  /** All that was sent is acknowledged, and nothing is left to be sent (RFC 9293, 3.4). */
  SENT_ACKNOWLEDGED("bytes without acknowledgement, or unsent"),
  /** All that TCP has received is taken, and it ends with an FPDU (RFC 5044, section 3). */
  RECEIVED_TAKEN("received bytes that nobody has taken"),
  /** No message of this end's is half sent, and none of the peer's on queue 0 half received. */
  MESSAGES_WHOLE("a message that is half sent or half received"),
  /** No Read or atomic operation of either end waits for its response (RFC 5040, section 5.2.2). */
  REQUESTS_ANSWERED("a Read or atomic operation without its response");

  private final String unrest;

  Quiet(String unrest) {
    this.unrest = unrest;
  }

  /**
   * What in a stopped connection is not at rest and should be, as refusals. A profile of a running
   * connection, in which nothing of this is known, gives none.
   *
   * @param wanted what should be at rest
   * @param profile of the connection
   */
  public static List<Refusal> refusals(Set<Quiet> wanted, ConnectionProfile profile) {
    List<Refusal> refusals = new ArrayList<>();
    for (Quiet quiet : values()) {
      if (wanted.contains(quiet) && !quiet.holds(profile)) {
        refusals.add(
            new Refusal(
                RefusalReason.NOT_QUIET,
                quiet.unrest,
                "none",
                "give the move more time, or pause the traffic"));
      }
    }
    return refusals;
  }

  private boolean holds(ConnectionProfile profile) {
    return switch (this) {
      case SENT_ACKNOWLEDGED -> profile.unacknowledgedBytes() + profile.unsentBytes() == 0;
      case RECEIVED_TAKEN -> profile.unreadBytes() == 0;
      case MESSAGES_WHOLE ->
          !profile.get(DescriptorFields.PARTIAL_MESSAGE).isKnown()
              && !hasStarted(profile, StartedWork.Progress.SENDING)
              && list(profile, DescriptorFields.PEER_REQUESTS).stream()
                  .noneMatch(request -> request.sentBytes() > 0);
      case REQUESTS_ANSWERED ->
          list(profile, DescriptorFields.PEER_REQUESTS).isEmpty()
              && !profile.get(DescriptorFields.READY_TO_RECEIVE_AWAITED).orElse(false)
              && !hasStarted(profile, StartedWork.Progress.AWAITING_RESPONSE);
    };
  }

  private static boolean hasStarted(ConnectionProfile profile, StartedWork.Progress progress) {
    return list(profile, DescriptorFields.STARTED_WORK).stream()
        .anyMatch(started -> started.progress() == progress);
  }

  private static <T extends Object> List<T> list(ConnectionProfile profile, FieldKey<List<T>> key) {
    return profile.get(key).orElse(List.of());
  }
}
