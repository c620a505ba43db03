package dev.offramp.linux;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.tcp.FileDescriptors;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.StateReader;
import dev.offramp.linux.tcp.StateReader.Ends;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
  private final @Nullable ChannelUsers users;
  private final Steps steps;
  private @Nullable StoppedSocket stopped;

  /**
   * One departure.
   *
   * @param users who uses the connections; null to look for it
   */
  Stopper(Kernel kernel, HostOptions options, Drain drain, @Nullable ChannelUsers users) {
    this.kernel = kernel;
    this.options = options;
    this.drain = drain;
    this.users = users;
    this.steps = new Steps(options.listener());
  }

  Departure stop(SocketChannel channel, @Nullable GatedChannel gate) throws TransferException {
    if (gate == null) {
      return admitAndStop(channel, null);
    }
    steps.begin(TransferStep.EXCLUDE);
    try {
      shut(gate);
    } finally {
      steps.end();
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

  static void shut(GatedChannel gate) throws TransferException {
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
    try {
      return describe(channel, gate, admit(channel, gate));
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      throw undo(channel, e);
    }
  }

  private DepartureCheck.Look admit(SocketChannel channel, @Nullable GatedChannel gate)
      throws IOException {
    steps.begin(TransferStep.ADMIT);
    try {
      return look(channel, gate);
    } finally {
      steps.end();
    }
  }

  private DepartureCheck.Look look(SocketChannel channel, @Nullable GatedChannel gate)
      throws IOException {
    List<Refusal> found = DepartureCheck.javaSide(channel);
    DepartureCheck.Look look = null;
    StoppedSocket held = null;
    if (found.isEmpty()) {
      try {
        FileDescriptors.Known known = kernel.descriptors().lastKnown(channel);
        held = StoppedSocket.hold(known);
        if (held == null) {
          // The channel's descriptor has changed since it was found: find it anew.
          kernel.descriptors().of(channel);
          known = kernel.descriptors().lastKnown(channel);
          held = StoppedSocket.hold(known);
        }
        if (held == null) {
          throw new IOException("the channel was closed meanwhile");
        }
        look =
            kernel
                .check()
                .beforeDeparture(
                    channel,
                    known,
                    held.socket(),
                    usersOf(gate),
                    gate == null ? null : gate.constants(),
                    found);
      } catch (IOException e) {
        found.add(DepartureCheck.unseen(channel, e));
      } finally {
        if (look == null && held != null) {
          held.letGo();
        }
      }
    }
    if (look == null || held == null) {
      throw TransferException.refused(TransferStep.ADMIT, found);
    }
    stopped = held;
    return look;
  }

  /** Behind a gate nobody can be: that its channel has no second descriptor was seen before. */
  private @Nullable ChannelUsers usersOf(@Nullable GatedChannel gate) {
    return gate != null && gate.isSole() ? ChannelUsers.excludedByCaller() : users;
  }

  private Departure describe(
      SocketChannel channel, @Nullable GatedChannel gate, DepartureCheck.Look look)
      throws IOException {
    StoppedSocket held = Objects.requireNonNull(stopped);
    OsSocket socket = held.socket();
    if (drain.timeoutNanos() > 0) {
      drain(socket);
    }
    // What does not change is read before the freeze, to keep that short.
    IwarpConnectionDescriptor.Builder facts = IwarpConnectionDescriptor.builder();
    Ends ends = StateReader.describeConstants(socket, look.info(), facts);
    kernel.describePath(socket, ends, look.namespaceCookie(), facts);
    freeze(held, look);
    fence(held);
    IwarpConnectionDescriptor descriptor = describeFrozen(held, facts);
    return new HostDeparture(
        kernel, channel, gate, held, descriptor, new Steps(options.listener()));
  }

  private void freeze(StoppedSocket held, DepartureCheck.Look look) throws IOException {
    steps.begin(TransferStep.FREEZE);
    try {
      held.freeze(kernel.fence(), look.filter());
    } finally {
      steps.end();
    }
  }

  private void fence(StoppedSocket held) throws IOException {
    steps.begin(TransferStep.FENCE);
    try {
      held.fence();
    } finally {
      steps.end();
    }
  }

  private IwarpConnectionDescriptor describeFrozen(
      StoppedSocket held, IwarpConnectionDescriptor.Builder facts) throws IOException {
    steps.begin(TransferStep.DESCRIBE);
    try {
      return readFrozen(held, facts);
    } finally {
      steps.end();
    }
  }

  private IwarpConnectionDescriptor readFrozen(
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
    steps.begin(TransferStep.DRAIN);
    try {
      awaitDrained(socket);
    } finally {
      steps.end();
    }
  }

  private void awaitDrained(OsSocket socket) throws IOException {
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
  private TransferException undo(SocketChannel channel, Throwable failure) {
    StoppedSocket held = stopped;
    if (held == null) {
      return transferException(failure, Whereabouts.OLD_OWNER);
    }
    TransferException typed = refusedByTheKernel(held, failure);
    steps.begin(TransferStep.RESUME);
    try {
      held.resume(kernel.descriptors(), channel);
      return typed;
    } catch (IOException e) {
      if (held.isStopped()) {
        kernel.standing().add(channel, () -> resume(channel, held));
      }
      TransferException both = kernel.resumeFailed(held, e);
      both.addSuppressed(failure);
      return both;
    } finally {
      steps.end();
    }
  }

  private void resume(SocketChannel channel, StoppedSocket held) throws TransferException {
    steps.begin(TransferStep.RESUME);
    try {
      held.resume(kernel.descriptors(), channel);
    } catch (IOException e) {
      throw kernel.resumeFailed(held, e);
    } finally {
      steps.end();
    }
  }

  /** EPERM of repair or of the fence: a locked filter, or a privilege that was lost. */
  private TransferException refusedByTheKernel(StoppedSocket held, Throwable failure) {
    TransferStep step = steps.current();
    if (failure instanceof LinuxException e
        && e.errno() == Errno.EPERM
        && (step == TransferStep.FENCE || step == TransferStep.FREEZE)) {
      List<Refusal> refusals = kernel.check().ofRefusal(held.socket());
      if (!refusals.isEmpty()) {
        return TransferException.refused(step, refusals);
      }
    }
    return transferException(failure, Whereabouts.OLD_OWNER);
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
