package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.provider.intel.ring.EventCode;
import dev.offramp.spi.port.EventLoop;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a connection lives and ends on the device. All under the connection's lock; never waits:
 * commands are handed to the control queue, and their answers come back through the connection.
 *
 * <pre>
 * PREPARED -> RUNNING -> DRAINING -> CLOSING -----.
 *     |          |                                 |
 *     |          +--> TERMINATING -----------------+--> DYING --> DEAD
 *     '-----------------------------------------------------------^
 * </pre>
 *
 * The first reason of an end wins. What each event means follows irdma's hw.c, irdma_process_aeq,
 * and ctrl.c, irdma_terminate_*.
 */
final class StreamLife {
  /** Where a connection stands. */
  enum Phase {
    /** On the device, and silent. */
    PREPARED,
    RUNNING,
    /** Ends when what is posted is done. */
    DRAINING,
    /** A FIN is on its way. */
    CLOSING,
    /** A Terminate is on its way, or has come; then a FIN. */
    TERMINATING,
    /** Nothing is sent or taken any more; what is posted is flushed. */
    DYING,
    /** All is flushed. */
    DEAD
  }

  /** A triple that no standard knows: the peer sent a Terminate that the device did not keep. */
  private static final Terminate UNKNOWN_TERMINATE = new Terminate(15, 15, 255, Octets.empty());

  /** Layer and type, code, and what is copied, of which nothing is. */
  private static final int TERMINATE_BYTES = 4;

  private static final int LAYER_SHIFT = 4;
  private static final long FLUSH_RETRY_NANOS = 1_000_000;

  private final IntelConnection connection;
  private final Adapter adapter;
  private final QueuePair pair;
  private Phase phase = Phase.PREPARED;
  private @Nullable StreamEnd end;
  private boolean closing;

  /** What came before {@link #started}. */
  private final List<DeviceEvent> early = new ArrayList<>(0);

  private int receiveFlushCode;
  private int sendFlushCode;
  private long flushDeadlineNanos;
  private EventLoop.@Nullable Timer linger;

  StreamLife(IntelConnection connection, Adapter adapter, QueuePair pair) {
    this.connection = connection;
    this.adapter = adapter;
    this.pair = pair;
  }

  Phase phase() {
    return phase;
  }

  /** How it ended; null while it lives. */
  @Nullable StreamEnd end() {
    return end;
  }

  /** Whether this end has asked for its close. */
  boolean isClosing() {
    return closing;
  }

  /** Whether the device works on what is posted. */
  boolean isServed() {
    return phase == Phase.RUNNING || phase == Phase.DRAINING;
  }

  boolean isDead() {
    return phase == Phase.DEAD;
  }

  // ---- what this end does

  /** The device has loaded the context. */
  void started() {
    phase = Phase.RUNNING;
    List<DeviceEvent> held = List.copyOf(early);
    early.clear();
    held.forEach(this::happened);
  }

  /** Ends it in order, after what is posted. */
  void requestClose() {
    closing = true;
    if (phase == Phase.PREPARED) {
      abort();
    } else if (phase == Phase.RUNNING) {
      phase = Phase.DRAINING;
      drained();
    }
  }

  /** Completions have been taken off the CQ: has that been the last thing to wait for? */
  void drained() {
    if (phase == Phase.DRAINING && !pair.memory().sends().hasWork()) {
      closeTcp();
    }
  }

  private void closeTcp() {
    phase = Phase.CLOSING;
    startLinger();
    command(pair::close);
  }

  /** Ends it at once. */
  void abort() {
    ended(new StreamEnd.ClosedLocally());
    if (phase == Phase.PREPARED) {
      bury();
    } else {
      die(/* reset= */ true);
    }
  }

  /** Ends it without a word: the device has not come to own it, or no longer does. */
  void abandon(StreamEnd how) {
    ended(how);
    if (phase != Phase.DEAD) {
      bury();
    }
  }

  /** It is another owner's: it has not ended, and nothing is left of it here. */
  void left() {
    stopLinger();
    phase = Phase.DEAD;
  }

  /** The device can no longer be told anything. */
  void deviceFailed(String reason) {
    abandon(new StreamEnd.Failed(reason));
  }

  /** Events of the device were lost, and one of them may have been about this connection. */
  void eventsLost() {
    if (phase != Phase.PREPARED) {
      fail("the device has lost events, for its AEQ was full");
    }
  }

  /** A completion says that the device has failed. */
  void completionFailed(int majorError, int minorError) {
    fail(
        "the device completed work with major code [%#06x], minor code [%#06x]"
            .formatted(majorError, minorError));
  }

  /** The device has completed what it cannot. */
  void defective(String what) {
    fail(what + "; the device is defective, reset the adapter");
  }

  private void fail(String reason) {
    ended(new StreamEnd.Failed(reason));
    die(/* reset= */ true);
  }

  private void ended(StreamEnd how) {
    // One that has left lives elsewhere, whatever the device says or becomes.
    if (end == null && phase != Phase.DEAD) {
      end = how;
      adapter.context().events().ended(connection, how);
      connection.wake();
    }
  }

  // ---- what the device says

  void happened(DeviceEvent event) {
    if (phase == Phase.PREPARED) {
      // The device has loaded the context, and this end has not heard of that yet.
      early.add(event);
      return;
    }
    if (phase == Phase.DYING || phase == Phase.DEAD) {
      return;
    }
    switch (event.code()) {
      case EventCode.LLP_CONNECTION_ESTABLISHED,
          EventCode.LLP_DOUBT_REACHABILITY,
          EventCode.RESOURCE_EXHAUSTION,
          EventCode.RESET_NOT_SENT,
          EventCode.LLP_SYN_RECEIVED,
          EventCode.QP_SUSPEND_COMPLETE ->
          adapter.context().logger().log(System.Logger.Level.DEBUG, event.toString());
      case EventCode.LLP_FIN_RECEIVED -> peerClosed();
      case EventCode.LLP_CLOSE_COMPLETE -> closed();
      case EventCode.RDMAP_ROE_BAD_LLP_CLOSE -> {
        ended(new StreamEnd.TruncatedByPeer());
        die(/* reset= */ true);
      }
      case EventCode.LLP_CONNECTION_RESET -> {
        ended(new StreamEnd.Reset());
        die(/* reset= */ false);
      }
      case EventCode.LLP_TOO_MANY_RETRIES, EventCode.LLP_TOO_MANY_KEEPALIVE_RETRIES -> {
        ended(new StreamEnd.TimedOut());
        die(/* reset= */ true);
      }
      case EventCode.LLP_TERMINATE_RECEIVED -> terminated();
      case EventCode.TERMINATE_SENT -> finishTerminate();
      case EventCode.BAD_CLOSE, EventCode.RESET_SENT -> {
        ended(new StreamEnd.Failed(event.toString()));
        die(/* reset= */ true);
      }
      case EventCode.WQE_LSMM_TOO_LONG ->
          fail(event + ": the last streaming-mode message is too long for the device");
      default -> {
        if (event.aboutCq()) {
          fail(event.toString());
        } else {
          broken(event);
        }
      }
    }
  }

  private void peerClosed() {
    if (phase == Phase.RUNNING || phase == Phase.DRAINING) {
      ended(new StreamEnd.ClosedByPeer());
      closeTcp();
    }
  }

  private void closed() {
    ended(closing ? new StreamEnd.ClosedLocally() : new StreamEnd.ClosedByPeer());
    die(/* reset= */ false);
  }

  /** The peer has sent a Terminate. */
  private void terminated() {
    BadFrame frame = BadFrame.in(q2());
    Terminate terminate = frame == null ? null : frame.terminate();
    ended(new StreamEnd.TerminatedByPeer(terminate == null ? UNKNOWN_TERMINATE : terminate));
    if (phase != Phase.TERMINATING) {
      phase = Phase.TERMINATING;
      startLinger();
    }
    command(pair::finish);
  }

  /** The device has found something wrong: the peer is told by a Terminate, and then by a FIN. */
  private void broken(DeviceEvent event) {
    if (phase == Phase.TERMINATING) {
      return;
    }
    BadFrame frame = event.hasPacket() ? BadFrame.in(q2()) : null;
    TerminateCause cause = TerminateCause.of(event, frame);
    if (event.code() == EventCode.DDP_UBE_DDP_MESSAGE_TOO_LONG_FOR_AVAILABLE_BUFFER) {
      receiveFlushCode = TerminateCause.FLUSH_TOO_LONG;
    } else if (event.ofReceiveQueue()) {
      receiveFlushCode = TerminateCause.FLUSH_PROTECTION;
    } else if (event.ofSendQueue()) {
      sendFlushCode = TerminateCause.FLUSH_PROTECTION;
    }
    ended(
        new StreamEnd.TerminatedLocally(
            new Terminate(cause.layer(), cause.type(), cause.code(), Octets.empty()),
            cause.reason()));
    phase = Phase.TERMINATING;
    startLinger();
    MemorySegment q2 = q2();
    // Nothing is copied: in which unit the device counts the length is not public, and only with
    // this one every reading gives the same message.
    q2.asSlice(0, BadFrame.OFFSET).fill((byte) 0);
    q2.set(ValueLayout.JAVA_BYTE, 0, (byte) (cause.layer() << LAYER_SHIFT | cause.type()));
    q2.set(ValueLayout.JAVA_BYTE, 1, (byte) cause.code());
    command(then -> pair.terminate(TERMINATE_BYTES, then));
  }

  private void finishTerminate() {
    if (phase == Phase.TERMINATING) {
      command(pair::finish);
    }
  }

  private MemorySegment q2() {
    return pair.memory().segment().asSlice(pair.memory().sizes().q2Offset(), QueueSizes.Q2_BYTES);
  }

  // ---- the end

  private void startLinger() {
    long at = adapter.context().nanoTime() + adapter.settings().lingerNanos();
    linger = adapter.loop().schedule(at, () -> connection.deliver(this::lingered));
  }

  private void lingered() {
    if (phase == Phase.CLOSING || phase == Phase.TERMINATING) {
      ended(new StreamEnd.TimedOut());
      die(/* reset= */ true);
    }
  }

  /** Hands a command over; what ends with an error ends the connection. */
  private void command(IntelConnection.Submission submission) {
    try {
      submission.to(error -> {
        if (error != null) {
          connection.deliver(() -> refused(error));
        }
      });
    } catch (CommandException e) {
      deviceFailed(String.valueOf(e.getMessage()));
    }
  }

  private void refused(CommandException error) {
    if (error.isHarmless()) {
      // An event has the reason; should it be lost, there is the deadline.
      log(error);
    } else if (phase != Phase.DYING && phase != Phase.DEAD) {
      fail(String.valueOf(error.getMessage()));
    }
  }

  /** Stops everything, and has the device flush what is posted. */
  private void die(boolean reset) {
    if (phase == Phase.DYING || phase == Phase.DEAD) {
      return;
    }
    phase = Phase.DYING;
    stopLinger();
    flushDeadlineNanos = adapter.context().nanoTime() + adapter.settings().commandTimeoutNanos();
    try {
      // With nothing posted the device would refuse to flush.
      boolean flushes = pair.memory().hasWork();
      pair.kill(
          reset,
          error -> {
            log(error);
            if (!flushes) {
              connection.deliver(this::flushed);
            }
          });
      if (flushes) {
        pair.flush(
            sendFlushCode,
            receiveFlushCode,
            error -> {
              log(error);
              connection.deliver(error == null ? this::flushed : this::bury);
            });
      }
    } catch (CommandException e) {
      log(e);
      bury();
    }
  }

  private void log(@Nullable CommandException error) {
    if (error != null) {
      error.log(adapter.context().logger(), "QP " + pair.memory().qpId());
    }
  }

  /** The device has been told to flush: takes what it gives, and after a while all the rest. */
  private void flushed() {
    connection.drain();
    if (phase == Phase.DEAD) {
      return;
    }
    long now = adapter.context().nanoTime();
    if (pair.memory().hasWork() && now - flushDeadlineNanos < 0) {
      adapter.loop().schedule(now + FLUSH_RETRY_NANOS, () -> connection.deliver(this::flushed));
    } else {
      bury();
    }
  }

  /** What is still posted never will be done. */
  private void bury() {
    if (phase == Phase.DEAD) {
      return;
    }
    stopLinger();
    phase = Phase.DYING;
    connection.sweep();
    phase = Phase.DEAD;
    connection.wake();
  }

  private void stopLinger() {
    EventLoop.Timer timer = linger;
    if (timer != null) {
      timer.cancel();
      linger = null;
    }
  }
}
