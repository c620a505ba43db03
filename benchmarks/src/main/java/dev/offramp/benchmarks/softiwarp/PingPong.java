package dev.offramp.benchmarks.softiwarp;

import dev.offramp.benchmarks.suite.Effort;
import dev.offramp.benchmarks.suite.Figure;
import dev.offramp.benchmarks.suite.Part;
import dev.offramp.benchmarks.suite.Rounds;
import dev.offramp.benchmarks.suite.Series;
import dev.offramp.benchmarks.suite.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Round trips of 64 B ÷ NIO's, one thread at each end. */
final class PingPong implements Part {
  private static final Target ROUND_TRIP = Target.atMost(1.15);
  private static final int BYTES = 64;
  private static final int TRIPS = 20_000;
  private static final String NIO_BLOCKING = "NIO, blocking";
  private static final String NIO_POLLING = "NIO, polling";

  /** What one contender measures in one round, in this order. */
  private static final List<String> STATISTICS = List.of("mean", "p50", "p99");

  @Override
  public String name() {
    return "ping-pong";
  }

  @Override
  public List<Figure> measure(Effort effort) throws Exception {
    int trips = effort.of(TRIPS);
    Map<String, List<Series>> seen;
    try (TwoThreads threads = new TwoThreads();
        NioPair nio = new NioPair(threads);
        RdmaPair polling = RdmaPair.open(threads, Waiting.POLLS, true);
        RdmaPair blocking = RdmaPair.open(threads, Waiting.BLOCKS, true)) {
      seen =
          effort
              .toRounds()
              .run(
                  List.of(
                      trips("nio", trips, times -> nio.pingPong(BYTES, times, true)),
                      trips("nio.polling", trips, times -> nio.pingPong(BYTES, times, false)),
                      trips("send", trips, times -> polling.sendPingPong(BYTES, times)),
                      trips("write", trips, times -> polling.writePingPong(BYTES, times)),
                      trips("send.blocking", trips, t -> blocking.sendPingPong(BYTES, t))));
    }
    List<Figure> figures = new ArrayList<>();
    add(figures, seen, "send", "Send 64 B, both ends poll", "nio", NIO_BLOCKING, ROUND_TRIP);
    add(figures, seen, "write", "Write 64 B, both ends poll", "nio", NIO_BLOCKING, ROUND_TRIP);
    add(figures, seen, "send.blocking", "Send 64 B, both ends block", "nio", NIO_BLOCKING, null);
    add(figures, seen, "send", "Send 64 B, both poll", "nio.polling", NIO_POLLING, null);
    add(figures, seen, "write", "Write 64 B, both poll", "nio.polling", NIO_POLLING, null);
    return figures;
  }

  /** The target speaks of the mean; the quantiles say what hides in it. */
  private static void add(
      List<Figure> figures,
      Map<String, List<Series>> seen,
      String key,
      String name,
      String baselineKey,
      String baseline,
      @Nullable Target target) {
    for (int i = 0; i < STATISTICS.size(); i++) {
      String statistic = STATISTICS.get(i);
      figures.add(
          Figure.ratio(
              "ping-pong." + key + ".over." + baselineKey + "." + statistic,
              name + ", " + statistic,
              new Figure.Side("softiwarp", "us", Work.nth(seen, key, i)),
              new Figure.Side(baseline, "us", Work.nth(seen, baselineKey, i)),
              i == 0 ? target : null,
              ""));
    }
  }

  /** Round trips into an array of times. */
  @FunctionalInterface
  private interface Trips {
    long nanos(long[] tripNanos) throws Exception;
  }

  private static Rounds.Contender trips(String name, int count, Trips trips) {
    return Rounds.contender(
        name,
        () -> {
          long[] times = new long[count];
          double mean = trips.nanos(times) / 1e3 / count;
          Arrays.sort(times);
          return new double[] {mean, times[count / 2] / 1e3, times[count * 99 / 100] / 1e3};
        });
  }
}
