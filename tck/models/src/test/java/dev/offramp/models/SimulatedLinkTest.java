package dev.offramp.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The small TCP is right with the right numbers, and dies with wrong ones. */
@Timeout(120)
class SimulatedLinkTest {
  private static final int MUCH = 1 << 20;

  private final ModelClock clock = new ModelClock();
  private final ModelLoop loop = new ModelLoop("link", clock);
  private final SimulatedLink link = new SimulatedLink(loop, clock);

  @AfterEach
  void close() {
    assertThat(loop.failures()).isEmpty();
    loop.close();
  }

  static Stream<SimulatedConnection.Builder> kinds(SimulatedLink link) {
    return Stream.of(
        SimulatedConnection.builder(link),
        SimulatedConnection.builder(link).ipv6().ports(1, 65535),
        SimulatedConnection.builder(link).ports(2, 2).vlan(new VlanTag(5, 3, false)),
        SimulatedConnection.builder(link).ports(3, 3).timestamps().windowScales(0, 0),
        SimulatedConnection.builder(link).ports(4, 4).windowScales(14, 0).mssBytes(536),
        SimulatedConnection.builder(link).ports(5, 5).windows(3000, 100));
  }

  @Test
  void bytesFlowBothWaysAfterATakeOver() throws Exception {
    for (SimulatedConnection.Builder builder : kinds(link).toList()) {
      SimulatedConnection connection = builder.build();
      StreamPort nic = takeOver(connection, d -> d);
      exchange(nic, connection.peer());
      exchange(connection.peer(), nic);
    }
  }

  /** Whether the segments or the acknowledgement were lost, the peer gets each byte once. */
  @Test
  void theQueuesTravel() throws Exception {
    for (boolean lost : new boolean[] {true, false}) {
      byte[] sent = bytes(5000, 1);
      byte[] unsent = bytes(3000, 2);
      byte[] unread = bytes(700, 3);
      SimulatedConnection connection =
          SimulatedConnection.builder(link)
              .ports(lost ? 10 : 11, 10)
              .unacknowledged(sent, lost)
              .unsent(unsent)
              .unread(unread)
              .build();
      StreamPort nic = takeOver(connection, d -> d);
      assertThat(read(connection.peer(), 8000)).isEqualTo(concat(sent, unsent));
      assertThat(read(nic, 700)).isEqualTo(unread);
      exchange(nic, connection.peer());
    }
  }

  @Test
  void finAndRstArrive() throws Exception {
    SimulatedConnection one = SimulatedConnection.builder(link).build();
    StreamPort nic = takeOver(one, d -> d);
    write(nic, bytes(10, 1));
    nic.shutdownOutput();
    assertThat(read(one.peer(), 10)).hasSize(10);
    assertThat(one.peer().read(new ByteBuffer[] {ByteBuffer.allocate(1)}, 0, 1)).isEqualTo(-1);
    one.peer().close();
    assertThat(nic.read(new ByteBuffer[] {ByteBuffer.allocate(1)}, 0, 1)).isEqualTo(-1);
    nic.close();

    SimulatedConnection two = SimulatedConnection.builder(link).ports(20, 20).build();
    StreamPort reset = takeOver(two, d -> d);
    reset.reset();
    assertThat(causeOfDeath(two.peer())).isEqualTo(StreamPort.Failure.RESET);
  }

  /** What the peer sends before anybody owns the 4-tuple is sent again, not lost. */
  @Test
  void whatComesDuringTheMoveComesAgain() throws Exception {
    SimulatedConnection connection = SimulatedConnection.builder(link).build();
    byte[] early = bytes(4000, 4);
    write(connection.peer(), early);
    IwarpConnectionDescriptor d = connection.descriptor();
    Link.Claim claim =
        link.claim(
            d.value(DescriptorFields.LOCAL_ADDRESS), d.value(DescriptorFields.REMOTE_ADDRESS));
    PreparedStream prepared = claim.install(d);
    // As long as any move may take: the peer must not give up while nobody answers.
    clock.jump(TimeUnit.MINUTES.toNanos(10));
    loop.run(() -> {});
    StreamPort nic = prepared.activate();
    assertThat(read(nic, 4000)).isEqualTo(early);
  }

  @Test
  void aConnectionGoesBackToTheHost() throws Exception {
    SimulatedConnection connection = SimulatedConnection.builder(link).build();
    IwarpConnectionDescriptor d = connection.descriptor();
    Link.Claim claim =
        link.claim(
            d.value(DescriptorFields.LOCAL_ADDRESS), d.value(DescriptorFields.REMOTE_ADDRESS));
    StreamPort nic = claim.install(d).activate();
    exchange(nic, connection.peer());
    exchange(connection.peer(), nic);
    write(connection.peer(), bytes(300, 7));

    try (Departure tried = claim.stop()) {
      assertThat(tried.descriptor().value(DescriptorFields.UNREAD).length()).isEqualTo(300);
    }
    assertThat(read(nic, 100)).isEqualTo(Arrays.copyOf(bytes(300, 7), 100));

    Departure departure = claim.stop();
    assertThatThrownBy(claim::stop).isInstanceOf(TransferException.class);
    write(connection.peer(), bytes(400, 8));
    IwarpConnectionDescriptor back = departure.descriptor();
    assertThat(back.value(DescriptorFields.SND_UNA))
        .isEqualTo(d.value(DescriptorFields.SND_UNA) + MUCH & 0xFFFF_FFFFL);
    assertThatThrownBy(() -> connection.resumeAtHost(back))
        .isInstanceOf(IllegalStateException.class);
    departure.release();
    assertThatThrownBy(departure::resume).isInstanceOf(IllegalStateException.class);
    claim.close();
    claim.close();
    assertThat(link.claimCount()).isZero();
    StreamPort host = connection.resumeAtHost(back);
    assertThat(read(host, 600))
        .isEqualTo(concat(Arrays.copyOfRange(bytes(300, 7), 100, 300), bytes(400, 8)));
    exchange(host, connection.peer());
  }

  @Test
  void aClaimIsExclusive() throws Exception {
    InetSocketAddress one = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    InetSocketAddress two = new InetSocketAddress(InetAddress.getLoopbackAddress(), 2);
    Link.Claim claim = link.claim(one, two);
    assertThatThrownBy(() -> link.claim(one, two))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("claimed already");
    assertThat(link.claimCount()).isOne();
    claim.close();
    link.claim(one, two).close();
  }

  @Test
  void anAbandonedStreamSaysNothing() throws Exception {
    SimulatedConnection connection = SimulatedConnection.builder(link).build();
    IwarpConnectionDescriptor d = connection.descriptor();
    long before = link.segmentCount();
    Link.Claim claim =
        link.claim(
            d.value(DescriptorFields.LOCAL_ADDRESS), d.value(DescriptorFields.REMOTE_ADDRESS));
    PreparedStream first = claim.install(d);
    first.abandon();
    first.abandon();
    assertThatThrownBy(first::activate).isInstanceOf(IllegalStateException.class);
    assertThat(link.segmentCount()).isEqualTo(before);
    StreamPort second = claim.install(d).activate();
    exchange(second, connection.peer());
  }

  @Test
  void whatTcpCannotDoWithoutIsRefused() throws Exception {
    SimulatedConnection connection = SimulatedConnection.builder(link).build();
    IwarpConnectionDescriptor d = connection.descriptor();
    Link.Claim claim =
        link.claim(
            d.value(DescriptorFields.LOCAL_ADDRESS), d.value(DescriptorFields.REMOTE_ADDRESS));
    IwarpConnectionDescriptor cut =
        d.toBuilder().absent(DescriptorFields.RCV_NXT, "the test wants it").build();
    assertThatThrownBy(() -> claim.install(cut))
        .isInstanceOfSatisfying(
            TransferException.class,
            e ->
                assertThat(e.refusals().getFirst().reason()).isEqualTo(RefusalReason.FIELD_ABSENT));
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        wrong("snd_una and snd_nxt, 1 more", b -> shiftSend(b, 1)),
        wrong("snd_una and snd_nxt, 1 less", b -> shiftSend(b, -1)),
        wrong("snd_una and snd_nxt, a bit flipped", b -> shiftSend(b, 1 << 30)),
        wrong("rcv_nxt, 1 more", b -> shiftReceive(b, 1)),
        wrong("rcv_nxt, 1 less", b -> shiftReceive(b, -1)),
        wrong("rcv_nxt, far", b -> shiftReceive(b, 1 << 31)),
        wrong(
            "local port",
            d ->
                d.toBuilder()
                    .present(
                        DescriptorFields.LOCAL_ADDRESS,
                        port(d.value(DescriptorFields.LOCAL_ADDRESS), 1),
                        "wrong")
                    .build()),
        wrong(
            "remote port",
            d ->
                d.toBuilder()
                    .present(
                        DescriptorFields.REMOTE_ADDRESS,
                        port(d.value(DescriptorFields.REMOTE_ADDRESS), 1),
                        "wrong")
                    .build()),
        wrong(
            "MAC of the next hop",
            d ->
                d.toBuilder()
                    .present(DescriptorFields.NEXT_HOP_MAC, new MacAddress(1), "wrong")
                    .build()),
        wrong(
            "VLAN",
            d ->
                d.toBuilder()
                    .present(DescriptorFields.VLAN_TAG, new VlanTag(1, 0, false), "wrong")
                    .build()),
        wrong(
            "timestamps",
            d ->
                d.toBuilder()
                    .present(DescriptorFields.TIMESTAMPS, true, "wrong")
                    .present(DescriptorFields.TIMESTAMP_NOW, 1L, "wrong")
                    .build()),
        wrong(
            "MSS",
            d -> d.toBuilder().present(DescriptorFields.SEND_MSS_BYTES, 8948, "wrong").build()));
  }

  /** Some wrong numbers let one direction live: together both do not. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("wrong")
  void whatIsToldWronglyBreaksTheConnection(
      String what, UnaryOperator<IwarpConnectionDescriptor> change) throws Exception {
    SimulatedConnection connection = SimulatedConnection.builder(link).build();
    StreamPort nic = takeOver(connection, change);
    byte[] outbound = bytes(20_000, 11);
    byte[] inbound = bytes(20_000, 12);
    write(nic, outbound);
    write(connection.peer(), inbound);
    boolean out = arrivesWithin(connection.peer(), outbound);
    boolean in = arrivesWithin(nic, inbound);
    assertThat(out && in).as(what).isFalse();
  }

  /** A window that is scaled too small stalls; one that is scaled too large overruns the peer. */
  @Test
  void aWrongScaleCannotKeepItsPromises() throws Exception {
    SimulatedConnection connection =
        SimulatedConnection.builder(link).windowScales(7, 2).windows(65_536, 65_536).build();
    StreamPort nic =
        takeOver(
            connection,
            d -> d.toBuilder().present(DescriptorFields.SEND_WINDOW_SCALE, 0, "wrong").build());
    long before = link.segmentCount();
    write(nic, bytes(60_000, 1));
    read(connection.peer(), 60_000);
    long wrong = link.segmentCount() - before;
    SimulatedConnection good =
        SimulatedConnection.builder(link)
            .ports(9, 9)
            .windowScales(7, 2)
            .windows(65_536, 65_536)
            .build();
    StreamPort right = takeOver(good, d -> d);
    before = link.segmentCount();
    write(right, bytes(60_000, 1));
    read(good.peer(), 60_000);
    assertThat(wrong).isGreaterThan(link.segmentCount() - before);
  }

  private static Arguments wrong(String what, UnaryOperator<IwarpConnectionDescriptor> change) {
    return Arguments.of(what, change);
  }

  private static InetSocketAddress port(InetSocketAddress address, int change) {
    return new InetSocketAddress(address.getAddress(), address.getPort() ^ change);
  }

  private static IwarpConnectionDescriptor shiftSend(IwarpConnectionDescriptor d, int by) {
    long wrong = d.value(DescriptorFields.SND_UNA) + by & 0xFFFF_FFFFL;
    return d.toBuilder()
        .present(DescriptorFields.SND_UNA, wrong, "wrong")
        .present(DescriptorFields.SND_NXT, wrong, "wrong")
        .present(DescriptorFields.SND_MAX, wrong, "wrong")
        .build();
  }

  private static IwarpConnectionDescriptor shiftReceive(IwarpConnectionDescriptor d, int by) {
    long wrong = d.value(DescriptorFields.RCV_NXT) + by & 0xFFFF_FFFFL;
    return d.toBuilder()
        .present(DescriptorFields.RCV_NXT, wrong, "wrong")
        .present(DescriptorFields.RCV_WUP, wrong, "wrong")
        .build();
  }

  private StreamPort takeOver(
      SimulatedConnection connection, UnaryOperator<IwarpConnectionDescriptor> decode)
      throws Exception {
    IwarpConnectionDescriptor d = connection.descriptor();
    Link.Claim claim =
        link.claim(
            d.value(DescriptorFields.LOCAL_ADDRESS), d.value(DescriptorFields.REMOTE_ADDRESS));
    return claim.install(decode.apply(d)).activate();
  }

  private static void exchange(StreamPort from, StreamPort to) throws IOException {
    byte[] sent = bytes(MUCH, 5);
    byte[] got = new byte[MUCH];
    ByteBuffer out = ByteBuffer.wrap(sent);
    ByteBuffer in = ByteBuffer.wrap(got);
    while (in.hasRemaining()) {
      from.write(new ByteBuffer[] {out}, 0, 1);
      if (to.read(new ByteBuffer[] {in}, 0, 1) == 0) {
        LockSupport.parkNanos(1000);
      }
    }
    assertThat(got).isEqualTo(sent);
  }

  private static void write(StreamPort port, byte[] bytes) throws IOException {
    ByteBuffer out = ByteBuffer.wrap(bytes);
    assertThat(port.write(new ByteBuffer[] {out}, 0, 1)).isEqualTo(bytes.length);
  }

  private static byte[] read(StreamPort port, int count) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(count);
    while (in.hasRemaining()) {
      if (port.read(new ByteBuffer[] {in}, 0, 1) == 0) {
        LockSupport.parkNanos(1000);
      }
    }
    return in.array();
  }

  /** Until it is there, or wrong, or either end has died. */
  private boolean arrivesWithin(StreamPort port, byte[] expected) {
    ByteBuffer in = ByteBuffer.allocate(expected.length);
    for (int idle = 0; in.hasRemaining() && idle < 200; idle++) {
      try {
        if (port.read(new ByteBuffer[] {in}, 0, 1) > 0) {
          idle = 0;
        } else {
          clock.jump(TimeUnit.MILLISECONDS.toNanos(10));
          loop.run(() -> {});
        }
      } catch (IOException e) {
        return false;
      }
    }
    return Arrays.equals(in.array(), expected);
  }

  private static StreamPort.Failure causeOfDeath(StreamPort port) {
    try {
      port.read(new ByteBuffer[] {ByteBuffer.allocate(1)}, 0, 1);
      throw new AssertionError("it lives");
    } catch (IOException e) {
      return port.causeOf(e);
    }
  }

  private static byte[] bytes(int count, long seed) {
    byte[] bytes = new byte[count];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] concat(byte[] one, byte[] two) {
    return ByteBuffer.allocate(one.length + two.length).put(one).put(two).array();
  }
}
