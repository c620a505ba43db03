package dev.offramp.models.chelsio;

import dev.offramp.iwarp.ddp.UntaggedHeader;
import dev.offramp.iwarp.mpa.FpduEncoder;
import dev.offramp.iwarp.mpa.TransmitBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The Terminate that the host asks for: its own bytes in an FPDU of their own, on queue 2 with MSN
 * 1 (RFC 5040, section 4.8). For the model's thread.
 */
final class TerminateSender {
  private static final int QUEUE = 2;
  private static final int MSN = 1;

  /** RDMAP version 1, opcode 7. */
  private static final int CONTROL = 0x40 | Cqe.TERMINATE;

  private final RiWr.Init init;
  private final TransmitBatch batch;
  private byte @Nullable [] message;
  private boolean asked;

  TerminateSender(Silicon silicon, RiWr.Init init) {
    this.init = init;
    this.batch = new TransmitBatch(silicon.streamMemory);
  }

  /** Sends this one, once; the first wins. */
  void ask(MemorySegment bytes) {
    if (!asked) {
      asked = true;
      message = bytes.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** Whether a batch is what {@link #batch} gave. */
  @SuppressWarnings("ReferenceEquality") // it is this object or it is not
  boolean isOf(TransmitBatch some) {
    return some == batch;
  }

  /** Whether nothing of it remains to be sent. */
  boolean isDone() {
    return message == null && batch.isEmpty();
  }

  /**
   * What to send of it; null for nothing.
   *
   * @param position octets of the stream before it
   */
  @Nullable TransmitBatch batch(long position) {
    byte[] waiting = message;
    if (waiting != null) {
      message = null;
      ByteBuffer header = ByteBuffer.allocateDirect(UntaggedHeader.BYTES);
      UntaggedHeader.put(header, 0, true, CONTROL, 0, QUEUE, MSN, 0);
      FpduEncoder encoder = new FpduEncoder(batch, init.crc(), init.sendMarkers(), position);
      encoder.begin(UntaggedHeader.BYTES + waiting.length);
      encoder.header(header, UntaggedHeader.BYTES);
      encoder.header(ByteBuffer.allocateDirect(waiting.length).put(waiting), waiting.length);
      encoder.end();
      encoder.flush();
    }
    return batch.isEmpty() ? null : batch;
  }
}
