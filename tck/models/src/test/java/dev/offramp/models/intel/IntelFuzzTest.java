package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.SimulatedConnection;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Any bytes as commands, contexts and work requests: the model refuses or does something, and is
 * there for the next command; nothing is thrown on its loop.
 *
 * <p>The ordinary build runs this over a few seeded inputs and the corpus, {@code etc/fuzz} fuzzes
 * for real.
 */
@Tag("fuzz")
final class IntelFuzzTest {
  private static final int SEEDS = 8;

  private static AdapterModelFactory kind(byte[] bytes) {
    return Bench.kinds().get(bytes.length == 0 ? 0 : bytes[0] & 1);
  }

  @FuzzTest(maxDuration = "2m")
  void decoders(byte[] bytes) {
    IntelChip chip = bytes.length > 0 && (bytes[0] & 1) != 0 ? IntelChip.E810 : IntelChip.X722;
    long[] words = words(bytes, WorkFields.MAX_QUANTA * WorkFields.QUANTUM_WORDS);
    int quanta = WorkRequest.quanta(chip, words[WorkFields.HEADER_WORD]);
    assertThat(quanta).isBetween(1, 16);
    WorkRequest work = WorkRequest.ofSendQueue(chip, words);
    assertThat(work.totalBytes()).isNotNegative();
    assertThat(work.fragments().size()).isLessThanOrEqualTo(16);
    assertThat(WorkRequest.ofReceiveQueue(chip, words).totalBytes()).isNotNegative();
    ConnectionContext context = new ConnectionContext(Arrays.copyOf(words, ContextFields.WORDS));
    try {
      assertThat(new ConnectionLoader(chip, new LocalTables()).load(context)).isNotNull();
    } catch (CommandException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "2m")
  void commands(byte[] bytes) {
    try (Bench bench = new Bench(kind(bytes))) {
      bench.driver.bringUp();
      long[] words = words(bytes, 4 * CommandFields.WORDS);
      for (int i = 0; i < 4; i++) {
        long[] command = Arrays.copyOfRange(words, 8 * i, 8 * i + 8);
        command[3] &= ~RawDriver.VALID;
        bench.driver.post(command);
      }
      assertAlive(bench);
    }
  }

  @FuzzTest(maxDuration = "2m")
  void workRequests(byte[] bytes) {
    try (Bench bench = new Bench(kind(bytes))) {
      RawConnection raw = start(bench);
      MemorySegment ring = raw.sq.segment();
      int count = (int) Math.min(bytes.length, ring.byteSize());
      MemorySegment.copy(bytes, 0, ring, ValueLayout.JAVA_BYTE, 32L * raw.sqHead() % 1024, count);
      int receives = (int) Math.min(bytes.length, raw.rq.segment().byteSize());
      MemorySegment.copy(bytes, 0, raw.rq.segment(), ValueLayout.JAVA_BYTE, 0, receives);
      raw.ring();
      raw.ring();
      assertAlive(bench);
      raw.close();
    }
  }

  @FuzzTest(maxDuration = "2m")
  void contexts(byte[] bytes) {
    try (Bench bench = new Bench(kind(bytes))) {
      bench.driver.bringUp();
      SimulatedConnection connection = TakeoverTest.connect(bench, false);
      RawConnection raw = new RawConnection(bench.driver, 3, connection.descriptor());
      raw.claim();
      raw.writeContext();
      // A few words of garbage each time, so that the checks behind the first are met, too.
      long[] words = words(bytes, 8);
      for (int i = 0; i < 3 && i < bytes.length; i++) {
        raw.put(bytes[i] & 31, raw.get(bytes[i] & 31) ^ words[i + 1]);
      }
      raw.toRts();
      raw.ring();
      assertAlive(bench);
      raw.close();
    }
  }

  @FuzzTest(maxDuration = "1m")
  void registers(byte[] bytes) {
    try (Bench bench = new Bench(kind(bytes))) {
      long size = bench.window.sizeBytes(0);
      ByteBuffer input = ByteBuffer.wrap(bytes);
      while (input.remaining() >= 8) {
        long offset = Integer.toUnsignedLong(input.getInt()) % size & ~3L;
        int value = input.getInt();
        bench.window.write32(0, offset, value);
        bench.window.read32(0, offset);
      }
      bench.loop.run(() -> {});
    }
  }

  /** Without a corpus the inputs come from seeds. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void seeded(int first) {
    for (int seed = first * SEEDS; seed < (first + 1) * SEEDS; seed++) {
      byte[] bytes = new byte[512];
      new java.util.SplittableRandom(seed).nextBytes(bytes);
      try {
        decoders(bytes);
        commands(bytes);
        workRequests(bytes);
        contexts(bytes);
        registers(bytes);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static RawConnection start(Bench bench) {
    bench.driver.bringUp();
    SimulatedConnection connection = TakeoverTest.connect(bench, false);
    RawConnection raw = new RawConnection(bench.driver, 3, connection.descriptor());
    bench.peer(connection, MpaRole.RESPONDER);
    TakeoverTest.startAsInitiator(raw);
    return raw;
  }

  /** The loop goes on, and the model answers. */
  private static void assertAlive(Bench bench) {
    bench.loop.run(() -> {});
    assertThat(bench.window.read32(0, bench.driver.second ? 0x50A000 : 0x8100)).isEqualTo(1);
  }

  private static long[] words(byte[] bytes, int count) {
    ByteBuffer buffer = ByteBuffer.wrap(Arrays.copyOf(bytes, count * Long.BYTES));
    long[] words = new long[count];
    buffer.order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
    return words;
  }
}
