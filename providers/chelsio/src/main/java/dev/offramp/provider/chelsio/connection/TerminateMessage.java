package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.rdma.Terminate;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A Terminate of the peer's, from its control field on (RFC 5040, section 4.8). Came from the wire,
 * so nothing in it is believed, and nothing in it can make this fail.
 *
 * <pre>
 *  0  layer 7:4 | etype 3:0   1  error code   2  M 7 | D 6 | R 5   4  DDP segment length (if M)
 *  6  the headers of the segment that was refused
 * </pre>
 *
 * Linux siw swaps the halves of the first octet, and puts R, D and M into the low bits of the
 * third.
 */
final class TerminateMessage {
  private static final int CONTROL_BYTES = 4;
  private static final int HEADERS = 6;
  private static final int CODE = 1;
  private static final int FLAGS = 2;
  private static final int RFC_FLAGS = 0xE0;
  private static final int SIW_FLAGS = 0x07;
  private static final int MAX_LAYER = 2;
  private static final int NIBBLE = 0x0F;

  private static final int UNTAGGED_BYTES = 18;
  private static final int TAGGED = 0x80;
  private static final int QUEUE_NUMBER = 6;
  private static final int MSN = 10;

  private final Terminate terminate;

  private TerminateMessage(Terminate terminate) {
    this.terminate = terminate;
  }

  static TerminateMessage of(byte[] message) {
    if (message.length < CONTROL_BYTES) {
      return new TerminateMessage(new Terminate(0, 0, 0, Octets.empty()));
    }
    int high = message[0] >> 4 & NIBBLE;
    int low = message[0] & NIBBLE;
    int flags = message[FLAGS];
    boolean copied = (flags & (RFC_FLAGS | SIW_FLAGS)) != 0 && message.length > HEADERS;
    Octets headers =
        copied
            ? Octets.copyOf(Arrays.copyOfRange(message, HEADERS, message.length))
            : Octets.empty();
    boolean swapped =
        (flags & RFC_FLAGS) == 0
            && ((flags & SIW_FLAGS) != 0 || (high > MAX_LAYER && low <= MAX_LAYER));
    int code = Byte.toUnsignedInt(message[CODE]);
    return new TerminateMessage(
        swapped
            ? new Terminate(low, high, code, headers)
            : new Terminate(high, low, code, headers));
  }

  Terminate terminate() {
    return terminate;
  }

  /**
   * The queue of the message that was refused: 0 Sends, 1 Read Requests; -1 where none is named.
   */
  int queueNumber() {
    return namesMessage() ? headers().getInt(QUEUE_NUMBER) : -1;
  }

  /** Its number there; only when {@link #queueNumber} is not -1. */
  int messageNumber() {
    return headers().getInt(MSN);
  }

  private boolean namesMessage() {
    ByteBuffer headers = headers();
    return headers.remaining() >= UNTAGGED_BYTES && (headers.get(0) & TAGGED) == 0;
  }

  private ByteBuffer headers() {
    return terminate.headers().asByteBuffer();
  }
}
