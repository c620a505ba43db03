package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.Reply;
import dev.offramp.provider.chelsio.wire.CplGetTcbRpl;
import dev.offramp.spi.RnicException;
import java.util.List;

/** What can be said of a connection while it runs, so that another owner can refuse it in time. */
public final class Running {
  private static final List<FieldKey<?>> UNCHANGED =
      List.of(
          DescriptorFields.SEND_MSS_BYTES,
          DescriptorFields.WINDOW_SCALING,
          DescriptorFields.SEND_WINDOW_SCALE,
          DescriptorFields.RECEIVE_WINDOW_SCALE,
          DescriptorFields.SACK_PERMITTED,
          DescriptorFields.TIMESTAMPS,
          DescriptorFields.ECN);

  private Running() {}

  /**
   * Adds what was negotiated, the message numbers and whether an FPDU has flowed at all. Waits for
   * the adapter.
   *
   * @param known what every connection says of itself
   */
  public static ConnectionProfile profile(
      Adapter adapter, ChelsioConnection connection, ConnectionProfile known) {
    IwarpConnectionDescriptor.Builder to = known.facts().toBuilder();
    UNCHANGED.forEach(key -> copy(connection.plan().descriptor(), key, to));
    boolean untouched = isUntouched(adapter, connection);
    connection.serial().enter();
    try {
      if (untouched) {
        to.present(DescriptorFields.IWARP_PHASE, IwarpPhase.STARTED, "CPL_GET_TCB_RPL: no FPDU");
        to.absent(DescriptorFields.RECEIVE_MSN, "before the first FPDU");
      } else {
        Description.numbers(connection, to);
      }
    } finally {
      connection.serial().exit();
    }
    return new ConnectionProfile(
        to.build(),
        known.unreadBytes(),
        known.unacknowledgedBytes(),
        known.unsentBytes(),
        known.obstacles());
  }

  private static <T extends Object> void copy(
      IwarpConnectionDescriptor from, FieldKey<T> key, IwarpConnectionDescriptor.Builder to) {
    to.put(key, from.get(key));
  }

  /** No, when the adapter does not tell: then the stop will. */
  private static boolean isUntouched(Adapter adapter, ChelsioConnection connection) {
    try {
      Reply reply = connection.ask(FlowRequests::read);
      if (reply == null) {
        return false;
      }
      adapter.awaitCpl(reply);
      CplGetTcbRpl block = new CplGetTcbRpl();
      block.at(reply.bytes(), 0);
      connection.serial().enter();
      try {
        return Description.isUntouched(block, connection);
      } finally {
        connection.serial().exit();
      }
    } catch (RnicException e) {
      return false;
    }
  }
}
