package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import java.util.ArrayList;
import java.util.List;

/**
 * What a next owner would have to know of a connection, and a {@link HandBack} does not describe. A
 * connection that has it must not move: its application and its peer would go on as if it had.
 */
public final class Undescribed {
  private Undescribed() {}

  /** Why a stopped connection cannot go on elsewhere; empty when it can. */
  public static List<Refusal> of(ChelsioConnection connection, IwarpConnectionDescriptor stopped) {
    List<Refusal> refusals = new ArrayList<>();
    int regions = connection.regionsLeft().size();
    if (regions > 0) {
      refusals.add(
          new Refusal(
              RefusalReason.UNSUPPORTED,
              "STags registered: " + regions + ", which a hand-back does not describe",
              "a connection that has registered no memory",
              "close its regions, or move it before it registers any"));
    }
    int ird = connection.plan().mpa().ird();
    boolean received =
        !stopped
            .value(DescriptorFields.RCV_NXT)
            .equals(stopped.value(DescriptorFields.MPA_RECEIVE_START));
    if (ird > 0 && received && !stopped.isKnown(DescriptorFields.READ_RESPONSE_MSN)) {
      refusals.add(
          new Refusal(
              RefusalReason.UNSUPPORTED,
              "IRD " + ird + ": the chip counts the peer's Read Requests in no public field",
              "IRD 0, or a peer that has sent nothing",
              "agree on IRD 0 in MPA start-up, or close the connection and connect anew"));
    }
    return refusals;
  }
}
