package dev.offramp.runtime.move;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.failover.FailoverListener;
import dev.offramp.api.failover.FailoverPolicy;
import dev.offramp.api.failover.FailoverReport;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which connection goes where, in which portions, and what is told of it. */
@Timeout(60)
class EvacuationTest {
  private static final int CONNECTIONS = 23;

  private final List<String> log = new CopyOnWriteArrayList<>();
  private final ScriptedRnic first = new ScriptedRnic("first", log);
  private final ScriptedRnic second = new ScriptedRnic("second", log);
  private final ScriptedRnic third = new ScriptedRnic("third", log);
  private final OpenRnic from = first.open();
  private final Map<String, OpenRnic> rnics =
      Map.of("first", from, "second", second.open(), "third", third.open());
  private final AtomicInteger opened = new AtomicInteger();
  private final List<MovableConnection> connections = new CopyOnWriteArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final ExecutorService workers = Executors.newFixedThreadPool(3);
  private final ConnectionMover mover =
      new ConnectionMover(
          new TransferCoordinator(Set.of(), TransferListener.NONE), Duration.ofSeconds(1));
  private final FailoverPolicy policy =
      FailoverPolicy.to("first", "second", "third")
          .withBatchSize(10)
          .withMovesAtOnce(3)
          .withPauseLimit(Duration.ofSeconds(30))
          .withListener(
              new FailoverListener() {
                @Override
                public void progress(String rnic, int moved, int failed, int left) {
                  told.add(rnic + " " + moved + " " + failed + " " + left);
                }

                @Override
                public void finished(FailoverReport report) {
                  told.add("finished");
                  throw new IllegalStateException("a listener's defect");
                }
              });

  EvacuationTest() {
    for (int i = 0; i < CONNECTIONS; i++) {
      connections.add(connection(new ScriptedConnection("first", log)));
    }
  }

  @AfterEach
  void stop() {
    workers.shutdownNow();
  }

  private MovableConnection connection(RdmaConnection scripted) {
    return new MovableConnection(from, scripted, connection -> {});
  }

  private OpenRnic open(String name) throws TransferException {
    opened.incrementAndGet();
    OpenRnic rnic = rnics.get(name);
    if (rnic == null) {
      throw TransferException.refused(
          TransferStep.ADMIT,
          List.of(new Refusal(RefusalReason.NO_OWNER, name, "an RNIC", "name one")));
    }
    return rnic;
  }

  private List<MovableConnection> there() {
    return connections.stream().filter(each -> each.owner().equals(from)).toList();
  }

  private FailoverReport run(FailoverPolicy with) {
    return new Evacuation(with, mover, this::open, workers).run("first", "a test", this::there);
  }

  private static TransferException refusal(FailoverReport.Unmoved unmoved, String rnic) {
    return Objects.requireNonNull(unmoved.refusals().get(rnic));
  }

  @Test
  void allGoInBatchesToTheFirstThatTakesThem() {
    FailoverReport report = run(policy);
    assertThat(report.movedTo()).isEqualTo(Map.of("second", CONNECTIONS));
    assertThat(report.unmoved()).isEmpty();
    assertThat(report.ended()).isZero();
    assertThat(told).containsExactly("first 10 0 13", "first 20 0 3", "first 23 0 0", "finished");
    assertThat(connections).allSatisfy(each -> assertThat(each.ownerName()).isEqualTo("second"));
    assertThat(opened).hasValue(1);
    assertThat(report.pauses().medianNanos()).isPositive();
    assertThat(report.pauses().maxNanos()).isGreaterThanOrEqualTo(report.pauses().p99Nanos());
  }

  @Test
  void whatOneRefusesTheNextMayTake() {
    second.fault = ScriptedRnic.Fault.REFUSES_DESCRIPTOR;
    FailoverReport report = run(policy);
    assertThat(report.movedTo()).isEqualTo(Map.of("third", CONNECTIONS));
    assertThat(opened).as("each RNIC is opened once").hasValue(2);
  }

  @Test
  void whatNobodyTakesStaysAndSaysWhy() {
    second.fault = ScriptedRnic.Fault.ARRIVE_THROWS;
    FailoverReport report =
        run(
            new FailoverPolicy(
                List.of("second", "nowhere"),
                10,
                3,
                Duration.ofSeconds(30),
                FailoverListener.NONE));
    assertThat(report.moved()).isZero();
    assertThat(report.unmoved()).hasSize(CONNECTIONS);
    assertThat(report.unmoved())
        .allSatisfy(each -> {
          assertThat(each.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
          assertThat(each.refusals()).containsOnlyKeys("second", "nowhere");
          assertThat(refusal(each, "second")).hasMessageContaining("a defect");
        });
    assertThat(connections).allSatisfy(each -> assertThat(each.ownerName()).isEqualTo("first"));
  }

  @Test
  void whatIsLostIsNotTriedElsewhere() {
    second.fault = ScriptedRnic.Fault.ACTIVATE_THROWS;
    FailoverReport report = run(policy);
    assertThat(report.unmoved()).hasSize(CONNECTIONS);
    assertThat(report.unmoved())
        .allSatisfy(each -> assertThat(each.whereabouts()).isEqualTo(Whereabouts.LOST));
    assertThat(log).doesNotContain("third activates");
  }

  @Test
  void aPauseThatIsTooLongIsUndone() {
    FailoverReport report = run(policy.withPauseLimit(Duration.ofMillis(1)));
    assertThat(report.moved() + report.unmoved().size()).isEqualTo(CONNECTIONS);
    second.slowNanos = Duration.ofMillis(3).toNanos();
    third.fault = ScriptedRnic.Fault.REFUSES_PROFILE;
    connections.clear();
    connections.add(connection(new ScriptedConnection("first", log)));
    report = run(policy.withPauseLimit(Duration.ofMillis(1)));
    TransferException refusal = refusal(report.unmoved().getFirst(), "second");
    assertThat(refusal.refusals().getFirst().reason()).isEqualTo(RefusalReason.PAUSE_LIMIT);
    assertThat(connections.getFirst().ownerName()).isEqualTo("first");
    assertThat(log).containsSubsequence("second abandons", "first resumes");
  }

  @Test
  void thoseThatComeMeanwhileGoToo() {
    FailoverReport report =
        run(
            policy.withListener(
                new FailoverListener() {
                  @Override
                  public void progress(String rnic, int moved, int failed, int left) {
                    if (connections.size() == CONNECTIONS) {
                      connections.add(connection(new ScriptedConnection("first", log)));
                    }
                  }
                }));
    assertThat(report.moved()).isEqualTo(CONNECTIONS + 1);
  }
}
