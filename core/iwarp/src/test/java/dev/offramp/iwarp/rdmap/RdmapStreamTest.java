package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two engines talk to each other. */
final class RdmapStreamTest {
  private static final Set<Access> ALL = EnumSet.allOf(Access.class);
  private static final int MEMORY_BYTES = 300_000;
  private static final int NEAR_WRAP = -3;

  private final Arena arena = Arena.ofAuto();

  private Region region(Pair pair, int domain, long size) {
    return pair.memory.register(domain, arena.allocate(size, 8), 0x1000_0000L, ALL);
  }

  private static LocalBuffers buffers(Region region, long offset, long length) {
    return new LocalBuffers(4).add(region, offset, length);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
  @Rows({4, 11, 12, 14, 15, 23, 74, 77, 78, 79, 80, 81, 83, 85, 101, 102, 104, 105, 109, 111, 113})
  void movesSendsWritesAndReadsBothWaysInEveryFraming(int mode) {
    Seeds.forAll(6, random -> exchange(random, mode));
  }

  private void exchange(RandomGenerator random, int mode) {
    boolean crc = (mode & 1) != 0;
    boolean markersOut = (mode & 2) != 0;
    boolean markersBack = (mode & 4) != 0;
    boolean small = (mode & 8) != 0;
    StreamPosition start =
        new StreamPosition(
            NEAR_WRAP,
            NEAR_WRAP,
            NEAR_WRAP,
            NEAR_WRAP,
            OptionalInt.of(NEAR_WRAP),
            NEAR_WRAP,
            0,
            0,
            false);
    int emss = small ? 100 + random.nextInt(1400) : 1460 + random.nextInt(64_000);
    Pair pair =
        new Pair(
            random,
            random.nextBoolean() ? 3 : 1460,
            b ->
                b.crc(crc)
                    .markers(markersOut, markersBack)
                    .emss(emss)
                    .start(start)
                    .readDepths(4, 3),
            b ->
                b.crc(crc)
                    .markers(markersBack, markersOut)
                    .emss(emss)
                    .start(start)
                    .readDepths(3, 4));
    Traffic first = new Traffic(pair, pair.initiator, pair.responder, 1, 2, random);
    Traffic second = new Traffic(pair, pair.responder, pair.initiator, 2, 1, random);
    for (int i = 0; i < 12; i++) {
      first.postSomething();
      second.postSomething();
      if (random.nextBoolean()) {
        pair.run();
      }
    }
    pair.run();
    first.check();
    second.check();
    assertThat(pair.initiator.stream.isQuiet()).isTrue();
    assertThat(pair.responder.stream.isQuiet()).isTrue();
    assertThat(pair.initiator.stream.position().sentOctets())
        .isEqualTo(pair.responder.stream.position().receivedOctets());
  }

  /** One direction's requests, and what has to come of them. */
  private final class Traffic {
    private final Pair.Peer from;
    private final Pair.Peer to;
    private final RandomGenerator random;
    private final Region local;
    private final Region remote;
    private final Region inbox;
    private final Queue<Runnable> checks = new ArrayDeque<>();
    private final Queue<byte[]> messages = new ArrayDeque<>();
    private long used;
    private long inboxUsed;
    private long nextId = 1;

    Traffic(
        Pair pair,
        Pair.Peer from,
        Pair.Peer to,
        int domain,
        int peerDomain,
        RandomGenerator random) {
      this.from = from;
      this.to = to;
      this.random = random;
      local = region(pair, domain, MEMORY_BYTES);
      remote = region(pair, peerDomain, MEMORY_BYTES);
      inbox = region(pair, peerDomain, MEMORY_BYTES);
      fill(local);
      fill(remote);
    }

    private void fill(Region region) {
      MemorySegment.copy(
          Seeds.bytes(random, MEMORY_BYTES),
          0,
          region.segment(),
          ValueLayout.JAVA_BYTE,
          0,
          MEMORY_BYTES);
    }

    void postSomething() {
      int length = random.nextInt(5) == 0 ? 0 : random.nextInt(20_000);
      long at = used;
      used += length;
      long id = nextId++;
      switch (random.nextInt(3)) {
        case 0 -> send(id, at, length);
        case 1 -> {
          byte[] expected = bytes(local, at, length);
          assertThat(
                  from.stream.postWrite(
                      id, split(local, at, length), remote.stag(), remote.taggedOffset() + at))
              .isEqualTo(Posted.ACCEPTED);
          checks.add(() -> assertThat(bytes(remote, at, length)).isEqualTo(expected));
        }
        default -> {
          byte[] expected = bytes(remote, at, length);
          assertThat(
                  from.stream.postRead(
                      id, local, at, length, remote.stag(), remote.taggedOffset() + at))
              .isEqualTo(Posted.ACCEPTED);
          checks.add(() -> assertThat(bytes(local, at, length)).isEqualTo(expected));
        }
      }
    }

    private void send(long id, long at, int length) {
      long inboxAt = inboxUsed;
      inboxUsed += length;
      assertThat(to.stream.postReceive(id, split(inbox, inboxAt, length)))
          .isEqualTo(Posted.ACCEPTED);
      assertThat(from.stream.postSend(id, split(local, at, length), random.nextBoolean(), false, 0))
          .isEqualTo(Posted.ACCEPTED);
      byte[] expected = bytes(local, at, length);
      messages.add(expected);
      checks.add(() -> assertThat(bytes(inbox, inboxAt, length)).isEqualTo(expected));
    }

    private LocalBuffers split(Region region, long at, int length) {
      int cut = length == 0 ? 0 : random.nextInt(length + 1);
      return new LocalBuffers(4).add(region, at, cut).add(region, at + cut, length - cut);
    }

    void check() {
      checks.forEach(Runnable::run);
      assertThat(from.log.others()).hasSize((int) nextId - 1);
      assertThat(from.log.others()).allMatch(Completion::isSuccess);
      assertThat(from.log.others().stream().map(Completion::id)).isSorted();
      List<Completion> received = to.log.receives();
      assertThat(received.stream().map(Completion::bytes).toList())
          .isEqualTo(messages.stream().map(m -> (long) m.length).toList());
    }

    private static byte[] bytes(Region region, long at, int length) {
      return region.segment().asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Rows(39)
  void aResponderIsSilentUntilItHasHeardTheInitiator(boolean markers) {
    Pair pair = new Pair(new SplittableRandom(1), 100, b -> b.markers(markers, markers));
    Region out = region(pair, Pair.RESPONDER_DOMAIN, 100);
    Region in = region(pair, Pair.INITIATOR_DOMAIN, 100);
    pair.initiator.stream.postReceive(1, buffers(in, 0, 100));
    pair.responder.stream.postSend(1, buffers(out, 0, 100), false, false, 0);
    pair.run();
    assertThat(pair.responder.sent.size()).isZero();

    pair.initiator.stream.postWrite(2, new LocalBuffers(1), 0, 0);
    pair.run();
    assertThat(pair.initiator.log.receives()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(RtrKind.class)
  @Rows({51, 66, 103})
  void theReadyToReceiveIndicationComesFirstAndNobodySeesIt(RtrKind rtr) {
    Pair pair = new Pair(new SplittableRandom(1), 100, b -> b.rtr(rtr));
    Region out = region(pair, Pair.RESPONDER_DOMAIN, 100);
    Region in = region(pair, Pair.INITIATOR_DOMAIN, 200);
    Region inbox = region(pair, Pair.RESPONDER_DOMAIN, 100);
    byte[] first = pair.initiator.take(new SplittableRandom(1), pair.nowNanos);
    // Of zero length, and of the kind that was agreed.
    assertThat(Wire.ulpdus(first))
        .isEqualTo(
            switch (rtr) {
              case NONE -> List.of();
              case SEND -> List.of(Wire.send(1, 0, ""));
              case WRITE -> List.of(Wire.write(0, 0, ""));
              case READ -> List.of(Wire.readRequest(1, 0, 0, 0, 0, 0));
            });
    pair.responder.stream.receive(ByteBuffer.wrap(first));
    pair.initiator.stream.postReceive(1, buffers(in, 0, 100));
    pair.responder.stream.postReceive(3, buffers(inbox, 0, 100));
    pair.responder.stream.postSend(2, buffers(out, 0, 100), false, false, 0);
    pair.run();
    assertThat(pair.initiator.log.receives()).hasSize(rtr == RtrKind.NONE ? 0 : 1);
    assertThat(pair.initiator.log.others()).isEmpty();
    assertThat(pair.responder.log.receives()).isEmpty();
    assertThat(pair.initiator.stream.isQuiet()).isTrue();

    pair.initiator.stream.postSend(4, buffers(in, 100, 60), false, false, 0);
    pair.run();
    assertThat(pair.responder.log.receives()).hasSize(1);
    assertThat(pair.initiator.stream.end()).isEmpty();
    assertThat(pair.responder.stream.end()).isEmpty();
  }

  /** Posted before anything was sent: the indication goes before it all the same. */
  @ParameterizedTest
  @EnumSource(RtrKind.class)
  @Rows(51)
  void nothingThatIsPostedGoesBeforeTheIndication(RtrKind rtr) {
    Pair pair = new Pair(new SplittableRandom(1), 100, b -> b.rtr(rtr));
    pair.initiator.stream.postSend(1, new LocalBuffers(1), true, false, 0);
    List<String> sent = Wire.ulpdus(Wire.take(pair.initiator.stream));
    assertThat(sent).hasSize(rtr == RtrKind.NONE ? 1 : 2);
    assertThat(sent.getLast()).startsWith("4145");
    assertThat(sent.subList(0, sent.size() - 1)).noneMatch(u -> u.startsWith("4145"));
  }

  @Test
  @Rows({46, 88})
  void anOrderlyCloseFinishesWhatIsPosted() {
    Pair pair = new Pair(new SplittableRandom(1), 100, b -> b);
    Region out = region(pair, Pair.INITIATOR_DOMAIN, 10_000);
    Region in = region(pair, Pair.RESPONDER_DOMAIN, 10_000);
    pair.responder.stream.postReceive(1, buffers(in, 0, 10_000));
    pair.responder.stream.postReceive(2, buffers(in, 0, 10_000));
    pair.initiator.stream.postSend(3, buffers(out, 0, 10_000), false, false, 0);
    pair.initiator.stream.closeRequested();
    assertThat(pair.initiator.stream.postSend(4, buffers(out, 0, 1), false, false, 0))
        .isEqualTo(Posted.STREAM_ENDED);
    pair.run();
    pair.responder.poll();
    pair.initiator.poll();
    assertThat(pair.responder.stream.end()).contains(new StreamEnd.ClosedByPeer());
    assertThat(pair.initiator.stream.end()).contains(new StreamEnd.ClosedLocally());
    assertThat(pair.responder.log.receives().stream().map(Completion::status))
        .containsExactly(CompletionStatus.SUCCESS, CompletionStatus.FLUSHED);
  }

  @Test
  @Rows({107, 95})
  void aSendWithInvalidateRevokesTheStagBeforeDelivery() {
    Pair pair = new Pair(new SplittableRandom(1), 100, b -> b);
    Region target = region(pair, Pair.RESPONDER_DOMAIN, 100);
    Region in = region(pair, Pair.RESPONDER_DOMAIN, 100);
    pair.responder.stream.postReceive(1, buffers(in, 0, 100));
    pair.initiator.stream.postSend(2, new LocalBuffers(1), true, true, target.stag());
    pair.run();
    Completion received = pair.responder.log.receives().getFirst();
    assertThat(received.invalidatedStag()).hasValue(target.stag());
    assertThat(received.solicited()).isTrue();
    assertThat(target.isValid()).isFalse();
  }

  @Test
  @Rows({120, 121, 122, 123, 125})
  void atomicsAndImmediateDataWork() {
    Pair pair = new Pair(new SplittableRandom(1), 100, b -> b.extensions(true, true));
    Region word = region(pair, Pair.RESPONDER_DOMAIN, 8);
    Region result = region(pair, Pair.INITIATOR_DOMAIN, 16);
    Region in = region(pair, Pair.RESPONDER_DOMAIN, 8);
    word.segment().set(ValueLayout.JAVA_LONG, 0, 40);
    pair.responder.stream.postReceive(1, buffers(in, 0, 8));
    pair.initiator.stream.postFetchAdd(1, result, 0, word.stag(), word.taggedOffset(), 2, 0);
    pair.initiator.stream.postCompareSwap(
        2, result, 8, word.stag(), word.taggedOffset(), 42, -1, 99, 0xFF);
    pair.initiator.stream.postImmediate(3, 0x0102030405060708L, true);
    pair.run();
    assertThat(result.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(40);
    assertThat(result.segment().get(ValueLayout.JAVA_LONG, 8)).isEqualTo(42);
    assertThat(word.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(99);
    Completion received = pair.responder.log.receives().getFirst();
    assertThat(received.immediate()).hasValue(0x0102030405060708L);
    assertThat(received.solicited()).isTrue();
    assertThat(pair.initiator.log.others().stream().map(Completion::operation))
        .containsExactly(Operation.FETCH_ADD, Operation.COMPARE_SWAP, Operation.IMMEDIATE);
  }

  @Test
  void aLocalInvalidateWaitsForEarlierWork() {
    Pair pair = new Pair(new SplittableRandom(1), 100, b -> b);
    Region sink = region(pair, Pair.INITIATOR_DOMAIN, 5_000);
    Region source = region(pair, Pair.RESPONDER_DOMAIN, 5_000);
    pair.initiator.stream.postRead(1, sink, 0, 5_000, source.stag(), source.taggedOffset());
    pair.initiator.stream.postLocalInvalidate(2, sink.stag());
    pair.initiator.stream.postSend(3, buffers(sink, 0, 10), false, false, 0);
    pair.run();
    pair.initiator.poll();
    assertThat(pair.initiator.log.others().stream().map(Completion::status))
        .containsExactly(
            CompletionStatus.SUCCESS, CompletionStatus.SUCCESS, CompletionStatus.INVALID_REGION);
  }

  @Test
  void theFirstFpduCanBeHeldBack() {
    Pair pair = new Pair(new SplittableRandom(1), 100, b -> b.firstFpduNotBeforeNanos(50_000_000));
    pair.initiator.stream.postWrite(1, new LocalBuffers(1), 0, 0);
    assertThat(pair.initiator.stream.pollTransmit(49_999_999).isEmpty()).isTrue();
    assertThat(pair.initiator.stream.nextDeadlineNanos()).isEqualTo(50_000_000);
    assertThat(pair.initiator.stream.pollTransmit(50_000_000).isEmpty()).isFalse();
    assertThat(pair.initiator.stream.nextDeadlineNanos()).isEqualTo(RdmapStream.NO_DEADLINE);
  }
}
