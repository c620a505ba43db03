package dev.offramp.api.descriptor;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * What must hold between the fields of one descriptor. Messages are made only when something is
 * wrong: a descriptor is built while its connection is silent.
 */
final class DescriptorRules {
  private static final int ENHANCED_REVISION = 2;

  private DescriptorRules() {}

  static void check(IwarpConnectionDescriptor d) {
    checkAddresses(d);
    checkSendSequence(d);
    checkReceiveSequence(d);
    checkWindowScaling(d);
    checkIwarp(d);
    RdmaModeRules.check(d);
  }

  private static void checkAddresses(IwarpConnectionDescriptor d) {
    requireKnown(d, DescriptorFields.LOCAL_ADDRESS);
    requireKnown(d, DescriptorFields.REMOTE_ADDRESS);
    InetAddress local = d.value(DescriptorFields.LOCAL_ADDRESS).getAddress();
    InetAddress remote = d.value(DescriptorFields.REMOTE_ADDRESS).getAddress();
    boolean v4 = local instanceof Inet4Address;
    if (v4 != remote instanceof Inet4Address) {
      throw new InvalidDescriptorException(
          DescriptorFields.REMOTE_ADDRESS.path(),
          remote.getHostAddress(),
          "the same family as the local address " + local.getHostAddress());
    }
    Checks.require(
        v4 || !d.get(DescriptorFields.V4_MAPPED_SOCKET).orElse(false),
        DescriptorFields.V4_MAPPED_SOCKET.path(),
        "true with IPv6 addresses",
        "IPv4 addresses on a v4-mapped socket");
    Checks.require(
        !v4 || !d.isKnown(DescriptorFields.FLOW_LABEL),
        DescriptorFields.FLOW_LABEL.path(),
        "a flow label on an IPv4 connection",
        "absent (IPv4 packets have none)");
  }

  /** sndUna <= sndNxt <= sndMax in sequence space, and the queue covers exactly that span. */
  private static void checkSendSequence(IwarpConnectionDescriptor d) {
    Field<Long> una = d.get(DescriptorFields.SND_UNA);
    Field<Long> max = d.get(DescriptorFields.SND_MAX);
    if (!una.isKnown() || !max.isKnown()) {
      return;
    }
    long span = distance(una.value(), max.value());
    Field<Long> nxt = d.get(DescriptorFields.SND_NXT);
    if (nxt.isKnown() && distance(una.value(), nxt.value()) > span) {
      throw new InvalidDescriptorException(
          DescriptorFields.SND_NXT.path(),
          Long.toString(nxt.value()),
          "between sndUna " + una.value() + " and sndMax " + max.value());
    }
    Field<Octets> sent = d.get(DescriptorFields.UNACKNOWLEDGED);
    if (sent.isKnown() && sent.value().length() != span) {
      throw new InvalidDescriptorException(
          DescriptorFields.UNACKNOWLEDGED.path(),
          sent.value().length() + " bytes",
          span + " bytes, the distance from sndUna to sndMax");
    }
  }

  private static void checkReceiveSequence(IwarpConnectionDescriptor d) {
    Field<Long> nxt = d.get(DescriptorFields.RCV_NXT);
    Field<Long> wup = d.get(DescriptorFields.RCV_WUP);
    if (nxt.isKnown()
        && wup.isKnown()
        && distance(wup.value(), nxt.value()) > DescriptorFields.MAX_QUEUE_BYTES) {
      throw new InvalidDescriptorException(
          DescriptorFields.RCV_WUP.path(),
          Long.toString(wup.value()),
          "at most " + DescriptorFields.MAX_QUEUE_BYTES + " before rcvNxt " + nxt.value());
    }
  }

  private static void checkWindowScaling(IwarpConnectionDescriptor d) {
    if (d.get(DescriptorFields.WINDOW_SCALING).orElse(true)) {
      return;
    }
    for (FieldKey<Integer> key :
        java.util.List.of(
            DescriptorFields.SEND_WINDOW_SCALE, DescriptorFields.RECEIVE_WINDOW_SCALE)) {
      Checks.require(
          d.get(key).orElse(0) == 0,
          key.path(),
          Integer.toString(d.get(key).orElse(0)),
          "absent or 0, since window scaling was not negotiated");
    }
  }

  private static void checkIwarp(IwarpConnectionDescriptor d) {
    IwarpPhase phase = d.get(DescriptorFields.IWARP_PHASE).orElse(IwarpPhase.STREAMING);
    if (phase != IwarpPhase.STREAMING) {
      requireKnown(d, DescriptorFields.MPA_ROLE);
      requireKnown(d, DescriptorFields.MPA_REVISION);
      requireKnown(d, DescriptorFields.MPA_CRC);
      requireKnown(d, DescriptorFields.MPA_SEND_MARKERS);
      requireKnown(d, DescriptorFields.MPA_RECEIVE_MARKERS);
    }
    boolean enhanced =
        d.get(DescriptorFields.MPA_REVISION).orElse(ENHANCED_REVISION) >= ENHANCED_REVISION;
    if (!enhanced && d.get(DescriptorFields.RTR).orElse(RtrKind.NONE) != RtrKind.NONE) {
      throw new InvalidDescriptorException(
          DescriptorFields.RTR.path(),
          d.get(DescriptorFields.RTR).toString(),
          "none: revision 1 has no ready-to-receive indication");
    }
    Checks.require(
        phase != IwarpPhase.RDMA || d.isKnown(DescriptorFields.RECEIVE_MSN),
        DescriptorFields.RECEIVE_MSN.path(),
        "absent",
        "a value once FPDUs flow");
    Checks.require(
        phase != IwarpPhase.STARTED
            || d.value(DescriptorFields.MPA_ROLE) != MpaRole.INITIATOR
            || d.isKnown(DescriptorFields.REMOTE_PRIVATE_DATA),
        DescriptorFields.REMOTE_PRIVATE_DATA.path(),
        "absent",
        "the private data of the Reply that an Initiator has read (it may be empty)");
  }

  private static void requireKnown(IwarpConnectionDescriptor d, FieldKey<?> key) {
    if (!d.isKnown(key)) {
      throw new InvalidDescriptorException(
          key.path(), "absent: " + d.get(key).source(), "a value; it is required");
    }
  }

  private static long distance(long from, long to) {
    return to - from & Checks.MAX_UINT32;
  }
}
