package dev.offramp.api;

import dev.offramp.api.failover.Failover;
import dev.offramp.api.failover.FailoverPolicy;
import dev.offramp.api.mpa.MpaException;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;
import org.apiguardian.api.API;

/**
 * The front door: takes a connected {@link SocketChannel}, after any plain conversation over it,
 * and gives back a connection that carries RDMA.
 *
 * <pre>{@code
 * try (SocketChannel tcp = SocketChannel.open(server);
 *     Offramp offramp = Offramp.open();
 *     RdmaConnection rdma = offramp.offload(tcp, Mpa.initiator().build())) {
 *   MemoryRegion region = rdma.allocate(64);
 *   rdma.post(new Send(region.whole()));
 *   Completion done = rdma.completions().take();
 * }
 * }</pre>
 *
 * <p>Safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface Offramp extends AutoCloseable {
  /** Whether {@link #open()} will work here. Never throws. */
  static boolean isAvailable() {
    return unavailabilityCause().isEmpty();
  }

  /** Why {@link #open()} will not work here; empty when it will. Never throws. */
  static Optional<Throwable> unavailabilityCause() {
    return OfframpLoader.unavailabilityCause();
  }

  /**
   * Opens with defaults: the software RNIC, resident on the host's socket, which needs no
   * privilege.
   *
   * @throws UnsupportedOperationException when not available; the cause says why
   */
  static Offramp open() {
    return open(OfframpOptions.builder().build());
  }

  /**
   * Opens with options.
   *
   * @throws UnsupportedOperationException when not available; the cause says why
   */
  static Offramp open(OfframpOptions options) {
    return OfframpLoader.load().open(options);
  }

  /**
   * Turns a plain TCP connection into an iWARP stream at an RNIC: MPA start-up on the stream, then
   * the move. No other thread may use {@code tcp} from now on. It must not be registered with a
   * selector; it can be in blocking or non-blocking mode.
   *
   * <p>On success the channel is the RNIC's, and {@code tcp} must not be used any more. When MPA
   * start-up is rejected, or the move refused before start-up began, {@code tcp} is as usable as
   * before. A caller that loses nothing by closing {@code tcp} may always close it.
   *
   * @throws MpaException when start-up did not succeed; says whether TCP is still usable
   * @throws TransferException when the move was refused or failed; says who owns the connection.
   *     When it is lost, the peer is reset
   * @throws IOException when the channel fails
   */
  default RdmaConnection offload(SocketChannel tcp, MpaOptions mpa) throws IOException {
    return offload(tcp, mpa, ConnectionSetup.NONE);
  }

  /**
   * The same, and {@code setup} gets the connection before it can receive anything. An application
   * whose peer may Send at once needs this to have its Receives posted in time: a Send that finds
   * no buffer ends the stream (RFC 5041, section 7.1).
   *
   * @throws TransferException as the other method does, and when {@code setup} threw: its exception
   *     is the cause, or the exception itself when that is a {@code TransferException}
   * @throws IOException as the other method does
   */
  RdmaConnection offload(SocketChannel tcp, MpaOptions mpa, ConnectionSetup setup)
      throws IOException;

  /**
   * Whether the RNIC would take a connection, and what that connection would lose there; nothing is
   * stopped or sent. What is listed as lost has to be accepted ({@link
   * OfframpOptions.Builder#acceptLoss}) before {@link #offload} does it. Traffic changes the
   * answer: {@code offload} asks again.
   *
   * @throws TransferException when {@code tcp} cannot be looked at, or there is no RNIC
   */
  Admission admission(SocketChannel tcp, MpaOptions mpa) throws TransferException;

  /**
   * Moves a connection to another RNIC, while both ends work on it. {@code connection} and its
   * regions stay the same objects and go on at the new owner: STags, tagged offsets and posted work
   * are kept, and each request completes exactly once. The peer notices a pause. Threads that use
   * the connection meanwhile wait until the move is over.
   *
   * <p>Where the new owner cannot take over what is under way, the connection is first brought to
   * rest: no new work begins, for {@link OfframpOptions#drainTimeout} at most. Not to be called
   * from a {@link dev.offramp.api.rdma.CompletionHandler}.
   *
   * @param connection one that this instance has made
   * @param rnic the name of an RNIC, as in {@link OfframpOptions#rnic}; a number behind a colon
   *     tells instances apart: {@code softiwarp:2}
   * @throws TransferException when the move was refused or failed; says where the connection is.
   *     When it is lost, its requests complete as flushed, and the peer is reset
   */
  void move(RdmaConnection connection, String rnic) throws TransferException;

  /**
   * Moves connections away from RNICs that fail or are drained, as {@code policy} says. Several can
   * be in force; each then hears of a failing device, and the first to come moves its connections.
   */
  Failover failover(FailoverPolicy policy);

  /** The host's own TCP stack as an owner of connections. */
  StateTransfer<SocketChannel> hostStack();

  /**
   * What all connections of the RNIC did so far, those that have ended included; zero before the
   * first. One that ends meanwhile may be missing for a moment.
   */
  RdmaCounters counters();

  /** The drivers that were found, usable or not. */
  List<DriverReport> drivers();

  /** Closes all RNICs. Connections that are still open are aborted. Idempotent. */
  @Override
  void close();
}
