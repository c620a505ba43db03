package dev.offramp.benchmarks.softiwarp;

import dev.offramp.api.OfframpOptions;
import dev.offramp.api.failover.Failover;
import dev.offramp.api.failover.FailoverPolicy;
import dev.offramp.api.failover.FailoverReport;
import dev.offramp.benchmarks.suite.Effort;
import dev.offramp.benchmarks.suite.Figure;
import dev.offramp.benchmarks.suite.Part;
import dev.offramp.benchmarks.suite.Series;
import dev.offramp.benchmarks.suite.Target;
import dev.offramp.linux.net.Topology;
import dev.offramp.runtime.stream.DetachedNics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All connections of the software RNIC on the host's sockets moved to another owner, and back. */
final class Moves implements Part {
  private static final String HOST = OfframpOptions.HOST_RESIDENT;

  /** Between the fewest connections worth comparing and the most: no more than noise. */
  private static final Target GROWTH = Target.atMost(1.5);

  private static final int COMPARED = 100;
  private static final double KIBI = 1024;
  private static final Duration PAUSE_LIMIT = Duration.ofSeconds(30);

  private final String name;
  private final String to;
  private final int most;
  private final int budget;

  /**
   * A part.
   *
   * @param to where the connections go
   * @param most how many can be there
   * @param budget moves there for each number of connections, so that a run stays short; at least
   *     one round is done
   */
  Moves(String name, String to, int most, int budget) {
    this.name = name;
    this.to = to;
    this.most = most;
    this.budget = budget;
  }

  @Override
  public String name() {
    return name;
  }

  /** See {@link ProcessMemory}. */
  @Override
  public List<String> jvmOptions(Effort effort) {
    return List.of("-XX:+AlwaysPreTouch");
  }

  @Override
  public List<Figure> measure(Effort effort) throws Exception {
    try (Topology topology = Topology.create();
        DetachedNics.Registration nic =
            DetachedNics.provide("moves", topology.nic(), topology.nicNamespace())) {
      return topology.host().namespace().call(() -> atHost(topology, nic, effort));
    }
  }

  private List<Figure> atHost(Topology topology, DetachedNics.Registration nic, Effort effort)
      throws Exception {
    OfframpOwner owner = OfframpOwner.ofMany(nic.name());
    try (ManyConnections many =
            new ManyConnections(
                List.of("nsenter", "--net=" + topology.peer().namespace().path()),
                List.of(topology.peer().ipv4().getHostAddress()),
                owner);
        Failover there = owner.offramp().failover(policy(to));
        Failover back = owner.offramp().failover(policy(HOST))) {
      List<Figure> figures = new ArrayList<>();
      Series compared = null;
      for (int count : effort.connections()) {
        if (count > most) {
          break;
        }
        many.open(count);
        Batch batch = batch(many, there, back, effort);
        figures.addAll(batch.figures(name, count));
        if (count == COMPARED) {
          compared = batch.each();
        }
        if (compared != null && count > COMPARED) {
          figures.add(
              Figure.ratio(
                  "moves." + name + ".growth." + count,
                  String.format(Locale.ROOT, "cost of one connection in a batch of %,d", count),
                  new Figure.Side(text(count), "us", Series.of(batch.each().median())),
                  new Figure.Side(text(COMPARED), "us", Series.of(compared.median())),
                  GROWTH,
                  "total time by connections, medians of the rounds"));
        }
      }
      return figures;
    }
  }

  private static String text(int count) {
    return String.format(Locale.ROOT, "batch of %,d", count);
  }

  private static FailoverPolicy policy(String rnic) {
    return FailoverPolicy.to(rnic).withBatchSize(Integer.MAX_VALUE).withPauseLimit(PAUSE_LIMIT);
  }

  /** There and back, and again; a burst on each connection in between. */
  private Batch batch(ManyConnections many, Failover there, Failover back, Effort effort)
      throws Exception {
    int warmup = effort.quick() || many.count() > budget ? 0 : 1;
    int rounds = effort.quick() ? 1 : Math.clamp(budget / many.count(), 1, 20);
    Batch batch = new Batch();
    ProcessMemory before = ProcessMemory.now();
    for (int i = 0; i < warmup + rounds; i++) {
      FailoverReport report = moved(there, HOST, many.count());
      many.burstOnEach();
      back.readmit(HOST);
      FailoverReport home = moved(back, to, many.count());
      many.burstOnEach();
      there.readmit(to);
      if (i >= warmup) {
        batch.add(report, many.count());
        batch.addBack(home);
      }
    }
    batch.grownKibi = ProcessMemory.now().since(before) / KIBI / many.count();
    return batch;
  }

  private static FailoverReport moved(Failover failover, String from, int count)
      throws IOException {
    FailoverReport report = failover.drain(from);
    if (report.moved() != count) {
      throw new IOException(
          "seen %d of %d moved; the first that was not: %s"
              .formatted(report.moved(), count, report.unmoved().stream().findFirst()));
    }
    return report;
  }

  /** What batches of one size came to. */
  private static final class Batch {
    private final List<Double> medians = new ArrayList<>();
    private final List<Double> p99s = new ArrayList<>();
    private final List<Double> totals = new ArrayList<>();
    private final List<Double> eachs = new ArrayList<>();
    private final List<Double> backs = new ArrayList<>();
    private double grownKibi;

    void add(FailoverReport report, int count) {
      medians.add(report.pauses().medianNanos() / 1e3);
      p99s.add(report.pauses().p99Nanos() / 1e3);
      totals.add(report.nanos() / 1e6);
      eachs.add(report.nanos() / 1e3 / count);
    }

    void addBack(FailoverReport report) {
      backs.add(report.pauses().medianNanos() / 1e3);
    }

    Series each() {
      return series(eachs);
    }

    List<Figure> figures(String part, int count) {
      String id = "moves." + part + "." + count + ".";
      return List.of(
          amount(id + "pause.median", count, "pause, median", "us", series(medians)),
          amount(id + "pause.p99", count, "pause, p99", "us", series(p99s)),
          amount(id + "pause.back", count, "pause on the way back, median", "us", series(backs)),
          amount(id + "total", count, "all of the batch", "ms", series(totals)),
          amount(id + "each", count, "one connection's share", "us", each()),
          amount(id + "memory", count, "memory left behind by each", "KiB", Series.of(grownKibi)));
    }

    private static Figure amount(String id, int count, String what, String unit, Series value) {
      return Figure.amount(id, text(count) + ": " + what, unit, value, null, "");
    }

    private static Series series(List<Double> values) {
      return Series.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
  }

  @Override
  public String toString() {
    return HOST + " to " + to;
  }
}
