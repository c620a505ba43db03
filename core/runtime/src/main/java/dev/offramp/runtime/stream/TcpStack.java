package dev.offramp.runtime.stream;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.linux.ChannelUsers;
import dev.offramp.linux.Drain;
import dev.offramp.linux.HostStack;
import dev.offramp.runtime.loop.ChannelDepartures;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One TCP stack, that is one network namespace, in which software RNICs have their streams: TCP's
 * state enters it and leaves it, or a socket changes hands inside it. Two RNICs are on the same
 * stack when they have the same one of these. Safe for use by several threads.
 */
public final class TcpStack implements ChannelDepartures {
  private final ResidentStack resident;
  private final StateTransfer<SocketChannel> transfer;

  /**
   * A stack.
   *
   * @param resident for sockets that change hands inside it
   * @param transfer for TCP state that travels
   */
  public TcpStack(ResidentStack resident, StateTransfer<SocketChannel> transfer) {
    this.resident = resident;
    this.transfer = transfer;
  }

  /** Its name in messages. */
  String ownerName() {
    return transfer.ownerName();
  }

  /**
   * Whether the stack would take a connection over, and what it would lose. TCP_REPAIR has no way
   * to put in what is listed here. It cannot set congestion window, threshold and round-trip time
   * either; these are no loss that needs consent, for TCP learns them anew from the first
   * acknowledgements (RFC 5681, section 4.1).
   */
  Admission admits(ConnectionProfile profile) {
    if (stays(profile.facts())) {
      return Admission.full();
    }
    List<Loss> losses = new ArrayList<>();
    if (profile.get(DescriptorFields.ECN).orElse(false)) {
      losses.add(
          new Loss(DescriptorFields.ECN, "congestion shows by loss only, no longer by ECN marks"));
    }
    if (profile.get(DescriptorFields.FLOW_LABEL).isKnown()) {
      losses.add(
          new Loss(DescriptorFields.FLOW_LABEL, "packets get another flow label from now on"));
    }
    return Admission.withLosses(losses);
  }

  /** Whether the connection that is described stays on the socket that it has. */
  static boolean stays(IwarpConnectionDescriptor d) {
    return d.get(DescriptorFields.TCP_RESIDENCE).orElse(TcpResidence.NEW_OWNER)
        == TcpResidence.HOST_STACK;
  }

  /** The connection that is changing hands here; null when there is none. */
  ResidentStack.@Nullable Handover claim(IwarpConnectionDescriptor descriptor) {
    return resident.claim(descriptor);
  }

  /** Puts a connection in, silent. */
  Arrival<SocketChannel> arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
    return transfer.arrive(descriptor);
  }

  @Override
  public void describe(SocketChannel channel, IwarpConnectionDescriptor.Builder to)
      throws IOException {
    if (transfer instanceof HostStack host) {
      host.describe(channel, to);
    }
  }

  @Override
  public @Nullable Limit limitInput(SocketChannel channel, int bytes) throws TransferException {
    if (transfer instanceof HostStack host) {
      return host.limitInput(channel, bytes).<Limit>map(limit -> limit::close).orElse(null);
    }
    throw TransferException.refused(
        TransferStep.DRAIN,
        List.of(
            new Refusal(
                RefusalReason.UNSUPPORTED,
                "a stack whose input cannot be stopped",
                "the kernel's, by TCP_REPAIR",
                "see 'offramp doctor'")));
  }

  /** Nobody else uses a channel that an RNIC has: none looks for users. */
  @Override
  public Departure depart(SocketChannel channel, DepartureNeeds needs) throws TransferException {
    if (needs.residence() == TcpResidence.HOST_STACK) {
      return resident.depart(channel);
    }
    if (transfer instanceof HostStack host) {
      return host.depart(
          channel,
          needs.quiet().contains(Quiet.SENT_ACKNOWLEDGED)
              ? Drain.within(needs.timeout())
              : Drain.NONE,
          ChannelUsers.excludedByCaller());
    }
    return transfer.depart(channel);
  }
}
