package dev.offramp.provider.chelsio.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicEvents;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.StreamPorts;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;

/**
 * Firmware and registers that say anything: the adapter comes up and goes down again, or does not
 * come up and says why.
 */
final class BringUpFuzzTest {
  private static final int FUNCTIONS = 8;
  private static final int WORD_BYTES = 8;
  private static final long OPCODE_MASK = 0xFFL << 56;
  private static final long RETVAL_MASK = 0xFFL << 8;
  private static final int OWNED_AND_VALID = 0xA;

  /** First octet: which chip. Then what reads give, one after the other; zeros when all is used. */
  @FuzzTest
  @Tag("fuzz")
  void bringUp(byte[] bytes) {
    Talker talker = new Talker(bytes);
    try (Adapter adapter = BringUp.open(new Context(talker), 0, 1_000_000, new Random(1))) {
      assertThat(adapter.failure()).isNull();
    } catch (RnicException e) {
      assertThat(e).hasMessageContaining("[");
    }
  }

  /** Answers each command with its own opcode, and what the input says. */
  private static final class Talker extends IdleWindow {
    private final byte[] bytes;
    private int at;
    private long command;

    Talker(byte[] bytes) {
      this.bytes = bytes;
    }

    private int next() {
      at++;
      return at < bytes.length ? bytes[at] & 0xFF : 0;
    }

    private long next(int count) {
      long value = 0;
      for (int i = 0; i < count; i++) {
        value = value << Byte.SIZE | next();
      }
      return value;
    }

    @Override
    public int read32(int bar, long offset) {
      for (int pf = 0; pf < FUNCTIONS; pf++) {
        if (offset == Registers.mailboxControl(pf)) {
          return OWNED_AND_VALID;
        }
      }
      return (int) next(Integer.BYTES);
    }

    @Override
    public long read64(int bar, long offset) {
      long answer = next(WORD_BYTES);
      // One answer in sixteen has an opcode of its own, or says what went wrong.
      return isFirst(offset) && (answer & 0xF) != 0xF
          ? (answer & ~(OPCODE_MASK | RETVAL_MASK)) | command
          : answer;
    }

    @Override
    public void write64(int bar, long offset, long value) {
      if (isFirst(offset)) {
        command = value & OPCODE_MASK;
      }
    }

    private static boolean isFirst(long offset) {
      for (int pf = 0; pf < FUNCTIONS; pf++) {
        if (offset == Registers.mailboxData(pf)) {
          return true;
        }
      }
      return false;
    }
  }

  private record Context(Talker talker) implements DriverContext {
    @Override
    public Device device() {
      boolean t6 = talker.bytes.length > 0 && (talker.bytes[0] & 1) != 0;
      return (t6
              ? dev.offramp.models.chelsio.ChelsioChip.T6
              : dev.offramp.models.chelsio.ChelsioChip.T5)
          .device();
    }

    @Override
    public DeviceWindow window() {
      return talker;
    }

    @Override
    public StreamPorts streams() {
      throw new IllegalStateException("an adapter");
    }

    @Override
    public EventLoops eventLoops() {
      return StillLoop::new;
    }

    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public System.Logger logger() {
      return System.getLogger("fuzz");
    }

    @Override
    public Map<String, String> settings() {
      return Map.of();
    }

    @Override
    public RnicEvents events() {
      return RnicEvents.NONE;
    }
  }

  /** Runs nothing. */
  private static final class StillLoop implements EventLoop {
    @Override
    public void execute(Runnable task) {}

    @Override
    public Timer schedule(long deadlineNanos, Runnable task) {
      return () -> {};
    }
  }
}
