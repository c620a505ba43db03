package dev.offramp.benchmarks.dataplane;

import dev.offramp.benchmarks.Options;
import dev.offramp.benchmarks.Report;
import dev.offramp.benchmarks.Samples;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The software RNIC against plain NIO, over loopback, two threads each. Both are measured in turns
 * within one run, so that what else the machine does hits both; only ratios are to be compared
 * between machines.
 */
public final class DataPlane {
  private static final int SMALL_BYTES = 64;
  private static final int BATCH = 32;

  private final Options options;
  private final Report report = new Report("dataplane");

  private DataPlane(Options options) {
    this.options = options;
  }

  public static void main(String[] args) throws Exception {
    new DataPlane(
            Options.of(
                "dataplane",
                args,
                Map.of(
                    "rounds",
                    7,
                    "warmup",
                    3,
                    "megabytes",
                    256,
                    "round-trips",
                    10_000,
                    "messages",
                    200_000)))
        .run();
  }

  /** A measurement; returns how long it took. */
  @FunctionalInterface
  private interface Work {
    long nanos() throws Exception;
  }

  private void run() throws Exception {
    System.out.printf(
        "%-34s %-8s %22s %22s | %7s %15s%n",
        "", "unit", "softiwarp (p25..p75)", "NIO (p25..p75)", "ratio", "(min..max)");
    try (TwoThreads threads = new TwoThreads();
        NioWork nio = new NioWork(threads);
        RdmaWork rdma = new RdmaWork(threads)) {
      for (int bytes : new int[] {64 << 10, 1 << 20}) {
        long count = ((long) options.get("megabytes") << 20) / bytes;
        int window = bytes == 64 << 10 ? 16 : 8;
        String size = bytes == 64 << 10 ? "64 KiB" : "1 MiB";
        Work plain = () -> nio.stream(bytes, count);
        double gigabytes = count * bytes / 1e9;
        rate("Write " + size, "GB/s", gigabytes, () -> rdma.write(bytes, count, window), plain);
        rate("Send " + size, "GB/s", gigabytes, () -> rdma.send(bytes, count, window), plain);
        rate("Read " + size, "GB/s", gigabytes, () -> rdma.read(bytes, count, window), plain);
      }
      int trips = options.get("round-trips");
      Work plainTrips = () -> nio.pingPong(SMALL_BYTES, trips);
      roundTrip(
          "Send 64 B, blocking", trips, () -> rdma.sendPingPong(SMALL_BYTES, trips), plainTrips);
      roundTrip(
          "Write 64 B, polling", trips, () -> rdma.writePingPong(SMALL_BYTES, trips), plainTrips);
      int messages = options.get("messages") / RdmaEnd.CREDIT * RdmaEnd.CREDIT;
      Work sends = () -> rdma.send(SMALL_BYTES, messages, RdmaEnd.RECEIVES);
      rate(
          "Send 64 B ÷ NIO, 1 a write",
          "M/s",
          messages / 1e6,
          sends,
          () -> nio.messages(SMALL_BYTES, messages, 1));
      rate(
          "Send 64 B ÷ NIO, 32 a write",
          "M/s",
          messages / 1e6,
          sends,
          () -> nio.messages(SMALL_BYTES, messages, BATCH));
    }
    report.write("dataplane");
  }

  /** Amount per second; a ratio above 1 is in our favour. */
  private void rate(String name, String unit, double amount, Work ours, Work plain)
      throws Exception {
    compare(name, unit, ours, plain, nanos -> amount * 1e9 / nanos);
  }

  /** Microseconds per round trip; a ratio below 1 is in our favour. */
  private void roundTrip(String name, int count, Work ours, Work plain) throws Exception {
    compare(name, "us", ours, plain, nanos -> nanos / 1e3 / count);
  }

  private void compare(
      String name, String unit, Work ours, Work plain, java.util.function.LongToDoubleFunction of)
      throws Exception {
    Samples own = new Samples();
    Samples baseline = new Samples();
    Samples ratios = new Samples();
    for (int round = -options.get("warmup"); round < options.get("rounds"); round++) {
      // Taking turns in who goes first, too.
      boolean oursFirst = (round & 1) == 0;
      double first = of.applyAsDouble(oursFirst ? ours.nanos() : plain.nanos());
      double second = of.applyAsDouble(oursFirst ? plain.nanos() : ours.nanos());
      if (round >= 0) {
        own.add(oursFirst ? first : second);
        baseline.add(oursFirst ? second : first);
        ratios.add(oursFirst ? first / second : second / first);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%-34s %-8s %8.3f (%5.2f..%5.2f) %8.3f (%5.2f..%5.2f) | %7.3f (%.2f..%.2f)%n",
        name,
        unit,
        own.median(),
        own.quantile(0.25),
        own.quantile(0.75),
        baseline.median(),
        baseline.quantile(0.25),
        baseline.quantile(0.75),
        ratios.median(),
        ratios.quantile(0),
        ratios.quantile(1));
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("name", name);
    row.put("unit", unit);
    row.put("softiwarp", own.summary());
    row.put("nio", baseline.summary());
    row.put("ratio", ratios.summary());
    report.row(row);
  }
}
