package dev.offramp.linux.tcp;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LinuxException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A socket that is stopped: in repair, so that nothing that is done to it reaches the peer, and
 * fenced, so that it takes no segment. For one thread at a time.
 *
 * <p>Repair comes first. A process that is killed with a socket that is fenced and not in repair
 * leaves the kernel one that repeats data and FIN and never hears an answer, for as long as {@code
 * net.ipv4.tcp_orphan_retries} lasts; a socket in repair goes at once, and whatever the peer sends
 * then is answered by RST.
 *
 * <p>Remembers what has been done, so that {@link #thaw} undoes exactly that, and can be called
 * again when the kernel refused.
 */
public final class FrozenSocket {
  private static final int SOCKADDR_BYTES = 16;
  private static final long NOT_CLOSED = -1;

  private OsSocket socket;
  private final SocketFilter filterBefore;
  private final Action putUp;
  private boolean fenced;
  private boolean deselected = true;
  private @Nullable RepairSession repair;
  private boolean reuseAddressPending = true;
  private long sndWndBefore = NOT_CLOSED;
  private boolean pushPending;

  private FrozenSocket(
      OsSocket socket, SocketFilter filterBefore, Action putUp, RepairSession repair) {
    this.socket = socket;
    this.filterBefore = filterBefore;
    this.putUp = putUp;
    this.repair = repair;
  }

  /**
   * Enters repair, and remembers the socket's filter. The fence is to be a classic one, for whoever
   * stops one socket and no more.
   *
   * @throws LinuxException when it cannot; nothing has changed
   */
  public static FrozenSocket freeze(OsSocket socket) throws LinuxException {
    return freeze(
        socket, SocketFilter.attachedTo(socket), () -> SocketFilter.dropAll().attachTo(socket));
  }

  /**
   * Enters repair on a socket whose filter has been read already.
   *
   * @param filterBefore what is attached now
   * @param fence what {@link #fence} is to put in its place
   * @throws LinuxException when it cannot; nothing has changed
   */
  public static FrozenSocket freeze(OsSocket socket, SocketFilter filterBefore, Fence fence)
      throws LinuxException {
    return freeze(socket, filterBefore, () -> fence.attachTo(socket));
  }

  private static FrozenSocket freeze(OsSocket socket, SocketFilter filterBefore, Action putUp)
      throws LinuxException {
    int reuseAddressBefore = RepairSession.reuseAddress(socket);
    return new FrozenSocket(
        socket, filterBefore, putUp, RepairSession.begin(socket, reuseAddressBefore));
  }

  /**
   * Puts the fence up. From here on the socket's state stands still.
   *
   * @throws LinuxException when it cannot; {@link #thaw} is still to be called
   */
  public void fence() throws LinuxException {
    putUp.run();
    fenced = true;
    closeSendWindow();
  }

  /**
   * Takes the peer's window away for as long as the socket is frozen. Repair does not stop timers,
   * and those of pacing (bbr), tail loss and persist send bytes that were unsent before: snd_nxt
   * would go past what was described, and the new owner would drop the peer's ACKs for ever.
   */
  private void closeSendWindow() throws LinuxException {
    RepairWindow window = RepairWindow.of(socket);
    if (sndWndBefore == NOT_CLOSED) {
      sndWndBefore = window.sndWnd();
    }
    pushPending = true;
    // Counted after the window is gone: what was sent in between must count as sent.
    window.withSndWnd(0).writeTo(socket);
  }

  /** The other words are read anew: a delayed ACK may have advertised a window meanwhile. */
  private void reopenSendWindow() throws LinuxException {
    RepairWindow.of(socket).withSndWnd(sndWndBefore).writeTo(socket);
    sndWndBefore = NOT_CLOSED;
  }

  /**
   * Sends what may be sent: a timer that was to do it may have come to nothing while frozen. Taking
   * a cork away that is not there does it.
   */
  private void push() throws LinuxException {
    if (socket.getInt(Opt.TCP_CORK) == 0) {
      socket.setInt(Opt.TCP_CORK, 0);
    }
    pushPending = false;
  }

  /** The repair session, until {@link #thaw} has ended it. */
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
    deselected = false;
    Snapshot snapshot = Snapshot.of(socket, repair());
    deselected = true;
    StateReader.describe(snapshot.withSndWnd(sndWndBefore), to);
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
    if (session != null && sndWndBefore != NOT_CLOSED) {
      twice(this::reopenSendWindow);
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
    if (pushPending) {
      twice(this::push);
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

  /** The same socket by another descriptor, since the one so far was given up. */
  public void heldBy(OsSocket other) {
    socket = other;
    RepairSession session = repair;
    if (session != null) {
      repair = session.heldBy(other);
    }
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
    MemorySegment nobody = Scratch.own().value(SOCKADDR_BYTES).fill((byte) 0); // AF_UNSPEC is 0
    LinuxException.check(
        socket.libc().connect(socket.fd(), nobody, SOCKADDR_BYTES), "connect(AF_UNSPEC)");
  }

  /**
   * Undoing can meet a passing lack of memory (the filter is copied); it is worth a second try. A
   * helper that does not come has been waited for already.
   */
  private static void twice(Action action) throws LinuxException {
    try {
      action.run();
    } catch (LinuxException first) {
      if (first.errno() == Errno.ETIMEDOUT) {
        throw first;
      }
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
