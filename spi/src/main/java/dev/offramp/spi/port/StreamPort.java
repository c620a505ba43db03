package dev.offramp.spi.port;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
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

  /**
   * What TCP says of this stream while it runs; the ends are enough. For admission.
   *
   * @throws IOException when the connection is dead
   */
  default void describe(IwarpConnectionDescriptor.Builder to) throws IOException {}

  /**
   * Ends input so many octets behind what {@link #read} has returned, until {@link #unlimitInput}:
   * TCP takes no more, and the peer repeats it. Output goes on, and so does what the peer
   * acknowledges. A {@link #depart} may follow.
   *
   * @param octets 0 or more
   * @return false when TCP has more already; nothing has changed then
   * @throws TransferException a refusal where streams of this kind cannot do that
   */
  default boolean limitInput(int octets) throws TransferException {
    throw cannotStop();
  }

  /** Takes all input again. Nothing when there is no limit. */
  default void unlimitInput() {}

  /**
   * Stops the stream, so that another owner can go on with it. The caller reads and writes no more,
   * and has closed its {@link StreamWaiter}. Resuming lets it go on, attached as before; nobody is
   * told of it until {@link #interest} is called again.
   *
   * <p>The descriptor has the two ends, and all of TCP where that travels.
   *
   * @throws TransferException a refusal where streams of this kind cannot be stopped; the stream
   *     goes on
   */
  default Departure depart(DepartureNeeds needs) throws TransferException {
    throw cannotStop();
  }

  private static TransferException cannotStop() {
    return TransferException.refused(
        TransferStep.ADMIT,
        List.of(
            new Refusal(
                RefusalReason.UNSUPPORTED,
                "a stream that stays where it is",
                "one that can move",
                "use another kind of RNIC")));
  }

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
