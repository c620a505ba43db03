package dev.offramp.linux;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.StateReader;
import dev.offramp.linux.tcp.TcpInfo;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Carries out one departure; whatever fails, the connection goes on. */
final class Stopper {
  /** Threads are inside the gate for one non-blocking call each. */
  private static final long GATE_TIMEOUT_NANOS = Duration.ofSeconds(5).toNanos();

  private static final long DRAIN_LOOK_NANOS = 50_000;

  private final Kernel kernel;
  private final HostOptions options;
  private final Drain drain;
  private final Steps steps;

  Stopper(Kernel kernel, HostOptions options, Drain drain) {
    this.kernel = kernel;
    this.options = options;
    this.drain = drain;
    this.steps = new Steps(options.listener());
  }

  Departure stop(SocketChannel channel, @Nullable GatedChannel gate) throws TransferException {
    if (gate == null) {
      return admitAndStop(channel, null);
    }
    try {
      steps.go(TransferStep.EXCLUDE, () -> shut(gate));
    } catch (IOException e) {
      throw transferException(e, Whereabouts.OLD_OWNER);
    }
    Departure departure = null;
    try {
      departure = admitAndStop(channel, gate);
      return departure;
    } finally {
      if (departure == null) {
        gate.reopen();
      }
    }
  }

  private static void shut(GatedChannel gate) throws TransferException {
    if (!gate.shut(GATE_TIMEOUT_NANOS)) {
      throw refused(
          TransferStep.EXCLUDE,
          RefusalReason.CHANNEL_IN_USE,
          "threads inside the gate after " + GATE_TIMEOUT_NANOS + " ns, or another departure",
          "none",
          "finish the other departure, and try again");
    }
  }

  private Departure admitAndStop(SocketChannel channel, @Nullable GatedChannel gate)
      throws TransferException {
    StoppedSocket stopped = null;
    try {
      steps.go(TransferStep.ADMIT, () -> admit(channel, gate != null));
      stopped = hold(channel);
      return describe(channel, gate, stopped);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      throw undo(stopped, e);
    }
  }

  private void admit(SocketChannel channel, boolean exclusive) throws TransferException {
    List<Refusal> obstacles = kernel.check().of(channel, exclusive);
    if (!obstacles.isEmpty()) {
      throw TransferException.refused(TransferStep.ADMIT, obstacles);
    }
  }

  private StoppedSocket hold(SocketChannel channel) throws IOException {
    OsSocket socket = kernel.descriptors().of(channel);
    return StoppedSocket.hold(socket, socket.cookie());
  }

  private Departure describe(
      SocketChannel channel, @Nullable GatedChannel gate, StoppedSocket stopped)
      throws IOException {
    OsSocket socket = stopped.socket();
    if (drain.timeoutNanos() > 0) {
      steps.go(TransferStep.DRAIN, () -> drain(socket));
    }
    // What does not change is read before the freeze, to keep that short.
    IwarpConnectionDescriptor.Builder facts = IwarpConnectionDescriptor.builder();
    StateReader.describeConstants(socket, TcpInfo.of(socket), facts);
    kernel.describePath(socket, facts);
    steps.go(TransferStep.FENCE, stopped::fence);
    steps.go(TransferStep.FREEZE, stopped::freeze);
    IwarpConnectionDescriptor descriptor =
        steps.run(TransferStep.DESCRIBE, () -> describeFrozen(stopped, facts));
    return new HostDeparture(channel, gate, stopped, descriptor, new Steps(options.listener()));
  }

  private IwarpConnectionDescriptor describeFrozen(
      StoppedSocket stopped, IwarpConnectionDescriptor.Builder facts) throws IOException {
    TcpState state = stopped.describe(facts);
    List<Refusal> obstacles = new ArrayList<>();
    DepartureCheck.state(state, obstacles);
    if (!obstacles.isEmpty()) {
      // A FIN or RST has come in since admission.
      throw TransferException.refused(TransferStep.DESCRIBE, obstacles);
    }
    IwarpConnectionDescriptor descriptor = facts.build();
    requireDrained(ConnectionQueues.of(descriptor));
    return descriptor;
  }

  private void requireDrained(ConnectionQueues queues) throws TransferException {
    if (drain.timeoutNanos() > 0 && queues.outgoingBytes() > 0) {
      throw undrained(queues.outgoingBytes());
    }
  }

  private void drain(OsSocket socket) throws IOException {
    long deadline = System.nanoTime() + drain.timeoutNanos();
    int left = socket.queuedBytes();
    while (left > 0) {
      if (System.nanoTime() - deadline >= 0) {
        throw undrained(left);
      }
      LockSupport.parkNanos(DRAIN_LOOK_NANOS);
      left = socket.queuedBytes();
    }
  }

  private TransferException undrained(int bytes) {
    return refused(
        TransferStep.DRAIN,
        RefusalReason.UNACKNOWLEDGED_BYTES,
        bytes + " bytes without acknowledgement after " + drain.timeoutNanos() + " ns",
        "none",
        "let the peer read, allow more time, or use an owner that takes such bytes over");
  }

  /** Lets the connection go on, and says so; or says that the kernel did not let it. */
  private TransferException undo(@Nullable StoppedSocket stopped, Throwable failure) {
    TransferException typed = transferException(failure, Whereabouts.OLD_OWNER);
    if (stopped == null) {
      return typed;
    }
    try {
      steps.go(TransferStep.RESUME, stopped::resume);
      return typed;
    } catch (IOException e) {
      TransferException both = HostDeparture.resumeFailed(stopped, e);
      both.addSuppressed(failure);
      stopped.letGo(); // nobody gets a departure to resume: closing the channel must be enough
      return both;
    }
  }

  private TransferException transferException(Throwable failure, Whereabouts whereabouts) {
    if (failure instanceof TransferException typed) {
      return typed;
    }
    String message = String.valueOf(failure.getMessage());
    return new TransferException(steps.current(), whereabouts, message, failure);
  }

  private static TransferException refused(
      TransferStep step, RefusalReason reason, String seen, String expected, String remedy) {
    return TransferException.refused(step, List.of(new Refusal(reason, seen, expected, remedy)));
  }
}
