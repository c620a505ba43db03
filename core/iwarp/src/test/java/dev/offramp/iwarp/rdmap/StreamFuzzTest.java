package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.AllocationBound;
import dev.offramp.iwarp.Seeds;
import dev.offramp.iwarp.mpa.FpduDecoder;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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

/**
 * A stranger's ULPDUs in valid FPDUs: the engine ends in order or goes on, and nothing else. {@code
 * etc/fuzz stream} runs campaigns.
 */
final class StreamFuzzTest {
  private static final int SIZE = 64;
  private static final long BASE = 0x1000;
  private static final int GUARD = 64;
  private static final byte CANARY = 0x5A;
  private static final MemorySegment UNTOUCHED = Arena.global().allocate(SIZE + GUARD).fill(CANARY);

  /** Octets of an FPDU that are not its ULPDU. */
  private static final int OVERHEAD_BYTES = 8;

  /** The end of a stream: its texts, the headers that it copies. */
  private static final long LIMIT_BYTES = 4096;

  private static final long PER_INPUT_BYTE = 1;

  private static final int RESPONDER = 1;
  private static final int RTR = 6;
  private static final int RTR_SHIFT = 1;
  private static final List<RtrKind> RTR_KINDS = List.of(RtrKind.values());
  private static final int WITHOUT_CRC = 8;
  private static final int WITHOUT_EXTENSIONS = 16;

  /** First octet: options of the stream; then ULPDUs, each behind an octet with its length. */
  @FuzzTest
  @Tag("fuzz")
  @Rows({24, 48, 92, 108, 116, 117, 127})
  void ulpdusOfAStranger(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    List<byte[]> ulpdus = new ArrayList<>();
    int at = 1;
    while (at < bytes.length) {
      int length = Math.min(bytes[at] & 0xFF, bytes.length - at - 1);
      ulpdus.add(Arrays.copyOfRange(bytes, at + 1, at + 1 + length));
      at += 1 + length;
    }
    run(ulpdus, bytes[0]);
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
          run(ulpdus, random.nextInt(256));
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

  private static void run(List<byte[]> ulpdus, int options) {
    long wireBytes = ulpdus.stream().mapToLong(ulpdu -> ulpdu.length + OVERHEAD_BYTES).sum();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(3L * (SIZE + GUARD), 8);
      AllocationBound.check(
          LIMIT_BYTES + PER_INPUT_BYTE * wireBytes, () -> new Run(all, options).go(ulpdus));
    }
  }

  /** One stream with memory of its own, of another stream, and Receives. */
  private static final class Run {
    private final MemorySegment all;
    private final RdmapStream stream;
    private final boolean crc;
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final int posted;

    Run(MemorySegment all, int options) {
      this.all = all;
      all.fill(CANARY);
      MemoryTable memory = new MemoryTable(new SplittableRandom(11), 9);
      Region own = region(memory, all, 0, 0, EnumSet.allOf(Access.class));
      region(memory, all, 1, 1, EnumSet.allOf(Access.class));
      Region inbox = region(memory, all, 2, 0, EnumSet.noneOf(Access.class));
      crc = (options & WITHOUT_CRC) == 0;
      boolean extensions = (options & WITHOUT_EXTENSIONS) == 0;
      stream =
          new RdmapStream(
              StreamConfig.builder(
                      (options & RESPONDER) == 0 ? MpaRole.INITIATOR : MpaRole.RESPONDER)
                  .crc(crc)
                  .rtr(RTR_KINDS.get((options & RTR) >> RTR_SHIFT))
                  .readDepths(2, 2)
                  .queueDepths(4, 4)
                  .extensions(extensions, extensions)
                  .stagingBytes(FpduDecoder.MIN_STAGING_BYTES)
                  .build(),
              memory);
      stream.postReceive(1, new LocalBuffers(2).add(inbox, 0, 20).add(inbox, 20, 20));
      stream.postReceive(2, new LocalBuffers(2).add(inbox, 40, 20));
      stream.postRead(3, own, 0, 8, 1, 0);
      Posted atomic = stream.postFetchAdd(4, own, 8, 1, 0, 1, 0);
      stream.postSend(5, new LocalBuffers(1).add(own, 0, SIZE), false, false, 0);
      posted = atomic == Posted.ACCEPTED ? 5 : 4;
    }

    private static Region region(
        MemoryTable memory, MemorySegment all, int index, int domain, EnumSet<Access> access) {
      long at = (long) index * (SIZE + GUARD);
      return memory.register(domain, all.asSlice(at, SIZE), BASE, access);
    }

    long go(List<byte[]> ulpdus) {
      long allocated = 0;
      for (byte[] ulpdu : ulpdus) {
        ByteBuffer fpdu = ByteBuffer.wrap(Wire.fpdu(ulpdu));
        long before = AllocationBound.now();
        stream.receive(fpdu);
        allocated += AllocationBound.now() - before;
        sent.writeBytes(Wire.take(stream));
      }
      stream.peerClosed();
      sent.writeBytes(Wire.take(stream));
      check();
      return allocated;
    }

    private void check() {
      StreamEnd end = stream.end().orElseThrow();
      byte[] out = sent.toByteArray();
      ByteBuffer fpdus = ByteBuffer.wrap(out);
      int terminate = -1;
      int at = 0;
      while (at < out.length) {
        int length = Short.toUnsignedInt(fpdus.getShort(at));
        if (terminate >= 0) {
          throw new AssertionError("an FPDU after the Terminate");
        }
        if (out[at + 2] == 0x41 && out[at + 3] == 0x47) {
          terminate = at + 2;
        }
        at += 2 + length + (-(2 + length) & 3) + 4;
      }
      if (at != out.length) {
        throw new AssertionError("the last FPDU is not whole");
      }
      boolean terminated = end instanceof StreamEnd.TerminatedLocally;
      if (terminated != terminate >= 0) {
        throw new AssertionError(end + ", Terminate at " + terminate);
      }
      if (terminated) {
        int first = out[terminate + 18] & 0xFF;
        int code = out[terminate + 19] & 0xFF;
        if (TerminateCause.of(first >> 4, first & 15, code).isEmpty()) {
          throw new AssertionError("a cause that is not registered");
        }
      }
      if (!stream.wantsHalfClose() || !stream.isFlushed()) {
        throw new AssertionError("the stream is over and does not end");
      }
      checkCompletions();
      checkGuards();
    }

    private void checkCompletions() {
      Log log = new Log();
      stream.pollCompletions(log, 100);
      assertThat(log.all).hasSize(posted);
      assertThat(log.receives().stream().map(Completion::id)).isSorted();
      assertThat(log.others().stream().map(Completion::id)).isSorted();
    }

    /** Nothing but the two regions of this stream has changed. */
    private void checkGuards() {
      for (int index = 0; index < 3; index++) {
        long from = (long) index * (SIZE + GUARD) + (index == 1 ? 0 : SIZE);
        long to = (index + 1L) * (SIZE + GUARD);
        MemorySegment guard = all.asSlice(from, to - from);
        if (guard.mismatch(UNTOUCHED.asSlice(0, to - from)) >= 0) {
          throw new AssertionError("bytes outside of the stream's regions have changed");
        }
      }
    }
  }
}
