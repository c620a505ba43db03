package com.acme.offramp.model;

import static dev.offramp.api.descriptor.DescriptorFields.CWND_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.DSCP;
import static dev.offramp.api.descriptor.DescriptorFields.ECN;
import static dev.offramp.api.descriptor.DescriptorFields.FLOW_LABEL;
import static dev.offramp.api.descriptor.DescriptorFields.HOP_LIMIT;
import static dev.offramp.api.descriptor.DescriptorFields.LOCAL_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.NEXT_HOP_MAC;
import static dev.offramp.api.descriptor.DescriptorFields.NO_DELAY;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WND;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WUP;
import static dev.offramp.api.descriptor.DescriptorFields.RECEIVE_WINDOW_SCALE;
import static dev.offramp.api.descriptor.DescriptorFields.REMOTE_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.SACK_PERMITTED;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_MSS_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_WINDOW_SCALE;
import static dev.offramp.api.descriptor.DescriptorFields.SND_MAX;
import static dev.offramp.api.descriptor.DescriptorFields.SND_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.SND_UNA;
import static dev.offramp.api.descriptor.DescriptorFields.SND_WL1;
import static dev.offramp.api.descriptor.DescriptorFields.SND_WND;
import static dev.offramp.api.descriptor.DescriptorFields.SOURCE_MAC;
import static dev.offramp.api.descriptor.DescriptorFields.SSTHRESH_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.TCP_STATE;
import static dev.offramp.api.descriptor.DescriptorFields.TIMESTAMPS;
import static dev.offramp.api.descriptor.DescriptorFields.UNACKNOWLEDGED;
import static dev.offramp.api.descriptor.DescriptorFields.UNREAD;
import static dev.offramp.api.descriptor.DescriptorFields.UNSENT;
import static dev.offramp.api.descriptor.DescriptorFields.V4_MAPPED_SOCKET;
import static dev.offramp.api.descriptor.DescriptorFields.VLAN_TAG;
import static dev.offramp.api.descriptor.DescriptorFields.WINDOW_SCALING;

import dev.offramp.api.descriptor.InvalidDescriptorException;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.iwarp.rdmap.StreamConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Reads the context of a queue pair as the adapter does: what it does not say is not known. */
final class ContextDecoder {
  static final int BYTES = 0x200;
  private static final String SOURCE = "context of the queue pair";

  private final MemorySegment context;
  private final int flags;

  ContextDecoder(MemorySegment context) {
    this.context = context;
    this.flags = Words.u32(context, 0x00);
  }

  private boolean flag(int bit) {
    return (flags & 1 << bit) != 0;
  }

  int unsentBytes() {
    return Words.u32(context, 0x90);
  }

  InetSocketAddress local() throws CommandException {
    return end(0x08, 0x28, 0x04);
  }

  InetSocketAddress remote() throws CommandException {
    return end(0x18, 0x2C, 0x06);
  }

  private InetSocketAddress end(long address, long scope, long port) throws CommandException {
    byte[] octets = context.asSlice(address, flag(0) ? 16 : 4).toArray(ValueLayout.JAVA_BYTE);
    try {
      int scopeId = Words.u32(context, scope);
      InetAddress ip =
          flag(0) && scopeId != 0
              ? Inet6Address.getByAddress("", octets, scopeId)
              : InetAddress.getByAddress(octets);
      return new InetSocketAddress(ip, Words.u16(context, port));
    } catch (UnknownHostException e) {
      throw new CommandException(CommandException.BAD_CONTEXT, "address: " + e.getMessage());
    }
  }

  /** What goes to TCP. */
  IwarpConnectionDescriptor tcp(Octets unsent) throws CommandException {
    try {
      IwarpConnectionDescriptor.Builder b = IwarpConnectionDescriptor.builder();
      path(b);
      options(b);
      state(b, unsent);
      return b.build();
    } catch (InvalidDescriptorException e) {
      throw new CommandException(CommandException.BAD_CONTEXT, String.valueOf(e.getMessage()));
    }
  }

  private void path(IwarpConnectionDescriptor.Builder b) throws CommandException {
    b.present(LOCAL_ADDRESS, local(), SOURCE);
    b.present(REMOTE_ADDRESS, remote(), SOURCE);
    b.present(V4_MAPPED_SOCKET, false, "an adapter has no sockets");
    b.present(SOURCE_MAC, new MacAddress(Words.u64(context, 0x30)), SOURCE);
    b.present(NEXT_HOP_MAC, new MacAddress(Words.u64(context, 0x38)), SOURCE);
    if (flag(1)) {
      int tag = Words.u32(context, 0x40);
      b.present(VLAN_TAG, new VlanTag(tag & 0xFFF, tag >>> 13 & 7, (tag >>> 12 & 1) != 0), SOURCE);
    } else {
      b.absent(VLAN_TAG, "untagged");
    }
    b.present(HOP_LIMIT, Words.u32(context, 0x44), SOURCE);
    b.present(DSCP, Words.u32(context, 0x48), SOURCE);
    if (flag(0)) {
      b.present(FLOW_LABEL, Words.u32(context, 0x4C), SOURCE);
    }
  }

  private void options(IwarpConnectionDescriptor.Builder b) {
    b.present(SEND_MSS_BYTES, Words.u32(context, 0x50), SOURCE);
    b.present(WINDOW_SCALING, flag(2), SOURCE);
    b.present(SEND_WINDOW_SCALE, Words.u32(context, 0x54), SOURCE);
    b.present(RECEIVE_WINDOW_SCALE, Words.u32(context, 0x58), SOURCE);
    b.present(SACK_PERMITTED, flag(3), SOURCE);
    b.present(TIMESTAMPS, false, "the adapter has none");
    b.present(ECN, flag(4), SOURCE);
    b.present(NO_DELAY, flag(5), SOURCE);
  }

  private void state(IwarpConnectionDescriptor.Builder b, Octets unsent) {
    b.present(TCP_STATE, TcpState.ESTABLISHED, "the adapter takes no others");
    b.present(SND_UNA, Words.unsigned(context, 0x60), SOURCE);
    b.present(SND_NXT, Words.unsigned(context, 0x64), SOURCE);
    b.present(SND_MAX, Words.unsigned(context, 0x68), SOURCE);
    b.present(SND_WND, Words.unsigned(context, 0x6C), SOURCE);
    b.present(SND_WL1, Words.unsigned(context, 0x70), SOURCE);
    b.present(RCV_NXT, Words.unsigned(context, 0x74), SOURCE);
    b.present(RCV_WND, Words.unsigned(context, 0x78), SOURCE);
    b.present(RCV_WUP, Words.unsigned(context, 0x7C), SOURCE);
    b.present(CWND_BYTES, Words.u64(context, 0x80), SOURCE);
    b.present(SSTHRESH_BYTES, Words.u64(context, 0x88), SOURCE);
    b.present(UNACKNOWLEDGED, Octets.empty(), "the adapter takes none");
    b.present(UNSENT, unsent, SOURCE);
    b.present(UNREAD, Octets.empty(), "the adapter takes none");
  }

  /** What goes to iWARP. */
  StreamConfig.Builder iwarp() throws CommandException {
    int rtr = Words.u32(context, 0xA4);
    int revision = Words.u32(context, 0xA0);
    if (rtr < 0 || rtr >= RtrKind.values().length || revision < 1 || revision > 2) {
      throw new CommandException(
          CommandException.BAD_CONTEXT,
          "ready-to-receive code [%d], expected 0..3; MPA revision [%d], expected 1..2"
              .formatted(rtr, revision));
    }
    try {
      return StreamConfig.builder(flag(6) ? MpaRole.INITIATOR : MpaRole.RESPONDER)
          .readDepths(Words.u32(context, 0xA8), Words.u32(context, 0xAC))
          .rtr(RtrKind.values()[rtr])
          .emss(Words.u32(context, 0x50));
    } catch (IllegalArgumentException e) {
      throw new CommandException(CommandException.BAD_CONTEXT, String.valueOf(e.getMessage()));
    }
  }
}
