package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.models.ModelWindow;
import dev.offramp.models.NthFault;
import dev.offramp.models.RecordedFaults;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicException;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.DriverHangsException;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.rule.TransferRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Each place where a port or a device can fail fails once, at its first, second, middle and last
 * time: the call says so by its own type, and nothing is left behind.
 */
final class FaultsExperiment implements Experiment {
  private static final int MAX_CASES = 160;

  /** A device that has not answered for so long is silent: answers take microseconds. */
  private static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** What is to fail, and where. */
  private record Case(String place, NthFault fault) {
    /**
     * Whether the device may still touch what it was given, as nobody has heard of it: then that is
     * given back when the device is closed, and not before.
     */
    boolean isSilence(long tookNanos) {
      return tookNanos >= SILENCE_NANOS || place.equals(ModelWindow.GONE);
    }
  }

  @Override
  public String name() {
    return "faults";
  }

  @Override
  public Stage stage() {
    return Stage.CONTRACT;
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(SpiRules.S08, SpiRules.S09, SpiRules.S20, TransferRules.L74);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    IwarpConnectionDescriptor d = lab.draw(lab.shape().role(MpaRole.INITIATOR), "faults");
    RecordedFaults recorded = new RecordedFaults();
    try (Bench bench = lab.closed(Map.of(), recorded)) {
      bench.open();
      bench.wire(d);
      RnicArrival arrival = bench.call("arrive", () -> bench.rnic().arrive(d));
      abandon(bench, arrival);
    }
    List<Case> cases = new ArrayList<>();
    recorded
        .seen()
        .forEach((place, times) -> {
          for (int nth : new TreeSet<>(List.of(1, Math.min(2, times), (times + 1) / 2, times))) {
            cases.add(new Case(place, new NthFault(place, nth, 1)));
          }
        });
    int step = Math.max(1, (cases.size() + MAX_CASES - 1) / MAX_CASES);
    for (int i = 0; i < cases.size(); i += step) {
      fail(lab, d, cases.get(i), judgement);
    }
    if (cases.isEmpty()) {
      judgement.inconclusive(SpiRules.S08, "no port was used that could fail");
    }
  }

  private static void fail(Lab lab, IwarpConnectionDescriptor d, Case failure, Judgement judgement)
      throws Exception {
    String what = "when %s fails".formatted(failure.fault());
    try {
      tryOut(lab, d, failure, what, judgement);
    } catch (DriverHangsException hang) {
      judgement.fail(
          SpiRules.S20,
          "%s: a wait has no end by the context's clock: %s".formatted(what, hang.getMessage()));
      throw hang;
    }
  }

  private static void tryOut(
      Lab lab, IwarpConnectionDescriptor d, Case failure, String what, Judgement judgement)
      throws Exception {
    Bench bench = lab.closed(Map.of(), failure.fault());
    try (bench) {
      if (!opened(bench, what, judgement)) {
        requireNothing(bench, "open failed " + what, 0, SpiRules.S08, judgement);
        return;
      }
      int held = pieces(bench);
      long beginNanos = bench.conductor().now();
      bench.wire(d);
      try {
        RnicArrival arrival = bench.call("arrive", () -> bench.rnic().arrive(d));
        abandon(bench, arrival);
      } catch (TransferException e) {
        requireText(e, judgement);
        if (failure.isSilence(bench.conductor().now() - beginNanos)) {
          return;
        }
        requireNothing(bench, "arrive failed " + what, held, SpiRules.S08, judgement);
        if (bench.openStreams() > 0) {
          judgement.fail(
              SpiRules.S08,
              "arrive failed %s, and the 4-tuple is still held".formatted(what),
              Evidences.of(d, bench.trace()));
        }
      } catch (DriverHangsException hang) {
        throw hang;
      } catch (RuntimeException | Error e) {
        judgement.fail(
            SpiRules.S08,
            "arrive %s: expected TransferException, seen %s".formatted(what, e),
            Evidences.of(d, bench.trace()));
      }
    }
    requireNothing(bench, "closed " + what, 0, SpiRules.S09, judgement);
  }

  private static boolean opened(Bench bench, String what, Judgement judgement) {
    try {
      bench.open();
      return true;
    } catch (RnicException e) {
      requireText(e, judgement);
    } catch (DriverHangsException hang) {
      throw hang;
    } catch (Exception | Error e) {
      judgement.fail(
          SpiRules.S08,
          "open %s: expected RnicException, seen %s".formatted(what, e),
          Evidences.of(bench.trace()));
    }
    return false;
  }

  private static void requireText(Exception e, Judgement judgement) {
    String message = e.getMessage();
    if (message == null || message.isBlank()) {
      judgement.fail(SpiRules.S08, "an exception without a message: " + e.getClass());
    }
  }

  private static int pieces(Bench bench) {
    return bench.memory() == null ? 0 : bench.memory().open().size();
  }

  private static void requireNothing(
      Bench bench, String when, int held, Rule rule, Judgement judgement) {
    if (pieces(bench) > held && bench.memory() != null) {
      judgement.fail(
          rule,
          "%s, and %d pieces of memory are still held:%n%s"
              .formatted(when, pieces(bench) - held, bench.memory().leaks()),
          Evidences.of(bench.trace()));
    }
  }

  private static void abandon(Bench bench, RnicArrival arrival) throws Exception {
    bench.call(
        "abandon",
        () -> {
          arrival.abandon();
          return null;
        });
    bench.conductor().settle(0);
  }
}
