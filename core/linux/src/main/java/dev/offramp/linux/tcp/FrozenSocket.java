package dev.offramp.linux.tcp;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.libc.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A socket that is stopped: fenced, so that it takes no segment, and in repair, so that nothing
 * that is done to it reaches the peer. For one thread at a time.
 *
 * <p>Remembers what has been done, so that {@link #thaw} undoes exactly that, and can be called
 * again when the kernel refused.
 */
public final class FrozenSocket {
  private static final short AF_UNSPEC = 0;
  private static final int SOCKADDR_BYTES = 16;

  private final OsSocket socket;
  private final SocketFilter filterBefore;
  private boolean fenced;
  private boolean deselected = true;
  private @Nullable RepairSession repair;
  private boolean reuseAddressPending;

  private FrozenSocket(OsSocket socket, SocketFilter filterBefore) {
    this.socket = socket;
    this.filterBefore = filterBefore;
  }

  /**
   * Remembers the socket's filter, and puts a fence in its place.
   *
   * @throws LinuxException when it cannot; nothing has changed
   */
  public static FrozenSocket fence(OsSocket socket) throws LinuxException {
    FrozenSocket frozen = new FrozenSocket(socket, SocketFilter.attachedTo(socket));
    SocketFilter.dropAll().attachTo(socket);
    frozen.fenced = true;
    return frozen;
  }

  /**
   * Enters repair.
   *
   * @throws LinuxException when it cannot; {@link #thaw} is still to be called
   */
  public void freeze() throws LinuxException {
    repair = RepairSession.begin(socket);
    reuseAddressPending = true;
  }

  /** The repair session of {@link #freeze}. */
  public RepairSession repair() {
    RepairSession session = repair;
    if (session == null) {
      throw new IllegalStateException("not in repair");
    }
    return session;
  }

  /**
   * Reads all that repair shows into {@code to}.
   *
   * @return what TCP_INFO said at that instant
   */
  public TcpInfo describe(IwarpConnectionDescriptor.Builder to) throws IOException {
    // Stays so until thaw: see Snapshot.
    deselected = false;
    Snapshot snapshot = Snapshot.of(socket, repair());
    StateReader.describe(snapshot, to);
    return snapshot.info();
  }

  /**
   * Lets the connection go on. The fence comes down before repair ends: ending it sends a window
   * probe, whose answer (an ACK, a window, or the RST that was missed) must not be dropped.
   *
   * @throws LinuxException when the kernel refuses even a second time; what is left to do is kept
   */
  public void thaw() throws LinuxException {
    RepairSession session = repair;
    if (session != null && !deselected) {
      deselect(session);
    }
    if (fenced && (session == null || deselected)) {
      unfence();
    }
    if (session != null) {
      twice(session::endWithProbe);
      repair = null;
    }
    if (fenced) {
      unfence();
    }
    if (session != null && reuseAddressPending) {
      twice(session::restoreReuseAddress);
      reuseAddressPending = false;
    }
  }

  /** Should this fail, repair ends before the fence comes down; the probe's answer is then lost. */
  private void deselect(RepairSession session) {
    try {
      twice(session::deselect);
      deselected = true;
    } catch (LinuxException e) {
      deselected = false;
    }
  }

  private void unfence() throws LinuxException {
    twice(() -> filterBefore.attachTo(socket));
    fenced = false;
  }

  /** Whether input or output is still stopped. */
  public boolean isStopped() {
    return fenced || repair != null;
  }

  /**
   * Ends the connection on this host without a segment: connecting a socket in repair to nobody
   * frees its 4-tuple, timers and queues at once, even when other descriptors refer to it.
   *
   * @throws LinuxException when the kernel refuses; closing the last descriptor does the same
   */
  public void destroy() throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment nobody = arena.allocate(SOCKADDR_BYTES, Long.BYTES); // AF_UNSPEC is 0
      LinuxException.check(
          socket.libc().connect(socket.fd(), nobody, SOCKADDR_BYTES),
          "connect(AF_UNSPEC " + AF_UNSPEC + ")");
    }
  }

  /** Undoing can meet a passing lack of memory (the filter is copied); it is worth a second try. */
  private static void twice(Action action) throws LinuxException {
    try {
      action.run();
    } catch (LinuxException first) {
      try {
        action.run();
      } catch (LinuxException second) {
        second.addSuppressed(first);
        throw second;
      }
    }
  }

  private interface Action {
    void run() throws LinuxException;
  }
}
