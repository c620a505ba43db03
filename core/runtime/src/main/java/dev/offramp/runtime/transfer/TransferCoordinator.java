package dev.offramp.runtime.transfer;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.runtime.journal.Phase;
import dev.offramp.runtime.journal.TransferJournal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The two-phase move. It knows owners only as {@link StateTransfer}, so every pair of owners moves
 * by the same few lines. Stateless; safe for use by several threads.
 */
public final class TransferCoordinator {
  /** Stands for an address that nobody knows. */
  private static final InetSocketAddress UNKNOWN = InetSocketAddress.createUnresolved("unknown", 0);

  private final Set<FieldKey<?>> acceptedLosses;
  private final TransferListener listener;
  private final TransferJournal journal;

  /**
   * A coordinator that keeps no journal.
   *
   * @param acceptedLosses fields that connections may lose
   * @param listener told of the steps that the coordinator itself takes
   */
  public TransferCoordinator(Set<FieldKey<?>> acceptedLosses, TransferListener listener) {
    this(acceptedLosses, listener, TransferJournal.none());
  }

  /**
   * A coordinator with a policy.
   *
   * @param acceptedLosses fields that connections may lose
   * @param listener told of the steps that the coordinator itself takes
   * @param journal where transfers are recorded; stays the caller's
   */
  public TransferCoordinator(
      Set<FieldKey<?>> acceptedLosses, TransferListener listener, TransferJournal journal) {
    this.acceptedLosses = Set.copyOf(acceptedLosses);
    this.listener = GuardedListener.of(listener);
    this.journal = journal;
  }

  /**
   * Stops a connection at its old owner, with the journal told before.
   *
   * @param profile tells the two ends
   * @param from the old owner's name
   * @param to the new owner
   * @param how stops and describes it
   */
  public RecordedDeparture depart(
      ConnectionProfile profile, String from, StateTransfer<?> to, Stop how)
      throws TransferException {
    RecordedTransfer transfer =
        RecordedTransfer.begin(
            journal,
            profile.get(DescriptorFields.LOCAL_ADDRESS).orElse(UNKNOWN),
            profile.get(DescriptorFields.REMOTE_ADDRESS).orElse(UNKNOWN),
            from,
            to.ownerName());
    try {
      Departure departure = how.depart();
      transfer.reached(Phase.STOPPED);
      return new RecordedDeparture(departure, transfer);
    } catch (TransferException | RuntimeException | Error e) {
      Whereabouts now =
          e instanceof TransferException typed ? typed.whereabouts() : Whereabouts.OLD_OWNER;
      transfer.failed(now, e);
      throw e instanceof TransferException typed
          ? typed
          : new TransferException(
              TransferStep.EXCLUDE, now, "owner [" + from + "] failed: " + e, e);
    }
  }

  /** Stops a connection. */
  @FunctionalInterface
  public interface Stop {
    Departure depart() throws TransferException;
  }

  /**
   * A stopped connection whose transfer is recorded.
   *
   * @param departure the connection
   * @param transfer its record
   */
  public record RecordedDeparture(Departure departure, RecordedTransfer transfer) {}

  /**
   * Refuses a move that {@code to} would not take, while the connection runs.
   *
   * @throws TransferException with the refusals; nothing was stopped
   */
  public void requireAdmission(ConnectionProfile profile, StateTransfer<?> to)
      throws TransferException {
    Step step = new Step(TransferStep.ADMIT, to.ownerName());
    try {
      List<Refusal> refusals = new ArrayList<>(profile.obstacles());
      Admission admission = to.admits(profile);
      refusals.addAll(admission.refusals());
      for (Loss loss : admission.losses()) {
        if (!acceptedLosses.contains(loss.field())) {
          refusals.add(unaccepted(loss));
        }
      }
      if (!refusals.isEmpty()) {
        throw TransferException.refused(TransferStep.ADMIT, refusals);
      }
    } finally {
      step.end();
    }
  }

  /**
   * Moves a connection.
   *
   * @param amend adds what the old owner cannot know, such as the outcome of MPA start-up
   * @return the connection at its new owner, running
   * @throws TransferException says who owns the connection now: the old owner, running again,
   *     unless that one could not be resumed
   */
  public <A, B> B move(
      StateTransfer<A> from,
      A connection,
      UnaryOperator<IwarpConnectionDescriptor> amend,
      StateTransfer<B> to)
      throws TransferException {
    return move(from.depart(connection), from.ownerName(), amend, to, arrival -> {});
  }

  /**
   * Moves a connection that has departed already.
   *
   * @param departure the stopped connection; released or resumed when this method returns
   * @param from the old owner's name
   * @param beforeRelease called when the new owner is ready and silent; what it throws undoes the
   *     move
   */
  public <B> B move(
      Departure departure,
      String from,
      UnaryOperator<IwarpConnectionDescriptor> amend,
      StateTransfer<B> to,
      Preparation<B> beforeRelease)
      throws TransferException {
    IwarpConnectionDescriptor known = departure.descriptor();
    RecordedTransfer transfer =
        RecordedTransfer.begin(
            journal,
            known.get(DescriptorFields.LOCAL_ADDRESS).orElse(UNKNOWN),
            known.get(DescriptorFields.REMOTE_ADDRESS).orElse(UNKNOWN),
            from,
            to.ownerName());
    transfer.reached(Phase.STOPPED);
    return move(new RecordedDeparture(departure, transfer), from, amend, to, beforeRelease);
  }

  /** The same for one that {@link #depart} has stopped. */
  public <B> B move(
      RecordedDeparture stopped,
      String from,
      UnaryOperator<IwarpConnectionDescriptor> amend,
      StateTransfer<B> to,
      Preparation<B> beforeRelease)
      throws TransferException {
    Departure departure = stopped.departure();
    RecordedTransfer transfer = stopped.transfer();
    Arrival<B> arrival = null;
    IwarpConnectionDescriptor descriptor;
    try {
      descriptor = amend.apply(departure.descriptor());
      arrival = prepare(descriptor, to);
      transfer.reached(Phase.PREPARED);
      beforeRelease.prepare(arrival);
      departure.steerAway();
      transfer.reached(Phase.RELEASING);
      release(departure, from);
    } catch (IOException | RuntimeException | Error failure) {
      TransferException told = undo(departure, from, arrival, to, failure);
      transfer.failed(told.whereabouts(), told);
      throw told;
    }
    transfer.reached(Phase.RELEASED);
    try {
      B running = activate(arrival, descriptor, to);
      transfer.reached(Phase.ACTIVE);
      return running;
    } catch (TransferException lost) {
      transfer.failed(lost.whereabouts(), lost);
      throw lost;
    }
  }

  private void release(Departure departure, String from) {
    Step step = new Step(TransferStep.RELEASE, from);
    try {
      departure.release();
    } finally {
      step.end();
    }
  }

  /** By contract it cannot fail; an owner that breaks the contract must not go unnoticed. */
  private <B> B activate(
      Arrival<B> arrival, IwarpConnectionDescriptor descriptor, StateTransfer<B> to)
      throws TransferException {
    Step step = new Step(TransferStep.ACTIVATE, to.ownerName());
    try {
      return arrival.activate();
    } catch (RuntimeException | Error broken) {
      // The new owner alone can still tell the peer, or give back what the connection holds.
      abandon(arrival, broken);
      throw TransferException.lost(
          descriptor,
          "owner [" + to.ownerName() + "] could not activate what it had prepared: " + broken,
          broken);
    } finally {
      step.end();
    }
  }

  /**
   * The peer's segments must not meet a place that the new owner has left: so they are led back
   * first. When that fails, resuming tries it once more, and until it is settled the new owner,
   * which is silent, stays.
   */
  private TransferException undo(
      Departure departure,
      String from,
      @Nullable Arrival<?> arrival,
      StateTransfer<?> to,
      Throwable failure) {
    boolean ledBack = steerBack(departure, failure);
    if (ledBack) {
      abandon(arrival, failure);
    }
    TransferException told = resume(departure, from, to, failure);
    if (!ledBack) {
      abandon(arrival, failure);
    }
    return told;
  }

  private static boolean steerBack(Departure departure, Throwable failure) {
    try {
      departure.steerBack();
      return true;
    } catch (TransferException | RuntimeException | Error notLedBack) {
      suppress(failure, notLedBack);
      return false;
    }
  }

  /** Whatever the new owner does here, the old one has to resume. */
  private static void abandon(@Nullable Arrival<?> arrival, Throwable failure) {
    if (arrival == null) {
      return;
    }
    try {
      arrival.abandon();
    } catch (RuntimeException | Error notAbandoned) {
      suppress(failure, notAbandoned);
    }
  }

  private static void suppress(Throwable failure, Throwable later) {
    if (!later.equals(failure)) {
      failure.addSuppressed(later);
    }
  }

  /**
   * What is done with a prepared connection before the old owner lets go.
   *
   * @param <B> what the new owner calls a connection
   */
  @FunctionalInterface
  public interface Preparation<B> {
    void prepare(Arrival<B> arrival) throws IOException;
  }

  private <B> Arrival<B> prepare(IwarpConnectionDescriptor descriptor, StateTransfer<B> to)
      throws TransferException {
    requireAdmission(ConnectionProfile.of(descriptor), to);
    Step step = new Step(TransferStep.PREPARE, to.ownerName());
    try {
      return to.arrive(descriptor);
    } finally {
      step.end();
    }
  }

  /** Resumes at the old owner, and returns what to throw. */
  private TransferException resume(
      Departure departure, String from, StateTransfer<?> to, Throwable failure) {
    Step step = new Step(TransferStep.RESUME, from);
    try {
      departure.close();
    } catch (TransferException | RuntimeException | Error notResumed) {
      suppress(failure, notResumed);
      // An owner may have resumed all the same, with less than everything restored.
      Whereabouts whereabouts =
          notResumed instanceof TransferException typed ? typed.whereabouts() : Whereabouts.FROZEN;
      return new TransferException(
          TransferStep.RESUME,
          whereabouts,
          "owner [" + from + "]: " + notResumed.getMessage() + ", after: " + failure.getMessage(),
          failure);
    } finally {
      step.end();
    }
    return failure instanceof TransferException typed
        ? typed
        : new TransferException(
            TransferStep.PREPARE,
            Whereabouts.OLD_OWNER,
            "owner [" + to.ownerName() + "] failed: " + failure,
            failure);
  }

  private static Refusal unaccepted(Loss loss) {
    return new Refusal(
        RefusalReason.LOSS_NOT_ACCEPTED,
        loss.field() + " would be lost: " + loss.consequence(),
        "the caller's consent",
        "accept it with OfframpOptions.acceptLoss, or choose another RNIC");
  }

  /** One step's times, told to the listener and to Flight Recorder. */
  private final class Step {
    private final TransferStep step;
    private final String owner;
    private final TransferStepEvent event = new TransferStepEvent();
    private final long startNanos = System.nanoTime();

    Step(TransferStep step, String owner) {
      this.step = step;
      this.owner = owner;
      event.begin();
    }

    void end() {
      listener.step(step, owner, startNanos, System.nanoTime());
      event.end();
      if (event.shouldCommit()) {
        event.step = step.name();
        event.owner = owner;
        event.commit();
      }
    }
  }
}
