package dev.offramp.spi.port;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apiguardian.api.API;

/**
 * The byte stream of one TCP connection. Nothing here blocks. One thread may read while another
 * writes; the other methods are safe for any thread.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface StreamPort {
  /**
   * Reads what is there.
   *
   * @return bytes read; 0 when there are none yet; -1 after the peer's FIN
   * @throws IOException when the connection is dead: see {@link #causeOf}
   */
  long read(ByteBuffer[] into, int offset, int length) throws IOException;

  /**
   * Writes as much as the send buffer takes, in one system call.
   *
   * @return bytes written; 0 when there is no room
   * @throws IOException when the connection is dead
   */
  long write(ByteBuffer[] from, int offset, int length) throws IOException;

  /**
   * Says who is told when the stream can be read or written again, and by which loop. Called once,
   * before the first {@link #interest}.
   */
  void attach(EventLoop loop, StreamHandler handler);

  /**
   * Asks to be told once: {@link StreamHandler#ready} comes when one of the conditions holds, and
   * cancels both.
   */
  void interest(boolean readable, boolean writable);

  /**
   * Something that a thread can wait with for this stream itself, besides what {@link #interest}
   * asks for. Empty when there is none to be had, now or ever: then the event loop is all that
   * tells about the stream. The caller closes it, before the stream or right after it.
   *
   * @throws IOException when the kernel refuses
   */
  default Optional<StreamWaiter> openWaiter() throws IOException {
    return Optional.empty();
  }

  /** The most payload bytes that one TCP segment carries now (EMSS). */
  int segmentBytes();

  /** Sends a FIN after what was written. */
  void shutdownOutput() throws IOException;

  /** Ends the connection by RST. Idempotent. */
  void reset();

  /** Closes: FIN unless sent; unread bytes make it a RST, as always in TCP. Idempotent. */
  void close();

  /** What a failed read or write means for the connection. */
  Failure causeOf(IOException failure);

  /** How a TCP connection dies. */
  enum Failure {
    /** RST from the peer, or bytes sent to a closed end. */
    RESET,
    /** Retransmissions or keep-alives were not answered. */
    TIMED_OUT,
    /** Something else; the exception says what. */
    OTHER
  }
}
