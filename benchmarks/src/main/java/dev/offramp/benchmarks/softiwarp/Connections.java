package dev.offramp.benchmarks.softiwarp;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.offramp.benchmarks.suite.Effort;
import dev.offramp.benchmarks.suite.Figure;
import dev.offramp.benchmarks.suite.Part;
import dev.offramp.benchmarks.suite.Rounds;
import dev.offramp.benchmarks.suite.Series;
import dev.offramp.benchmarks.suite.Target;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Many connections in one process: their goodput together, their memory, and the threads. */
final class Connections implements Part {
  private static final Target GOODPUT = Target.atLeast(0.8);
  private static final Target MEMORY = Target.atMost(16);
  private static final Target THREADS = Target.atMost(0);
  private static final double KIBI = 1024;

  /** Memory is measured from the first to the second, and on, to the last of the counts. */
  private static final int MEMORY_STEPS = 3;

  /** Bursts in flight on one connection: as many bytes as a window of 16 Writes of 64 KiB. */
  private static final int ALONE_IN_FLIGHT = 8;

  private static final int IN_FLIGHT = 32;

  /** More would fill the kernel's memory for TCP, and measure that. */
  private static final int ALL_AT_ONCE = 1_000;

  private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
  private static final long QUICK_ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

  /** Files besides the connections'. */
  private static final int OTHER_FILES = 500;

  @Override
  public String name() {
    return "connections";
  }

  /** See {@link ProcessMemory}; and streams may have much memory outside the heap. */
  @Override
  public List<String> jvmOptions(Effort effort) {
    String heap = effort.quick() ? "256m" : "2g";
    return List.of(
        "-Xms" + heap, "-Xmx" + heap, "-XX:+AlwaysPreTouch", "-XX:MaxDirectMemorySize=8g");
  }

  @Override
  public List<Figure> measure(Effort effort) throws Exception {
    int[] counts = effort.connections().stream().mapToInt(Integer::intValue).toArray();
    requireFiles(counts[counts.length - 1]);
    List<Figure> figures = new ArrayList<>();
    try (ManyConnections many = new ManyConnections()) {
      Series plain = plainMemory(many, counts);
      many.open(1);
      // Both kinds of thread are there once a connection has worked.
      goodput(many, 1, ALONE_IN_FLIGHT, effort);
      int threads = threads();
      for (int i = 0; i < counts.length - 1; i++) {
        many.open(counts[i]);
        figures.addAll(compare(many, counts[i], effort));
      }
      Series own = memory(counts, many::open);
      int most = counts[counts.length - 1];
      figures.addAll(compare(many, most, effort));
      figures.add(memoryFigure(own, plain, counts));
      figures.add(
          Figure.amount(
              "connections.threads",
              String.format(Locale.ROOT, "threads that %,d connections add to one's", most),
              "threads",
              Series.of((double) threads() - threads),
              THREADS,
              threads + " with one connection, the JVM's and the benchmark's own included"));
    }
    return figures;
  }

  private static void requireFiles(int count) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        && unix.getMaxFileDescriptorCount() < count + OTHER_FILES) {
      throw new IllegalStateException(
          "open files: seen a limit of ["
              + unix.getMaxFileDescriptorCount()
              + "], expected at least "
              + (count + OTHER_FILES)
              + "; raise it with ulimit -n");
    }
  }

  private static double goodput(ManyConnections many, int count, int inFlight, Effort effort)
      throws IOException {
    return many.goodput(count, inFlight, effort.quick() ? QUICK_ROUND_NANOS : ROUND_NANOS);
  }

  /** The same process, the same caller; only over how many connections it spreads the work. */
  private static List<Figure> compare(ManyConnections many, int count, Effort effort)
      throws Exception {
    List<Rounds.Contender> contenders = new ArrayList<>();
    contenders.add(rate("one", () -> goodput(many, 1, ALONE_IN_FLIGHT, effort)));
    contenders.add(rate("many", () -> goodput(many, count, Math.min(count, IN_FLIGHT), effort)));
    if (count <= ALL_AT_ONCE) {
      contenders.add(rate("all", () -> goodput(many, count, count, effort)));
    }
    Map<String, List<Series>> seen = effort.toRounds().run(contenders);
    String name = String.format(Locale.ROOT, "%,d connections", count);
    List<Figure> figures = new ArrayList<>();
    figures.add(figure(seen, count, "many", name + " in turns, goodput of all", GOODPUT));
    if (count <= ALL_AT_ONCE) {
      figures.add(figure(seen, count, "all", name + " all at once, goodput of all", null));
    }
    return figures;
  }

  private static Figure figure(
      Map<String, List<Series>> seen, int count, String key, String name, @Nullable Target target) {
    return Figure.ratio(
        "connections.goodput." + key + "." + count,
        name,
        new Figure.Side("softiwarp", "GB/s", Work.first(seen, key)),
        new Figure.Side("one connection", "GB/s", Work.first(seen, "one")),
        target,
        "");
  }

  /** Something that gives a rate. */
  @FunctionalInterface
  private interface Rate {
    double measure() throws Exception;
  }

  private static Rounds.Contender rate(String name, Rate rate) {
    return Rounds.contender(name, () -> new double[] {rate.measure()});
  }

  private static Series plainMemory(ManyConnections many, int[] counts) throws Exception {
    many.openPlain(counts[counts.length - 2]);
    Series series = memory(counts, many::openPlain);
    many.closePlain();
    return series;
  }

  /** Opens more. */
  @FunctionalInterface
  private interface Opener {
    void open(int total) throws Exception;
  }

  /**
   * Bytes per idle connection beyond the last but one count, in steps: by then the code is
   * compiled, and what a process holds once is there.
   */
  private static Series memory(int[] counts, Opener opener) throws Exception {
    int first = counts[counts.length - 2];
    int last = counts[counts.length - 1];
    double[] perConnection = new double[MEMORY_STEPS];
    ProcessMemory before = ProcessMemory.now();
    for (int step = 0; step < MEMORY_STEPS; step++) {
      int from = first + (last - first) * step / MEMORY_STEPS;
      int to = first + (last - first) * (step + 1) / MEMORY_STEPS;
      long begin = System.nanoTime();
      opener.open(to);
      System.err.printf(
          Locale.ROOT,
          "connections: %,d to %,d opened in %.1f s%n",
          from,
          to,
          (System.nanoTime() - begin) / 1e9);
      ProcessMemory after = ProcessMemory.now();
      perConnection[step] = (double) after.since(before) / (to - from);
      before = after;
    }
    return Series.of(perConnection);
  }

  private static Figure memoryFigure(Series own, Series plain, int[] counts) {
    return new Figure(
        "connections.memory",
        "memory of an idle connection beyond a plain one's",
        "KiB",
        own.minus(plain).times(1 / KIBI),
        new Figure.Side("softiwarp", "KiB", own.times(1 / KIBI)),
        new Figure.Side("NIO", "KiB", plain.times(1 / KIBI)),
        MEMORY,
        "live heap and resident set, from "
            + counts[counts.length - 2]
            + " to "
            + counts[counts.length - 1]
            + " connections; each has one region and has sent and received");
  }

  private static int threads() {
    return ManagementFactory.getThreadMXBean().getThreadCount();
  }
}
