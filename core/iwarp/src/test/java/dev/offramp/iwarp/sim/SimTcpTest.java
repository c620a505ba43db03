package dev.offramp.iwarp.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.iwarp.Seeds;
import java.io.ByteArrayOutputStream;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The model of TCP is a TCP: whatever the network does, octets arrive once and in order. */
final class SimTcpTest {
  private static final int BYTES = 20_000;

  @Test
  void octetsArriveOnceAndInOrderAndThenTheFin() {
    Seeds.forAll(
        300,
        random -> {
          Events events = new Events();
          SimTcp tcp = new SimTcp(network(random), events, random);
          byte[] sent = Seeds.bytes(random, BYTES);
          Writer writer = new Writer(tcp.first(), sent);
          ByteArrayOutputStream got = new ByteArrayOutputStream();
          tcp.second().onWake(() -> read(tcp.second(), got, random));
          tcp.first().onWake(writer::go);
          writer.go();
          while (events.runNext() || tcp.second().available() > 0) {
            read(tcp.second(), got, random);
          }
          assertThat(got.toByteArray()).isEqualTo(sent);
          assertThat(tcp.second().isAtEnd()).isTrue();
        });
  }

  @Test
  void aResetReachesTheOtherEnd() {
    Seeds.forAll(
        50,
        random -> {
          Events events = new Events();
          SimTcp tcp = new SimTcp(network(random), events, random);
          tcp.first().write(new byte[100]);
          tcp.first().abort();
          while (events.runNext()) {
            assertThat(tcp.first().room()).isZero();
          }
          assertThat(tcp.second().isReset()).isTrue();
          assertThat(tcp.second().available()).isZero();
        });
  }

  private static SimTcp.Network network(RandomGenerator random) {
    return new SimTcp.Network(
        random.nextInt(50),
        random.nextInt(50),
        1 + random.nextInt(5_000_000),
        1 + random.nextInt(3_000),
        100 + random.nextInt(5_000),
        100 + random.nextInt(5_000));
  }

  private static void read(SimTcp.End end, ByteArrayOutputStream into, RandomGenerator random) {
    if (end.available() > 0) {
      into.writeBytes(end.read(1 + random.nextInt(end.available())));
    }
  }

  /** Writes as long as there is room, and then closes. */
  private static final class Writer {
    private final SimTcp.End end;
    private final byte[] bytes;
    private int done;

    Writer(SimTcp.End end, byte[] bytes) {
      this.end = end;
      this.bytes = bytes;
    }

    void go() {
      while (done < bytes.length) {
        int count = Math.min(end.room(), bytes.length - done);
        if (count == 0) {
          return;
        }
        end.write(java.util.Arrays.copyOfRange(bytes, done, done + count));
        done += count;
        if (done == bytes.length) {
          end.closeOutput();
        }
      }
    }
  }
}
