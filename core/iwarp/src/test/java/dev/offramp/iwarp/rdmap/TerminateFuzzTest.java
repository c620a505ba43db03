package dev.offramp.iwarp.rdmap;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.AllocationBound;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/**
 * Terminate messages of a stranger: always a value, never more than what came, and codable again.
 */
final class TerminateFuzzTest {
  /** The value, its headers, and nothing that grows faster. */
  private static final int LIMIT_BYTES = 512;

  private static final int HIGHEST = 15;

  /** First octet: where in the buffer the payload starts. */
  @FuzzTest
  @Tag("fuzz")
  @Rows({24, 116, 117})
  void terminates(byte[] bytes) {
    if (bytes.length > 0) {
      AllocationBound.check(LIMIT_BYTES + bytes.length, () -> decode(bytes));
    }
  }

  private static long decode(byte[] bytes) {
    int offset = 1 + Math.min(bytes[0] & 0x1F, bytes.length - 1);
    int length = bytes.length - offset;
    ByteBuffer wire = ByteBuffer.wrap(bytes);
    long before = AllocationBound.now();
    Terminate terminate = TerminateCodec.decode(wire, offset, length);
    long allocated = AllocationBound.now() - before;
    if (terminate.layer() < 0
        || terminate.layer() > HIGHEST
        || terminate.type() < 0
        || terminate.type() > HIGHEST
        || terminate.code() < 0
        || terminate.code() > 0xFF) {
      throw new AssertionError("out of range: " + terminate);
    }
    int headers = terminate.headers().length();
    int behind = TerminateCodec.CONTROL_BYTES + 2;
    if (headers != 0 && headers != length - behind) {
      throw new AssertionError(headers + " bytes of headers out of " + length);
    }
    checkRoundTrip(terminate, wire, offset, length);
    return allocated;
  }

  private static void checkRoundTrip(Terminate first, ByteBuffer wire, int offset, int length) {
    Optional<TerminateCause> cause = TerminateCause.of(first.layer(), first.type(), first.code());
    if (cause.isEmpty() || length < TerminateCodec.CONTROL_BYTES) {
      return;
    }
    ByteBuffer again = ByteBuffer.allocate(TerminateCodec.MAX_BYTES);
    int headers = Math.min(first.headers().length(), 18);
    int put =
        headers == 0
            ? TerminateCodec.put(again, cause.get())
            : TerminateCodec.put(
                again,
                cause.get(),
                wire,
                offset + TerminateCodec.CONTROL_BYTES + 2,
                18,
                headers,
                0);
    Terminate second = TerminateCodec.decode(again, 0, put);
    if (second.layer() != first.layer()
        || second.type() != first.type()
        || second.code() != first.code()
        || second.headers().length() != headers) {
      throw new AssertionError(first + " became " + second);
    }
  }
}
