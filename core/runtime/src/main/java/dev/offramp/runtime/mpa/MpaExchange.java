package dev.offramp.runtime.mpa;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaDecision;
import dev.offramp.api.mpa.MpaException;
import dev.offramp.api.mpa.MpaFailure;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.iwarp.mpa.MpaStartup;
import dev.offramp.iwarp.mpa.MpaTerminate;
import dev.offramp.iwarp.mpa.TransmitBatch;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.StreamConfig;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;

/**
 * Carries MPA start-up out on a plain socket. Reads exactly the peer's frame and not one byte more,
 * so that whatever follows is still in the kernel for the next owner, or after a rejection for the
 * application.
 */
public final class MpaExchange {
  /** RFC 5044, section 7.1.1: key, flags, revision and PD_Length. */
  private static final int FIXED_BYTES = 20;

  private static final int PD_LENGTH_OFFSET = 18;
  private static final int MAX_PD_LENGTH = 512;

  private final SocketChannel channel;
  private final MpaOptions options;
  private final MpaStartup startup;
  private final long deadlineNanos;

  private MpaExchange(SocketChannel channel, MpaOptions options, int maxIrd) {
    this.channel = channel;
    this.options = options;
    long nowNanos = System.nanoTime();
    this.startup = new MpaStartup(options, maxIrd, nowNanos);
    this.deadlineNanos = nowNanos + options.timeout().toNanos();
  }

  /**
   * Runs start-up as far as it belongs on the plain socket: an Initiator up to the Reply that it
   * read, a Responder up to the Reply that it would send.
   *
   * @param maxIrd the largest inbound RDMA Read depth that the new owner can have
   * @throws MpaException when there is no agreement; the channel has been closed where the protocol
   *     wants that, and is as it was otherwise
   * @throws IOException when the channel fails
   */
  public static MpaAgreement run(SocketChannel channel, MpaOptions options, int maxIrd)
      throws IOException {
    boolean wasBlocking = channel.isBlocking();
    // Timed reads of the socket adaptor need blocking mode, and park virtual threads.
    channel.configureBlocking(true);
    int readTimeoutMillis = channel.socket().getSoTimeout();
    try {
      return new MpaExchange(channel, options, maxIrd).run();
    } catch (MpaException e) {
      if (!e.isTcpUsable()) {
        channel.close();
      }
      throw e;
    } finally {
      if (channel.isOpen()) {
        channel.socket().setSoTimeout(readTimeoutMillis);
        channel.configureBlocking(wasBlocking);
      }
    }
  }

  private MpaAgreement run() throws IOException {
    transmit();
    readFrame();
    if (startup.state() == MpaStartup.State.DECIDING) {
      MpaDecision decision = decide();
      if (!decision.accepted()) {
        transmit();
      }
      requireAgreement();
      return new MpaAgreement(
          options, startup.result(), startup.peer(), decision.privateData(), startup.replyBytes());
    }
    requireAgreement();
    if (startup.terminate().isPresent()) {
      terminate(startup.terminate().get());
      throw new MpaException(
          MpaFailure.TERMINATED, startup.message() + "; TCP is closed", startup.peer());
    }
    if (!options.policy().decide(startup.peer()).accepted()) {
      throw new MpaException(
          MpaFailure.UNACCEPTABLE_REPLY,
          "this end's policy does not want the Reply; the TCP connection is still yours",
          startup.peer());
    }
    return new MpaAgreement(
        options, startup.result(), startup.peer(), options.privateData(), Octets.empty());
  }

  /** The one FPDU that this connection ever carries; there is nothing to move any more. */
  private void terminate(MpaTerminate cause) throws IOException {
    RdmapStream stream =
        new RdmapStream(
            StreamConfig.of(startup.result()).build(), new MemoryTable(new SecureRandom(), 1));
    stream.terminate(cause, startup.message());
    TransmitBatch batch = stream.pollTransmit(System.nanoTime());
    while (!batch.isEmpty()) {
      channel.write(batch.buffers(), batch.offset(), batch.length());
      stream.transmitted();
    }
    channel.shutdownOutput();
  }

  /** A policy that throws is a rejection to the peer, which waits for a Reply. */
  private MpaDecision decide() {
    try {
      MpaDecision decision = options.policy().decide(startup.peer());
      startup.decide(decision);
      return decision;
    } catch (RuntimeException | Error e) {
      startup.decide(MpaDecision.reject(Octets.empty()));
      try {
        transmit();
      } catch (IOException notSent) {
        e.addSuppressed(notSent);
      }
      throw e;
    }
  }

  private void transmit() throws IOException {
    ByteBuffer bytes = startup.pollTransmit();
    try {
      if (!new TimedWrite(channel, deadlineNanos).write(bytes)) {
        timeOut();
      }
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      if (!isWaiting()) {
        throw e;
      }
      startup.connectionReset();
    }
  }

  /** The peer does not read, and what was queued before us fills the socket's send buffer. */
  private void timeOut() throws IOException {
    startup.handleTimeout(System.nanoTime());
    if (startup.failure().filter(MpaFailure.TIMEOUT::equals).isEmpty()) {
      // Part of a rejection is on its way: nothing that follows could be told from it.
      channel.close();
      throw new MpaException(
          MpaFailure.TIMEOUT,
          "the peer took no MPA Reply within " + options.timeout() + "; TCP is closed");
    }
  }

  private void readFrame() throws IOException {
    byte[] frame = new byte[FIXED_BYTES + MAX_PD_LENGTH];
    if (!read(frame, 0, FIXED_BYTES)) {
      return;
    }
    int pdLength =
        Byte.toUnsignedInt(frame[PD_LENGTH_OFFSET]) << 8
            | Byte.toUnsignedInt(frame[PD_LENGTH_OFFSET + 1]);
    read(frame, FIXED_BYTES, Math.min(pdLength, MAX_PD_LENGTH));
  }

  /** Reads and feeds {@code length} bytes; false when start-up has ended before. */
  private boolean read(byte[] into, int offset, int length) throws IOException {
    int done = 0;
    while (done < length && isWaiting()) {
      int got = readSome(into, offset + done, length - done);
      if (got > 0) {
        startup.receive(ByteBuffer.wrap(into, offset + done, got));
        done += got;
      } else if (got < 0) {
        startup.peerClosed();
      }
    }
    return isWaiting();
  }

  /** Bytes read, -1 at the end of the stream, 0 when time is up or the connection is reset. */
  private int readSome(byte[] into, int offset, int length) throws IOException {
    long leftNanos = startup.nextDeadlineNanos() - System.nanoTime();
    if (leftNanos <= 0) {
      startup.handleTimeout(System.nanoTime());
      return 0;
    }
    // Rounded up: 0 would mean to wait for ever.
    long leftMillis = TimeUnit.NANOSECONDS.toMillis(leftNanos) + 1;
    channel.socket().setSoTimeout((int) Math.min(Integer.MAX_VALUE, leftMillis));
    try {
      return channel.socket().getInputStream().read(into, offset, length);
    } catch (SocketTimeoutException e) {
      startup.handleTimeout(System.nanoTime());
      return 0;
    } catch (SocketException e) {
      startup.connectionReset();
      return 0;
    }
  }

  private boolean isWaiting() {
    return startup.state() == MpaStartup.State.AWAITING_REPLY
        || startup.state() == MpaStartup.State.AWAITING_REQUEST;
  }

  private void requireAgreement() throws MpaException {
    if (startup.state() == MpaStartup.State.AGREED) {
      return;
    }
    MpaFailure failure = startup.failure().orElseThrow();
    String advice =
        failure.isTcpUsable() ? "; the TCP connection is still yours" : "; TCP is closed";
    throw new MpaException(
        failure, startup.message() + advice, startup.hasPeer() ? startup.peer() : null);
  }
}
