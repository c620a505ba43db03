package dev.offramp.benchmarks.softiwarp;

import dev.offramp.benchmarks.suite.Effort;
import dev.offramp.benchmarks.suite.Figure;
import dev.offramp.benchmarks.suite.Part;
import dev.offramp.benchmarks.suite.Rounds;
import dev.offramp.benchmarks.suite.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Copies per payload byte outside the kernel, and calls. A payload byte that the kernel takes out
 * of registered memory, or puts there, was not copied; one that passes through memory of
 * softiwarp's own was, once at least. The kernel copies each byte once on either side, for NIO too.
 */
final class Copies implements Part {
  private static final int MEBIBYTES = 64;
  private static final int SMALL_MESSAGES = 200 * RdmaEnd.CREDIT;

  @Override
  public String name() {
    return "copies";
  }

  @Override
  public List<Figure> measure(Effort effort) throws Exception {
    List<Figure> figures = new ArrayList<>();
    try (TwoThreads threads = new TwoThreads()) {
      CountedOwner near = new CountedOwner(RdmaPair.QUEUE_ENTRIES);
      CountedOwner far = new CountedOwner(RdmaPair.QUEUE_ENTRIES);
      try (RdmaPair pair = new RdmaPair(threads, Waiting.BLOCKS, true, near, far)) {
        int big = 64 << 10;
        long many = Math.ceilDiv(((long) effort.of(MEBIBYTES) << 20) / big, 64) * 64;
        int small = effort.of(SMALL_MESSAGES) / RdmaEnd.CREDIT * RdmaEnd.CREDIT;
        Rounds rounds = effort.toRounds();
        figures.addAll(
            count(
                rounds, "Write", "64 KiB", big, many, near, far, () -> pair.write(big, many, 16)));
        figures.addAll(
            count(
                rounds, "Send", "64 KiB", big, many, near, far, () -> pair.send(big, many, 16, 1)));
        figures.addAll(
            count(rounds, "Read", "64 KiB", big, many, far, near, () -> pair.read(big, many, 16)));
        figures.addAll(
            count(
                rounds,
                "Send",
                "64 B",
                64,
                small,
                near,
                far,
                () -> pair.send(64, small, RdmaEnd.RECEIVES, 1)));
      }
    }
    return figures;
  }

  private static List<Figure> count(
      Rounds rounds,
      String operation,
      String size,
      int bytes,
      long messages,
      CountedOwner from,
      CountedOwner to,
      Work work)
      throws Exception {
    double payload = (double) bytes * messages;
    Map<String, List<Series>> seen =
        rounds.run(
            List.of(
                Rounds.contender(
                    "counts",
                    () -> {
                      from.counts().reset();
                      to.counts().reset();
                      if (work.nanos() <= 0) {
                        throw new IllegalStateException("nothing was moved");
                      }
                      StreamCounts.Direction out = from.counts().written();
                      StreamCounts.Direction in = to.counts().read();
                      return new double[] {
                        1 - out.registeredBytes() / payload,
                        1 - in.registeredBytes() / payload,
                        (double) out.calls() / messages,
                        (double) in.calls() / messages
                      };
                    })));
    String id = "copies." + operation.toLowerCase(Locale.ROOT) + "." + size;
    String name = operation + " " + size;
    return List.of(
        amount(id, ".sender", name + ", copies at the sender", "copies/B", seen, 0),
        amount(id, ".receiver", name + ", copies at the receiver", "copies/B", seen, 1),
        amount(id, ".writes", name + ", writes", "calls/op", seen, 2),
        amount(id, ".reads", name + ", reads", "calls/op", seen, 3));
  }

  private static Figure amount(
      String id,
      String suffix,
      String name,
      String unit,
      Map<String, List<Series>> seen,
      int index) {
    return Figure.amount(
        id.replace(" ", "") + suffix, name, unit, Work.nth(seen, "counts", index), null, "");
  }
}
