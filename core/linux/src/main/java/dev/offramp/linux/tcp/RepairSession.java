package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.LinuxException;

/**
 * A socket in repair mode: its queues and sequence numbers are open, and closing it is silent. For
 * one thread at a time.
 *
 * <p>Repair mode stops neither input (that takes the fence) nor retransmission timers. A {@code
 * write} while a queue is selected would go into that queue unseen by the peer, so other threads
 * must be kept away, and {@link #deselect} must precede every end.
 */
public final class RepairSession {
  private static final int OFF = 0;
  private static final int ON = 1;
  private static final int OFF_NO_WINDOW_PROBE = -1;

  private final OsSocket socket;
  private final int reuseAddress;

  private RepairSession(OsSocket socket, int reuseAddress) {
    this.socket = socket;
    this.reuseAddress = reuseAddress;
  }

  /** Whether somebody has put the socket into repair. Needs no privilege. */
  public static boolean isOn(OsSocket socket) throws LinuxException {
    return socket.getInt(Opt.TCP_REPAIR) == ON;
  }

  /** SO_REUSEADDR, to be asked before repair: the kernel sets it then, and clears it at the end. */
  static int reuseAddress(OsSocket socket) throws LinuxException {
    return socket.getInt(Opt.SO_REUSEADDR);
  }

  /** Enters repair on a new socket. */
  public static RepairSession begin(OsSocket socket) throws LinuxException {
    return begin(socket, 0);
  }

  /**
   * Enters repair. Either it throws, and nothing has changed, or the session has begun.
   *
   * @param reuseAddress what {@link #restoreReuseAddress} is to give back
   */
  static RepairSession begin(OsSocket socket, int reuseAddress) throws LinuxException {
    socket.setInt(Opt.TCP_REPAIR, ON);
    return new RepairSession(socket, reuseAddress == 0 ? 0 : 1);
  }

  /** The same session by another descriptor of its socket. */
  RepairSession heldBy(OsSocket other) {
    return new RepairSession(other, reuseAddress);
  }

  /** Opens a queue to {@code send}, {@code recv} and {@link #sequence}. */
  public void select(Queue queue) throws LinuxException {
    socket.setInt(Opt.TCP_REPAIR_QUEUE, queue.number);
  }

  /** Closes the queues: output triggered by a segment that comes in is sent again. */
  public void deselect() throws LinuxException {
    select(Queue.NONE);
  }

  /** The next number of the selected queue: rcv_nxt, or write_seq (the end of what is queued). */
  public long sequence() throws LinuxException {
    return Integer.toUnsignedLong(socket.getInt(Opt.TCP_QUEUE_SEQ));
  }

  /** Sets it; only on a socket that is not connected yet. */
  public void setSequence(long sequence) throws LinuxException {
    socket.setInt(Opt.TCP_QUEUE_SEQ, (int) sequence);
  }

  /**
   * Leaves repair, and sends a window probe, which provokes an ACK (or the RST that was missed).
   */
  public void endWithProbe() throws LinuxException {
    socket.setInt(Opt.TCP_REPAIR, OFF);
  }

  /** Leaves repair without a segment. */
  public void endSilently() throws LinuxException {
    socket.setInt(Opt.TCP_REPAIR, OFF_NO_WINDOW_PROBE);
  }

  /** Gives SO_REUSEADDR the value that it had before. */
  public void restoreReuseAddress() throws LinuxException {
    socket.setInt(Opt.SO_REUSEADDR, reuseAddress);
  }

  /** The queues of include/uapi/linux/tcp.h. */
  public enum Queue {
    NONE(0),
    RECEIVE(1),
    SEND(2);

    private final int number;

    Queue(int number) {
      this.number = number;
    }
  }
}
