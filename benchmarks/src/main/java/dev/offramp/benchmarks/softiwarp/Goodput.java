package dev.offramp.benchmarks.softiwarp;

import dev.offramp.benchmarks.suite.Effort;
import dev.offramp.benchmarks.suite.Figure;
import dev.offramp.benchmarks.suite.Part;
import dev.offramp.benchmarks.suite.Rounds;
import dev.offramp.benchmarks.suite.Series;
import dev.offramp.benchmarks.suite.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bytes per second over one connection ÷ NIO with blocking writes of the same size. The targets are
 * for callers that wait as the baseline does: they block.
 */
final class Goodput implements Part {
  /** Sends that are posted as one list: half of the smallest window. */
  private static final int LIST = 4;

  private static final Target STREAM = Target.atLeast(0.95);
  private static final Target READ = Target.atLeast(0.9);
  private static final int MEBIBYTES = 512;
  private static final String NIO = "NIO, blocking";

  @Override
  public String name() {
    return "goodput";
  }

  @Override
  public List<Figure> measure(Effort effort) throws Exception {
    List<Figure> figures = new ArrayList<>();
    try (TwoThreads threads = new TwoThreads();
        NioPair nio = new NioPair(threads);
        RdmaPair polling = RdmaPair.open(threads, Waiting.POLLS, true);
        RdmaPair blocking = RdmaPair.open(threads, Waiting.BLOCKS, true);
        RdmaPair noCrc = RdmaPair.open(threads, Waiting.BLOCKS, false)) {
      for (Size size : List.of(new Size("64 KiB", 64 << 10, 16), new Size("1 MiB", 1 << 20, 8))) {
        long count = Math.ceilDiv(((long) effort.of(MEBIBYTES) << 20) / size.bytes, 64) * 64;
        measure(size, count, effort.toRounds(), nio, polling, blocking, noCrc, figures);
      }
    }
    return figures;
  }

  /**
   * A size of messages.
   *
   * @param window requests in flight
   */
  private record Size(String name, int bytes, int window) {}

  private static void measure(
      Size size,
      long count,
      Rounds rounds,
      NioPair nio,
      RdmaPair polling,
      RdmaPair blocking,
      RdmaPair noCrc,
      List<Figure> figures)
      throws Exception {
    int bytes = size.bytes;
    int window = size.window;
    double amount = (double) count * bytes;
    Map<String, List<Series>> seen =
        rounds.run(
            List.of(
                rate("nio", amount, () -> nio.stream(bytes, count, bytes)),
                rate("nio.big-reads", amount, () -> nio.stream(bytes, count, NioPair.READ_BYTES)),
                rate("write", amount, () -> polling.write(bytes, count, window)),
                rate("send", amount, () -> polling.send(bytes, count, window, LIST)),
                rate("read", amount, () -> polling.read(bytes, count, window)),
                rate("write.blocking", amount, () -> blocking.write(bytes, count, window)),
                rate("send.blocking", amount, () -> blocking.send(bytes, count, window, LIST)),
                rate("read.blocking", amount, () -> blocking.read(bytes, count, window)),
                rate("write.no-crc", amount, () -> noCrc.write(bytes, count, window)),
                rate("send.no-crc", amount, () -> noCrc.send(bytes, count, window, LIST))));
    figures.add(figure(size, seen, "write.blocking", "Write", STREAM));
    figures.add(figure(size, seen, "send.blocking", "Send", STREAM));
    figures.add(figure(size, seen, "read.blocking", "Read, " + window + " in flight", READ));
    if (bytes < NioPair.READ_BYTES) {
      // A baseline that is harder to beat: its reader has as much room as ours.
      String bigReads = NIO + ", reads of 256 KiB";
      figures.add(figure(size, seen, "write.blocking", "Write", "nio.big-reads", bigReads, null));
      figures.add(figure(size, seen, "send.blocking", "Send", "nio.big-reads", bigReads, null));
    }
    figures.add(figure(size, seen, "write", "Write, callers poll", null));
    figures.add(figure(size, seen, "send", "Send, callers poll", null));
    figures.add(figure(size, seen, "read", "Read, callers poll", null));
    figures.add(figure(size, seen, "write.no-crc", "Write, no CRC", null));
    figures.add(figure(size, seen, "send.no-crc", "Send, no CRC", null));
  }

  private static Rounds.Contender rate(String name, double bytes, Work work) {
    return Rounds.contender(name, () -> new double[] {bytes / work.nanos()});
  }

  private static Figure figure(
      Size size, Map<String, List<Series>> seen, String key, String name, @Nullable Target target) {
    return figure(size, seen, key, name, "nio", NIO, target);
  }

  private static Figure figure(
      Size size,
      Map<String, List<Series>> seen,
      String key,
      String name,
      String baselineKey,
      String baseline,
      @Nullable Target target) {
    return Figure.ratio(
        "goodput." + key + ".over." + baselineKey + "." + size.name.replace(" ", ""),
        name + ", " + size.name,
        new Figure.Side("softiwarp", "GB/s", Work.first(seen, key)),
        new Figure.Side(baseline, "GB/s", Work.first(seen, baselineKey)),
        target,
        "");
  }
}
