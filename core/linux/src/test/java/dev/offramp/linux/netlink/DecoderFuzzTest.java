package dev.offramp.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Any bytes decode to a value or to {@link NetlinkFormatException}, in bounded time. */
class DecoderFuzzTest {
  private static final int ROUNDS = 200_000;
  private static final byte[][] SEEDS = {
    Bytes.empty()
        .message(
            24,
            2,
            1,
            Bytes.empty()
                .u8(2, 32, 0, 0, 254, 0, 0, 1)
                .u32(0)
                .attribute(4, Bytes.empty().u32(3))
                .attribute(18, Bytes.empty().u16(2).u8(10, 0, 0, 1))
                .attribute(8, Bytes.empty().attribute(2, Bytes.empty().u32(1400))))
        .message(2, 0x300, 2, Bytes.empty().u32(-2).u32(16).u32(0).u32(2).u32(0).attribute(1, "x"))
        .array(),
    Bytes.empty()
        .message(
            16,
            0,
            3,
            Bytes.empty()
                .u8(0, 0)
                .u16(1)
                .u32(7)
                .u32(0)
                .u32(0)
                .attribute(3, "eth0.42")
                .attribute(1, Bytes.empty().u8(2, 0, 0, 0, 0, 9))
                .attribute(
                    18,
                    Bytes.empty()
                        .attribute(1, "vlan")
                        .attribute(
                            2,
                            Bytes.empty()
                                .attribute(1, Bytes.empty().u16(42))
                                .attribute(
                                    3, Bytes.empty().attribute(1, Bytes.empty().u32(0).u32(3))))))
        .array(),
    Bytes.empty()
        .message(
            28,
            0,
            4,
            Bytes.empty()
                .u8(2, 0)
                .u16(0)
                .u32(3)
                .u16(2)
                .u8(0, 1)
                .attribute(2, Bytes.empty().u8(2, 0, 0, 0, 0, 9)))
        .array()
  };

  @Test
  void mutatedMessages() {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    Random random = new Random(seed);
    int[] decoded = new int[1];
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (int i = 0; i < ROUNDS; i++) {
            decoded[0] += decode(mutated(random)) ? 1 : 0;
          }
        },
        "repeat with -Dfuzz.seed=" + seed);
    // Neither side is empty: mutations that break nothing must still decode.
    assertThat(decoded[0]).as("seed %s", seed).isBetween(ROUNDS / 100, ROUNDS * 99 / 100);
  }

  /** The target, for any fuzzer: whether every message of the datagram decodes. */
  static boolean decode(byte[] datagram) {
    boolean good = true;
    try {
      ByteBuffer in = ByteBuffer.wrap(datagram).order(ByteOrder.LITTLE_ENDIAN);
      for (NetlinkMessage message : NetlinkMessage.parse(in)) {
        good &=
            switch (message.type()) {
              case NetlinkMessage.NLMSG_ERROR -> decodes(() -> KernelError.decode(message));
              case Route.RTM_NEWROUTE -> decodes(() -> Route.decode(message.payload()));
              case Link.RTM_NEWLINK -> decodes(() -> Link.decode(message.payload()));
              case Neighbour.RTM_NEWNEIGH -> decodes(() -> Neighbour.decode(message.payload()));
              default -> true;
            };
      }
      return good;
    } catch (NetlinkFormatException expected) {
      return false;
    }
  }

  @FunctionalInterface
  private interface Decoder {
    Object decode() throws NetlinkFormatException;
  }

  private static boolean decodes(Decoder decoder) {
    try {
      return decoder.decode() != null;
    } catch (NetlinkFormatException expected) {
      return false;
    }
  }

  private static byte[] mutated(Random random) {
    byte[] bytes = SEEDS[random.nextInt(SEEDS.length)].clone();
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] =
          random.nextBoolean() ? (byte) random.nextInt() : (byte) random.nextInt(8);
    }
    return random.nextInt(8) == 0
        ? java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1))
        : bytes;
  }
}
