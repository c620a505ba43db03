package dev.offramp.runtime.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

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
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two-phase move between owners that only write down what is asked of them. */
class TransferCoordinatorTest {
  private static final IwarpConnectionDescriptor DESCRIPTOR =
      IwarpConnectionDescriptor.builder()
          .present(DescriptorFields.LOCAL_ADDRESS, end(1000), "test")
          .present(DescriptorFields.REMOTE_ADDRESS, end(2000), "test")
          .build();
  private static final Loss LOSS = new Loss(DescriptorFields.SRTT_MICROS, "a slow start");

  private final List<String> log = new ArrayList<>();
  private final OldOwner from = new OldOwner();
  private final NewOwner to = new NewOwner();

  @Test
  void theOrderOfAMove() throws Exception {
    String moved = coordinator().move(from, "connection", d -> logged("amend", d), to);
    assertThat(moved).isEqualTo("moved");
    assertThat(log).containsExactly("depart", "amend", "admits", "arrive", "release", "activate");
  }

  @Test
  void whatTheCallerPreparesComesBetweenArrivalAndRelease() throws Exception {
    coordinator()
        .move(
            from.depart("connection"),
            "old",
            UnaryOperator.identity(),
            to,
            arrival -> log.add("prepare"));
    assertThat(log).containsSubsequence("arrive", "prepare", "release", "activate");
  }

  @Test
  void theAmendedDescriptorArrives() throws Exception {
    coordinator()
        .move(
            from,
            "connection",
            d -> d.toBuilder().derived(DescriptorFields.IRD, 7, "test").build(),
            to);
    assertThat(to.arrived.value(DescriptorFields.IRD)).isEqualTo(7);
  }

  @Test
  void aRefusalComesBeforeAnythingIsStopped() {
    to.admission = Admission.refused(List.of(refusal(RefusalReason.TIMESTAMPS)));
    assertRefused(RefusalReason.TIMESTAMPS, Set.of());
    assertThat(log).containsExactly("admits");
  }

  @Test
  void obstaclesOfTheOldOwnerAreRefusalsToo() {
    ConnectionProfile profile =
        new ConnectionProfile(DESCRIPTOR, 0, 0, 0, Set.of(refusal(RefusalReason.HALF_CLOSED)));
    to.admission = Admission.refused(List.of(refusal(RefusalReason.SACK)));
    assertThatThrownBy(() -> coordinator().requireAdmission(profile, to))
        .isInstanceOfSatisfying(
            TransferException.class,
            e ->
                assertThat(e.refusals())
                    .extracting(Refusal::reason)
                    .containsExactly(RefusalReason.HALF_CLOSED, RefusalReason.SACK));
  }

  @Test
  void aLossHasToBeAccepted() throws Exception {
    to.admission = Admission.withLosses(List.of(LOSS));
    assertRefused(RefusalReason.LOSS_NOT_ACCEPTED, Set.of(DescriptorFields.RTO_MICROS));
    new TransferCoordinator(Set.of(LOSS.field()), TransferListener.NONE)
        .requireAdmission(ConnectionProfile.of(DESCRIPTOR), to);
  }

  @Test
  void aRefusalAfterTheFreezeResumes() {
    to.admission = Admission.refused(List.of(refusal(RefusalReason.UNREAD_BYTES)));
    TransferException e = failedMove();
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    assertThat(e.refusals()).hasSize(1);
    assertThat(log).containsExactly("depart", "admits", "close");
  }

  @Test
  void aFailedArrivalResumes() {
    TransferException noRoom = noRoom();
    to.onArrive = noRoom;
    assertThat(failedMove()).isSameAs(noRoom);
    assertThat(log).containsExactly("depart", "admits", "arrive", "close");
  }

  @ParameterizedTest
  @ValueSource(strings = {"IOException", "RuntimeException", "Error"})
  void whateverFailsBeforeTheReleaseUndoesTheMove(String kind) {
    TransferException e =
        catchThrowableOfType(
            TransferException.class,
            () ->
                coordinator()
                    .move(
                        from.depart("connection"),
                        "old",
                        UnaryOperator.identity(),
                        to,
                        arrival -> fail(kind)));
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    assertThat(e.step()).isEqualTo(TransferStep.PREPARE);
    assertThat(e.getCause()).hasMessage("broken");
    assertThat(log).containsExactly("depart", "admits", "arrive", "abandon", "close");
  }

  @Test
  void anAmendmentThatThrowsUndoesTheMove() {
    assertThatThrownBy(() ->
            coordinator()
                .move(
                    from,
                    "connection",
                    d -> {
                      throw new IllegalStateException("broken");
                    },
                    to))
        .isInstanceOf(TransferException.class);
    assertThat(log).containsExactly("depart", "close");
  }

  /** An owner that cannot even abandon must not keep the other one from going on. */
  @Test
  void anAbandonThatThrowsStillResumes() {
    IllegalStateException broken = new IllegalStateException("cannot abandon");
    to.onAbandon = broken;
    TransferException e =
        catchThrowableOfType(
            TransferException.class,
            () ->
                coordinator()
                    .move(
                        from.depart("connection"),
                        "old",
                        UnaryOperator.identity(),
                        to,
                        arrival -> fail("IOException")));
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    assertThat(e).cause().hasSuppressedException(broken);
    assertThat(log).endsWith("abandon", "close");
  }

  @Test
  void aResumeThatFailsLeavesItFrozen() {
    TransferException noRoom = noRoom();
    to.onArrive = noRoom;
    IllegalStateException broken = new IllegalStateException("cannot thaw");
    from.onClose = broken;
    TransferException e = failedMove();
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.FROZEN);
    assertThat(e.step()).isEqualTo(TransferStep.RESUME);
    assertThat(e.getCause()).isSameAs(noRoom);
    assertThat(noRoom.getSuppressed()).containsExactly(broken);
    assertThat(e).hasMessageContaining("cannot thaw").hasMessageContaining("no room");
  }

  /** The owner knows best: running again, with an option less. */
  @Test
  void aResumeThatWentHalfWellSaysWhereTheConnectionIs() {
    TransferException noRoom = noRoom();
    to.onArrive = noRoom;
    from.onClose =
        new TransferException(
            TransferStep.RESUME, Whereabouts.OLD_OWNER, "an option is lost", null);
    assertThat(failedMove().whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
  }

  @Test
  void anOwnerThatCannotActivateAfterAllIsReportedAsALoss() {
    IllegalStateException broken = new IllegalStateException("dead");
    to.onActivate = broken;
    TransferException e = failedMove();
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST);
    assertThat(e.descriptor()).contains(DESCRIPTOR);
    assertThat(e.step()).isEqualTo(TransferStep.ACTIVATE);
    assertThat(e.getCause()).isSameAs(broken);
    // Nobody else could tell the peer, or give back what the connection holds.
    assertThat(log).endsWith("release", "activate", "abandon");
  }

  @Test
  void anOldOwnerThatBreaksWhenItIsToStopIsReportedWithAType() {
    IllegalStateException broken = new IllegalStateException("broken");
    TransferException e =
        catchThrowableOfType(
            TransferException.class,
            () ->
                coordinator()
                    .depart(
                        ConnectionProfile.of(DESCRIPTOR),
                        "old",
                        to,
                        () -> {
                          throw broken;
                        }));
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    assertThat(e.step()).isEqualTo(TransferStep.EXCLUDE);
    assertThat(e.getCause()).isSameAs(broken);
    assertThat(e).hasMessageContaining("[old]");
  }

  @Test
  void everyStepIsToldWithItsOwner() throws Exception {
    List<String> steps = new ArrayList<>();
    new TransferCoordinator(
            Set.of(),
            (step, owner, start, end) -> {
              assertThat(end - start).isNotNegative();
              steps.add(step + " " + owner);
            })
        .move(from, "connection", UnaryOperator.identity(), to);
    assertThat(steps).containsExactly("ADMIT new", "PREPARE new", "RELEASE old", "ACTIVATE new");
  }

  @Test
  void anUndoneMoveTellsOfTheResume() {
    List<String> steps = new ArrayList<>();
    TransferException noRoom = noRoom();
    to.onArrive = noRoom;
    assertThatThrownBy(() ->
            new TransferCoordinator(
                    Set.of(), (step, owner, start, end) -> steps.add(step + " " + owner))
                .move(from, "connection", UnaryOperator.identity(), to))
        .isSameAs(noRoom);
    assertThat(steps).containsExactly("ADMIT new", "PREPARE new", "RESUME old");
  }

  @Test
  void aListenerThatThrowsDoesNoHarm() throws Exception {
    String moved =
        new TransferCoordinator(
                Set.of(),
                (step, owner, start, end) -> {
                  throw new IllegalStateException("a listener's defect");
                })
            .move(from, "connection", UnaryOperator.identity(), to);
    assertThat(moved).isEqualTo("moved");
    assertThat(log).doesNotContain("abandon", "close");
  }

  private static TransferCoordinator coordinator() {
    return new TransferCoordinator(Set.of(), TransferListener.NONE);
  }

  private TransferException failedMove() {
    return catchThrowableOfType(
        TransferException.class,
        () -> coordinator().move(from, "connection", UnaryOperator.identity(), to));
  }

  private void assertRefused(RefusalReason reason, Set<FieldKey<?>> accepted) {
    assertThatThrownBy(() ->
            new TransferCoordinator(accepted, TransferListener.NONE)
                .requireAdmission(ConnectionProfile.of(DESCRIPTOR), to))
        .isInstanceOfSatisfying(
            TransferException.class,
            e -> {
              assertThat(e.refusals()).extracting(Refusal::reason).containsExactly(reason);
              assertThat(e.step()).isEqualTo(TransferStep.ADMIT);
              assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
            });
  }

  private static void fail(String kind) throws IOException {
    switch (kind) {
      case "IOException" -> throw new IOException("broken");
      case "RuntimeException" -> throw new IllegalStateException("broken");
      default -> throw new NoClassDefFoundError("broken");
    }
  }

  private <T> T logged(String what, T value) {
    log.add(what);
    return value;
  }

  private static TransferException noRoom() {
    return new TransferException(TransferStep.PREPARE, Whereabouts.OLD_OWNER, "no room", null);
  }

  private static Refusal refusal(RefusalReason reason) {
    return new Refusal(reason, "it", "not it", "change it");
  }

  private static InetSocketAddress end(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static void throwIfSet(@Nullable Exception failure) throws TransferException {
    switch (failure) {
      case TransferException typed -> throw typed;
      case RuntimeException unchecked -> throw unchecked;
      case null, default -> {}
    }
  }

  private final class OldOwner implements StateTransfer<String> {
    private @Nullable Exception onClose;

    @Override
    public String ownerName() {
      return "old";
    }

    @Override
    public Admission admits(ConnectionProfile profile) {
      throw new AssertionError("nothing moves here");
    }

    @Override
    public Departure depart(String connection) {
      log.add("depart");
      return new Departure() {
        @Override
        public IwarpConnectionDescriptor descriptor() {
          return DESCRIPTOR;
        }

        @Override
        public void release() {
          log.add("release");
        }

        @Override
        public void resume() {
          log.add("resume");
        }

        @Override
        public void close() throws TransferException {
          log.add("close");
          throwIfSet(onClose);
        }
      };
    }

    @Override
    public Arrival<String> arrive(IwarpConnectionDescriptor descriptor) {
      throw new AssertionError("nothing moves here");
    }
  }

  private final class NewOwner implements StateTransfer<String> {
    private Admission admission = Admission.full();
    private @Nullable Exception onArrive;
    private @Nullable Exception onAbandon;
    private @Nullable Exception onActivate;
    private IwarpConnectionDescriptor arrived = DESCRIPTOR;

    @Override
    public String ownerName() {
      return "new";
    }

    @Override
    public Admission admits(ConnectionProfile profile) {
      log.add("admits");
      return admission;
    }

    @Override
    public Departure depart(String connection) {
      throw new AssertionError("nothing leaves here");
    }

    @Override
    public Arrival<String> arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
      log.add("arrive");
      throwIfSet(onArrive);
      arrived = descriptor;
      return new Arrival<>() {
        @Override
        public String activate() {
          log.add("activate");
          throwUnchecked(onActivate);
          return "moved";
        }

        @Override
        public void abandon() {
          log.add("abandon");
          throwUnchecked(onAbandon);
        }
      };
    }

    private static void throwUnchecked(@Nullable Exception failure) {
      if (failure instanceof RuntimeException unchecked) {
        throw unchecked;
      }
    }
  }
}
