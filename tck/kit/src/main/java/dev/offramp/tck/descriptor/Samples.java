package dev.offramp.tck.descriptor;

import static dev.offramp.api.descriptor.DescriptorFields.*;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.api.mpa.MpaRole;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.random.RandomGenerator;

/**
 * Descriptors of a shape, all numbers drawn: high entropy, so that a number that turns up elsewhere
 * is no accident.
 */
public final class Samples {
  private static final String SOURCE = "the kit's sample";
  private static final long UINT32 = 0xFFFF_FFFFL;
  private static final int MIN_PORT = 1024;
  private static final int MAX_PORT = 65535;

  private Samples() {}

  /** A descriptor of that shape. */
  public static IwarpConnectionDescriptor draw(Shape shape, RandomGenerator random) {
    Octets localData = octets(random, shape.privateDataBytes());
    Octets remoteData = octets(random, shape.privateDataBytes());
    IwarpConnectionDescriptor.Builder to = IwarpConnectionDescriptor.builder();
    addresses(to, shape, random);
    Octets unsent = octets(random, shape.unsentBytes());
    if (shape.role() == MpaRole.RESPONDER) {
      unsent = unsent.concat(MpaReply.of(shape, localData));
    }
    if (shape.residence() == TcpResidence.NEW_OWNER) {
      tcp(to, shape, random, unsent);
      path(to, shape, random);
      options(to, random);
    } else if (shape.role() == MpaRole.RESPONDER) {
      to.present(UNSENT, unsent, SOURCE);
    }
    to.present(TCP_RESIDENCE, shape.residence(), SOURCE);
    iwarp(to, shape, random, localData, remoteData);
    return to.build();
  }

  private static void addresses(
      IwarpConnectionDescriptor.Builder to, Shape shape, RandomGenerator random) {
    to.present(LOCAL_ADDRESS, new InetSocketAddress(address(shape, random), port(random)), SOURCE);
    to.present(REMOTE_ADDRESS, new InetSocketAddress(address(shape, random), port(random)), SOURCE);
    to.present(V4_MAPPED_SOCKET, false, SOURCE);
  }

  /** An address of documentation or of global unicast space. */
  static InetAddress address(Shape shape, RandomGenerator random) {
    byte[] bytes = new byte[shape.ipv6() ? 16 : 4];
    random.nextBytes(bytes);
    if (shape.ipv6()) {
      bytes[0] = 0x20;
      bytes[1] = 0x01;
      bytes[2] = 0x0d;
      bytes[3] = (byte) 0xb8;
    } else {
      bytes[0] = (byte) (11 + random.nextInt(80));
      bytes[3] = (byte) (1 + random.nextInt(254));
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  static int port(RandomGenerator random) {
    return random.nextInt(MIN_PORT, MAX_PORT);
  }

  private static void tcp(
      IwarpConnectionDescriptor.Builder to, Shape shape, RandomGenerator random, Octets unsent) {
    boolean scaling = shape.windowScale() > 0;
    long una = word(random);
    long nxt = una + shape.unacknowledgedBytes() & UINT32;
    long received = word(random);
    to.present(TCP_STATE, TcpState.ESTABLISHED, SOURCE)
        .present(SEND_MSS_BYTES, shape.emss(), SOURCE)
        .present(
            MSS_CLAMP_BYTES, Math.min(65535, shape.emss() + (shape.timestamps() ? 12 : 0)), SOURCE)
        .present(WINDOW_SCALING, scaling, SOURCE)
        .present(SEND_WINDOW_SCALE, shape.windowScale(), SOURCE)
        .present(RECEIVE_WINDOW_SCALE, shape.windowScale(), SOURCE)
        .present(SACK_PERMITTED, shape.sack(), SOURCE)
        .present(TIMESTAMPS, shape.timestamps(), SOURCE)
        .present(ECN, false, SOURCE)
        .present(SND_UNA, una, SOURCE)
        .present(SND_NXT, nxt, SOURCE)
        .present(SND_MAX, nxt, SOURCE)
        .present(SND_WND, window(shape, random), SOURCE)
        .present(SND_WL1, received, SOURCE)
        .present(MAX_SND_WND, (long) shape.windowBytes(), SOURCE)
        .present(RCV_NXT, received, SOURCE)
        .present(RCV_WND, window(shape, random), SOURCE)
        .present(RCV_WUP, received, SOURCE)
        .present(CWND_BYTES, (long) shape.emss() * random.nextInt(10, 40), SOURCE)
        .present(SSTHRESH_BYTES, (long) shape.emss() * random.nextInt(41, 80), SOURCE)
        .present(SRTT_MICROS, (long) random.nextInt(200, 60_000), SOURCE)
        .present(RTTVAR_MICROS, (long) random.nextInt(50, 30_000), SOURCE)
        .present(RTO_MICROS, (long) random.nextInt(200_000, 900_000), SOURCE)
        .absent(TS_RECENT, "Linux has no getsockopt for it")
        .absent(TS_RECENT_AGE_MILLIS, "Linux has no getsockopt for it")
        .present(UNACKNOWLEDGED, octets(random, shape.unacknowledgedBytes()), SOURCE)
        .present(UNSENT, unsent, SOURCE)
        .present(UNREAD, octets(random, shape.unreadBytes()), SOURCE)
        .present(MPA_SEND_START, nxt + unsent.length() & UINT32, SOURCE)
        .present(MPA_RECEIVE_START, received - shape.unreadBytes() & UINT32, SOURCE);
    if (shape.timestamps()) {
      to.present(TIMESTAMP_NOW, word(random), SOURCE);
    } else {
      to.absent(TIMESTAMP_NOW, "the timestamp option is off");
    }
  }

  /** A multiple of what the scale can say. */
  private static long window(Shape shape, RandomGenerator random) {
    long half = shape.windowBytes() / 2;
    return (half + random.nextLong(half)) >> shape.windowScale() << shape.windowScale();
  }

  private static void path(
      IwarpConnectionDescriptor.Builder to, Shape shape, RandomGenerator random) {
    to.present(EGRESS_INTERFACE, "eth" + random.nextInt(10), SOURCE)
        .present(EGRESS_INTERFACE_INDEX, random.nextInt(2, 5000), SOURCE)
        .present(SOURCE_MAC, mac(random), SOURCE)
        .present(NEXT_HOP, address(shape, random), SOURCE)
        .present(NEXT_HOP_MAC, mac(random), SOURCE)
        .present(PATH_MTU_BYTES, Math.min(65535, shape.emss() + (shape.ipv6() ? 60 : 40)), SOURCE)
        .present(HOP_LIMIT, random.nextInt(33, 250), SOURCE)
        .present(DSCP, random.nextInt(1, 63), SOURCE)
        .present(ECN_CODEPOINT, 0, SOURCE);
    if (shape.vlan()) {
      to.present(
          VLAN_TAG,
          new VlanTag(random.nextInt(257, 4094), random.nextInt(1, 8), random.nextBoolean()),
          SOURCE);
    } else {
      to.absent(VLAN_TAG, "frames are not tagged");
    }
    if (shape.ipv6()) {
      to.present(FLOW_LABEL, random.nextInt(0x10000, 0xFFFFF), SOURCE);
    } else {
      to.absent(FLOW_LABEL, "IPv4 has none");
    }
  }

  private static void options(IwarpConnectionDescriptor.Builder to, RandomGenerator random) {
    to.present(NO_DELAY, true, SOURCE)
        .present(KEEP_ALIVE, false, SOURCE)
        .present(KEEP_ALIVE_IDLE_SECONDS, random.nextInt(60, 7200), SOURCE)
        .present(KEEP_ALIVE_INTERVAL_SECONDS, random.nextInt(5, 75), SOURCE)
        .present(KEEP_ALIVE_PROBES, random.nextInt(3, 9), SOURCE)
        .present(USER_TIMEOUT_MILLIS, (long) random.nextInt(1000, 90_000), SOURCE)
        .present(CONGESTION_CONTROL, "cubic", SOURCE)
        .present(OUT_OF_BAND_INLINE, false, SOURCE)
        .absent(LINGER_SECONDS, "SO_LINGER is off");
  }

  private static void iwarp(
      IwarpConnectionDescriptor.Builder to,
      Shape shape,
      RandomGenerator random,
      Octets localData,
      Octets remoteData) {
    to.present(IWARP_PHASE, IwarpPhase.STARTED, SOURCE)
        .present(MPA_ROLE, shape.role(), SOURCE)
        .present(MPA_REVISION, shape.revision(), SOURCE)
        .present(MPA_CRC, shape.crc(), SOURCE)
        .present(MPA_SEND_MARKERS, shape.sendMarkers(), SOURCE)
        .present(MPA_RECEIVE_MARKERS, shape.receiveMarkers(), SOURCE)
        .present(LOCAL_PRIVATE_DATA, localData, SOURCE)
        .present(REMOTE_PRIVATE_DATA, remoteData, SOURCE)
        .present(IRD, shape.ird(), SOURCE)
        .present(ORD, shape.ord(), SOURCE)
        .present(RTR, shape.rtr(), SOURCE);
    if (shape.revision() == 2) {
      to.present(PEER_IRD, random.nextInt(0x1200, 0x3FFE), SOURCE)
          .present(PEER_ORD, random.nextInt(0, shape.ird() + 1), SOURCE);
    } else {
      to.absent(PEER_IRD, "revision 1 has no IRD and ORD")
          .absent(PEER_ORD, "revision 1 has no IRD and ORD");
    }
  }

  static MacAddress mac(RandomGenerator random) {
    // Locally administered, unicast.
    return new MacAddress((random.nextLong() & 0xFCFF_FFFF_FFFFL) | 0x0200_0000_0000L);
  }

  static Octets octets(RandomGenerator random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return Octets.copyOf(bytes);
  }

  /** A number of 32 bits that has something in each of its octets. */
  static long word(RandomGenerator random) {
    long word;
    do {
      word = random.nextLong() & UINT32;
    } while ((word & 0xFF) == 0
        || (word & 0xFF00) == 0
        || (word & 0xFF_0000) == 0
        || (word & 0xFF00_0000L) == 0);
    return word;
  }
}
