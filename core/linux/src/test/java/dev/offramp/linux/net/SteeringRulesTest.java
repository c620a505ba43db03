package dev.offramp.linux.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.linux.netlink.U32Selector;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Selectors against packets, compared as net/sched/cls_u32.c does it: u32_classify. */
class SteeringRulesTest {
  private static final int RST = 0x04;
  private static final int ACK = 0x10;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aConnectionsOwnSegmentsMatchAndNoOthers(boolean v6) throws Exception {
    FourTuple tuple = v6 ? tuple("fe80::1%3", "fe80::2%3") : tuple("10.77.0.1", "10.77.0.2");
    byte[] in = segment(tuple.remote(), tuple.local(), ACK);
    byte[] out = segment(tuple.local(), tuple.remote(), ACK);
    byte[] reset = segment(tuple.local(), tuple.remote(), ACK | RST);

    assertThat(matches(SteeringRules.segments(v6, true), in)).isTrue();
    assertThat(matches(SteeringRules.fromPeer(tuple), in)).isTrue();
    assertThat(matches(SteeringRules.fromPeer(tuple), out)).isFalse();
    assertThat(matches(SteeringRules.resetToPeer(tuple), reset)).isTrue();
    assertThat(matches(SteeringRules.resetToPeer(tuple), out)).isFalse();
    assertThat(matches(SteeringRules.resetToPeer(tuple), in)).isFalse();

    // Each bit of the addresses and ports counts.
    int header = v6 ? 40 : 20;
    for (int bit = (v6 ? 8 : 12) * 8; bit < (header + 4) * 8; bit++) {
      byte[] other = in.clone();
      other[bit / 8] ^= (byte) (0x80 >> bit % 8);
      assertThat(matches(SteeringRules.fromPeer(tuple), other)).as("bit %d", bit).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bothWaysOfAConnectionAreFoundByTheSameTwoBytes(boolean v6) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 1_000; i++) {
      int hostsPort = 1 + random.nextInt(65_535);
      int peersPort = 1 + random.nextInt(65_535);
      FourTuple tuple =
          new FourTuple(
              new InetSocketAddress(v6 ? "fd00::1" : "10.0.0.1", hostsPort),
              new InetSocketAddress(v6 ? "fd00::2" : "10.0.0.2", peersPort));
      byte[] in = segment(tuple.remote(), tuple.local(), ACK);
      byte[] out = segment(tuple.local(), tuple.remote(), RST);
      assertThat(bucket(SteeringRules.segments(v6, true), in))
          .as("seed %d", seed)
          .isEqualTo(bucket(SteeringRules.segments(v6, false), out))
          .isEqualTo(peersPort & 0xFF);
      assertThat(bucket(SteeringRules.byHostsPort(v6, true), in))
          .as("seed %d", seed)
          .isEqualTo(bucket(SteeringRules.byHostsPort(v6, false), out))
          .isEqualTo(hostsPort & 0xFF);
    }
  }

  @Test
  void whatHasItsPortsElsewhereOrIsNoTcpIsNotLookedUp() throws Exception {
    byte[] v4 = segment(tuple("10.0.0.1", "10.0.0.2").remote(), address("10.0.0.1"), ACK);
    U32Selector segments = SteeringRules.segments(false, true);
    assertThat(matches(segments, changed(v4, 0, 0x46))).as("options").isFalse();
    assertThat(matches(segments, changed(v4, 7, 1))).as("a later fragment").isFalse();
    assertThat(matches(segments, changed(v4, 6, 0x40))).as("do not fragment").isTrue();
    assertThat(matches(segments, changed(v4, 9, 17))).as("UDP").isFalse();
    byte[] v6 = segment(tuple("fd00::1", "fd00::2").remote(), address("fd00::1"), ACK);
    U32Selector segments6 = SteeringRules.segments(true, true);
    assertThat(matches(segments6, v6)).isTrue();
    assertThat(matches(segments6, changed(v6, 6, 44))).as("fragment header").isFalse();
  }

  @Test
  void endsThatAreNoneAreRefused() {
    assertThatThrownBy(() -> tuple("10.0.0.1", "fd00::1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("different families");
    assertThatThrownBy(() -> tuple("0.0.0.0", "10.0.0.1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("local end");
  }

  private static boolean matches(U32Selector selector, byte[] packet) {
    return selector.keys().stream()
        .allMatch(key ->
            ((ByteBuffer.wrap(packet).getInt(key.offset()) ^ key.value()) & key.mask()) == 0);
  }

  private static int bucket(U32Selector selector, byte[] packet) {
    return (ByteBuffer.wrap(packet).getInt(selector.hashOffset()) & selector.hashMask())
            >>> Integer.numberOfTrailingZeros(selector.hashMask())
        & 0xFF;
  }

  /** IP and TCP headers of RFC 791, RFC 8200 and RFC 9293, as far as filters look. */
  private static byte[] segment(InetSocketAddress from, InetSocketAddress to, int flags) {
    boolean v6 = SteeringRules.isV6(from.getAddress());
    ByteBuffer packet = ByteBuffer.allocate((v6 ? 40 : 20) + 20);
    if (v6) {
      packet.putInt(0x6000_0000).putShort((short) 20).put((byte) 6).put((byte) 64);
    } else {
      packet.put((byte) 0x45).put((byte) 0).putShort((short) 40).putInt(0x1234_4000);
      packet.put((byte) 64).put((byte) 6).putShort((short) 0);
    }
    packet.put(from.getAddress().getAddress()).put(to.getAddress().getAddress());
    packet.putShort((short) from.getPort()).putShort((short) to.getPort());
    packet.putInt(1).putInt(2).put((byte) 0x50).put((byte) flags);
    return packet.array();
  }

  private static byte[] changed(byte[] packet, int offset, int value) {
    byte[] other = packet.clone();
    other[offset] = (byte) value;
    return other;
  }

  private static InetSocketAddress address(String address) throws Exception {
    return new InetSocketAddress(InetAddress.getByName(address), 7001);
  }

  private static FourTuple tuple(String local, String remote) throws Exception {
    return new FourTuple(
        address(local), new InetSocketAddress(InetAddress.getByName(remote), 5001));
  }
}
