package dev.offramp.runtime.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Contents of memory arrive whole, or not at all and with a type; and what was there is freed. */
class MemoryReceiverTest {
  private static final int ROUNDS = 1_000;

  /** What a sender says. */
  private static List<SecureLink.Message> said(MemorySender sender) throws Exception {
    List<SecureLink.Message> said = new ArrayList<>();
    sender.send((type, payload) -> {
      ByteBuffer copy = ByteBuffer.allocate(payload.remaining()).put(payload).flip();
      said.add(new SecureLink.Message(type, copy));
    });
    return said;
  }

  private static MemoryReceiver.Source source(List<SecureLink.Message> said) {
    Iterator<SecureLink.Message> next = said.iterator();
    return () -> {
      if (!next.hasNext()) {
        throw new MigrationException(Reason.CLOSED, "no more");
      }
      SecureLink.Message message = next.next();
      return new SecureLink.Message(message.type(), message.payload().duplicate());
    };
  }

  private static Reason refused(MemoryReceiver receiver, List<SecureLink.Message> said) {
    MigrationException e =
        catchThrowableOfType(MigrationException.class, () -> receiver.fill(source(said)));
    receiver.discard();
    return e.reason();
  }

  @Test
  void everyRegionArrivesAsItWasAndSharesWhatItShared() throws Exception {
    long seed = Long.getLong("offramp.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < ROUNDS; round++) {
      try (Arena arena = Arena.ofConfined()) {
        Regions regions = Regions.random(random, arena);
        MemorySender sender = new MemorySender(regions.memory());
        MemoryReceiver receiver = MemoryReceiver.allocate(sender.plan(), regions.described());
        receiver.fill(source(said(sender)));
        assertSame(receiver.regions(), regions, seed);
        assertFreedWithTheLastOfEachArea(receiver, sender.plan(), seed);
      }
    }
  }

  private static void assertSame(Map<Integer, MemorySegment> there, Regions here, long seed) {
    assertThat(there.keySet()).as("seed %d", seed).isEqualTo(here.memory().keySet());
    there.forEach((stag, segment) ->
        assertThat(segment.mismatch(Regions.of(here.memory(), stag)))
            .as("seed %d, STag %08x", seed, stag)
            .isEqualTo(-1));
    // What is written by one STag is read by all that share it.
    there.forEach((stag, segment) -> {
      if (segment.byteSize() > 0) {
        MemorySegment before = Regions.of(here.memory(), stag);
        byte next = (byte) (before.get(ValueLayout.JAVA_BYTE, 0) + 1);
        before.set(ValueLayout.JAVA_BYTE, 0, next);
        segment.set(ValueLayout.JAVA_BYTE, 0, next);
      }
    });
    there.forEach((stag, segment) ->
        assertThat(segment.mismatch(Regions.of(here.memory(), stag)))
            .as("seed %d, STag %08x after a change", seed, stag)
            .isEqualTo(-1));
  }

  private static void assertFreedWithTheLastOfEachArea(
      MemoryReceiver receiver, MemoryPlan plan, long seed) {
    List<MemoryPlan.Placement> left = new ArrayList<>(plan.placements());
    while (!left.isEmpty()) {
      MemoryPlan.Placement gone = left.removeFirst();
      MemorySegment segment = Regions.of(receiver.regions(), gone.stag());
      receiver.released(gone.stag());
      boolean used = left.stream().anyMatch(other -> other.area() == gone.area());
      assertThat(segment.scope().isAlive()).as("seed %d, %s", seed, gone).isEqualTo(used);
    }
    receiver.discard();
  }

  /** Left out, said twice, in another order, altered in its head, cut, longer, or nothing in it. */
  @Test
  void whateverIsNotTheNextPieceIsRefused() throws Exception {
    long seed = Long.getLong("offramp.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    Set<Reason> seen = new HashSet<>();
    for (int round = 0; round < ROUNDS; round++) {
      try (Arena arena = Arena.ofConfined()) {
        Regions regions = Regions.random(random, arena);
        MemorySender sender = new MemorySender(regions.memory());
        List<SecureLink.Message> said = said(sender);
        if (said.size() < 2) {
          continue;
        }
        String how = mutate(said, random);
        Reason reason = refused(MemoryReceiver.allocate(sender.plan(), regions.described()), said);
        assertThat(reason)
            .as("seed %d, %s", seed, how)
            .isIn(Reason.PROTOCOL, Reason.TRUNCATED, Reason.CLOSED);
        seen.add(reason);
      }
    }
    assertThat(seen).containsExactlyInAnyOrder(Reason.PROTOCOL, Reason.TRUNCATED, Reason.CLOSED);
  }

  private static String mutate(List<SecureLink.Message> said, SplittableRandom random) {
    int at = random.nextInt(said.size() - 1);
    SecureLink.Message piece = said.get(at);
    return switch (random.nextInt(6)) {
      case 0 -> {
        said.remove(at);
        yield "without " + at;
      }
      case 1 -> {
        said.add(at, piece);
        yield at + " twice";
      }
      case 2 -> {
        said.remove(at);
        said.add(said.size() - 1, piece);
        // The last piece stays where it was: it is said with another head.
        yield at == said.size() - 2 ? altered(said, at, random) : at + " last";
      }
      case 3 -> altered(said, at, random);
      case 4 -> {
        int length = random.nextInt(piece.payload().limit());
        said.set(at, new SecureLink.Message(piece.type(), piece.payload().slice(0, length)));
        yield at + " cut to " + length;
      }
      default -> {
        said.removeLast();
        yield "without an end";
      }
    };
  }

  private static String altered(List<SecureLink.Message> said, int at, SplittableRandom random) {
    SecureLink.Message piece = said.get(at);
    int octet = random.nextInt(MemorySender.HEADER_BYTES);
    ByteBuffer other = ByteBuffer.allocate(piece.payload().limit());
    other.put(piece.payload().duplicate()).flip();
    other.put(octet, (byte) (other.get(octet) ^ 1 << random.nextInt(8)));
    said.set(at, new SecureLink.Message(piece.type(), other));
    return at + " altered at " + octet;
  }

  @Test
  void nothingBeyondTheEndIsWritten() throws Exception {
    List<RegisteredMemory> described = List.of(new RegisteredMemory(1, 0, 4, Set.of(), true));
    MemoryPlan plan = new MemoryPlan(List.of(4L), List.of(new MemoryPlan.Placement(1, 0, 0)));
    ByteBuffer longer = ByteBuffer.allocate(MemorySender.HEADER_BYTES + 5);
    SecureLink.Message end = new SecureLink.Message(MessageType.MEMORY_END, ByteBuffer.allocate(0));
    assertThat(
            refused(
                MemoryReceiver.allocate(plan, described),
                List.of(new SecureLink.Message(MessageType.MEMORY, longer), end)))
        .isEqualTo(Reason.PROTOCOL);
    assertThat(
            refused(
                MemoryReceiver.allocate(plan, described),
                List.of(new SecureLink.Message(MessageType.OFFER, longer), end)))
        .isEqualTo(Reason.PROTOCOL);
  }

  @Test
  void largeMemoryComesInPieces() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      long size = 2L * MemorySender.PIECE_BYTES + 7;
      MemorySegment memory = arena.allocate(size);
      memory.set(ValueLayout.JAVA_BYTE, size - 1, (byte) 5);
      MemorySender sender = new MemorySender(Map.of(9, memory));
      List<SecureLink.Message> said = said(sender);
      assertThat(said.stream().map(message -> message.payload().limit()))
          .containsExactly(
              MemorySender.HEADER_BYTES + MemorySender.PIECE_BYTES,
              MemorySender.HEADER_BYTES + MemorySender.PIECE_BYTES,
              MemorySender.HEADER_BYTES + 7,
              0);
      MemoryReceiver receiver =
          MemoryReceiver.allocate(
              sender.plan(), List.of(new RegisteredMemory(9, 0, size, Set.of(), true)));
      receiver.fill(source(said));
      assertThat(Regions.of(receiver.regions(), 9).mismatch(memory)).isEqualTo(-1);
      receiver.discard();
    }
  }

  @Test
  void whatCannotBeAllocatedLeavesNothing() {
    List<RegisteredMemory> described =
        List.of(
            new RegisteredMemory(1, 0, 4, Set.of(), true),
            new RegisteredMemory(2, 0, Long.MAX_VALUE >> 8, Set.of(), true));
    MemoryPlan plan =
        new MemoryPlan(
            List.of(4L, Long.MAX_VALUE >> 8),
            List.of(new MemoryPlan.Placement(1, 0, 0), new MemoryPlan.Placement(2, 1, 0)));
    assertThat(
            catchThrowableOfType(
                OutOfMemoryError.class, () -> MemoryReceiver.allocate(plan, described)))
        .isNotNull();
  }
}
