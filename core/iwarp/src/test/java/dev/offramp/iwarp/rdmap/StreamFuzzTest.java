package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A stranger's ULPDUs in valid FPDUs: the engine ends in order or goes on, and nothing else. */
final class StreamFuzzTest {
  private static final int SIZE = 64;
  private static final long BASE = 0x1000;
  private static final int GUARD = 64;
  private static final byte CANARY = 0x5A;

  @FuzzTest
  @Tag("fuzz")
  @Rows({24, 48, 92, 108, 116, 117, 127})
  void ulpdusOfAStranger(byte[] bytes) {
    List<byte[]> ulpdus = new ArrayList<>();
    int at = 0;
    while (at < bytes.length) {
      int length = Math.min(bytes[at] & 0xFF, bytes.length - at - 1);
      ulpdus.add(Arrays.copyOfRange(bytes, at + 1, at + 1 + length));
      at += 1 + length;
    }
    run(ulpdus);
  }

  /** The same with headers that are nearly right, so that ordinary builds reach deep, too. */
  @Test
  @Rows({24, 48, 92, 108, 116, 117, 127})
  void nearlyRightUlpdus() {
    Seeds.forAll(
        2_000,
        random -> {
          List<byte[]> ulpdus = new ArrayList<>();
          for (int i = 0; i < 6; i++) {
            ulpdus.add(nearlyRight(random, i));
          }
          run(ulpdus);
        });
  }

  private static byte[] nearlyRight(RandomGenerator random, int message) {
    int stag = stags()[random.nextInt(3)];
    long to = BASE + random.nextInt(SIZE + 9) - 4;
    int msn = 1 + random.nextInt(message + 1);
    String ulpdu =
        switch (random.nextInt(8)) {
          case 0 -> Wire.write(stag, to, "ab".repeat(random.nextInt(SIZE)));
          case 1 -> Wire.send(msn, 0, "ab".repeat(random.nextInt(SIZE)));
          case 2 -> Wire.untagged(0x01, 0x43, 0, 0, msn, random.nextInt(3), "abab");
          case 3 -> Wire.readRequest(msn, 1, 2, random.nextInt(SIZE + 2), stag, to);
          case 4 -> Wire.untagged(0x41, 0x44, stag, 0, msn, 0, "");
          case 5 -> Wire.tagged(0xC1, 0x42, stag, to, "ab".repeat(random.nextInt(20)));
          case 6 ->
              Wire.untagged(
                  0x41,
                  0x48 + random.nextInt(4),
                  0,
                  random.nextInt(4),
                  msn,
                  0,
                  "ab".repeat(random.nextInt(60)));
          default -> Wire.untagged(0x41, 0x47, 0, 2, 1, 0, "ab".repeat(random.nextInt(60)));
        };
    byte[] bytes = HexFormat.of().parseHex(ulpdu);
    if (random.nextInt(4) == 0 && bytes.length > 0) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  private static int[] stags() {
    MemoryTable table = new MemoryTable(new SplittableRandom(11), 9);
    int[] stags = new int[3];
    for (int i = 0; i < 3; i++) {
      stags[i] =
          table
              .register(i, MemorySegment.ofArray(new byte[1]), 0, EnumSet.noneOf(Access.class))
              .stag();
    }
    return stags;
  }

  private static void run(List<byte[]> ulpdus) {
    MemoryTable memory = new MemoryTable(new SplittableRandom(11), 9);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(3L * (SIZE + GUARD), 8);
      all.fill(CANARY);
      Region own = region(memory, all, 0, 0, EnumSet.allOf(Access.class));
      region(memory, all, 1, 1, EnumSet.allOf(Access.class));
      Region inbox = region(memory, all, 2, 0, EnumSet.noneOf(Access.class));
      RdmapStream stream =
          new RdmapStream(
              StreamConfig.builder(MpaRole.INITIATOR)
                  .readDepths(2, 2)
                  .queueDepths(4, 4)
                  .extensions(true, true)
                  .build(),
              memory);
      stream.postReceive(1, new LocalBuffers(2).add(inbox, 0, 20).add(inbox, 20, 20));
      stream.postReceive(2, new LocalBuffers(2).add(inbox, 40, 20));
      stream.postRead(3, own, 0, 8, 1, 0);
      stream.postFetchAdd(4, own, 8, 1, 0, 1, 0);
      stream.postSend(5, new LocalBuffers(1).add(own, 0, SIZE), false, false, 0);
      List<String> sent = new ArrayList<>();
      for (byte[] ulpdu : ulpdus) {
        stream.receive(ByteBuffer.wrap(Wire.fpdu(ulpdu)));
        sent.addAll(Wire.ulpdus(Wire.take(stream)));
      }
      stream.peerClosed();
      sent.addAll(Wire.ulpdus(Wire.take(stream)));
      check(stream, sent, all);
    }
  }

  private static Region region(
      MemoryTable memory, MemorySegment all, int index, int domain, EnumSet<Access> access) {
    long at = (long) index * (SIZE + GUARD);
    return memory.register(domain, all.asSlice(at, SIZE), BASE, access);
  }

  private static void check(RdmapStream stream, List<String> sent, MemorySegment all) {
    StreamEnd end = stream.end().orElseThrow();
    List<String> terminates = sent.stream().filter(u -> u.startsWith("4147")).toList();
    if (end instanceof StreamEnd.TerminatedLocally) {
      assertThat(terminates).hasSize(1);
      assertThat(sent.getLast()).isEqualTo(terminates.getFirst());
      int first = Integer.parseInt(terminates.getFirst().substring(36, 38), 16);
      int code = Integer.parseInt(terminates.getFirst().substring(38, 40), 16);
      assertThat(TerminateCause.of(first >> 4, first & 15, code)).isPresent();
    } else {
      assertThat(terminates).isEmpty();
    }
    assertThat(stream.wantsHalfClose()).isTrue();
    Log log = new Log();
    stream.pollCompletions(log, 100);
    assertThat(log.all).hasSize(5);
    assertThat(log.receives().stream().map(Completion::id)).isSorted();
    assertThat(log.others().stream().map(Completion::id)).isSorted();
    for (int index = 0; index < 3; index++) {
      long from = (long) index * (SIZE + GUARD) + (index == 1 ? 0 : SIZE);
      for (long i = from; i < (index + 1L) * (SIZE + GUARD); i++) {
        assertThat(all.get(ValueLayout.JAVA_BYTE, i)).isEqualTo(CANARY);
      }
    }
  }
}
