package dev.offramp.benchmarks.softiwarp;

import dev.offramp.benchmarks.suite.Effort;
import dev.offramp.benchmarks.suite.Figure;
import dev.offramp.benchmarks.suite.Part;
import dev.offramp.benchmarks.suite.Rounds;
import dev.offramp.benchmarks.suite.Series;
import dev.offramp.benchmarks.suite.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * 64 B messages per second, pipelined ÷ NIO's with framed messages. How many messages softiwarp
 * carries in one write is counted first; then NIO writes as many at once.
 */
final class Messages implements Part {
  private static final Target RATE = Target.atLeast(0.9);
  private static final int BYTES = 64;
  private static final int MESSAGES = 2_000 * RdmaEnd.CREDIT;
  private static final int LIST = 32;
  private static final int WINDOW = RdmaEnd.RECEIVES;

  @Override
  public String name() {
    return "messages";
  }

  @Override
  public List<Figure> measure(Effort effort) throws Exception {
    int count = effort.of(MESSAGES) / RdmaEnd.CREDIT * RdmaEnd.CREDIT;
    try (TwoThreads threads = new TwoThreads()) {
      double perWriteAlone = perWrite(threads, count, 1);
      double perWriteInLists = perWrite(threads, count, LIST);
      return compare(threads, effort.toRounds(), count, perWriteAlone, perWriteInLists);
    }
  }

  /** Messages in one write, on the average. */
  private static double perWrite(TwoThreads threads, int count, int batch) throws Exception {
    CountedOwner near = new CountedOwner(RdmaPair.QUEUE_ENTRIES);
    try (RdmaPair counted =
        new RdmaPair(
            threads, Waiting.BLOCKS, true, near, new CountedOwner(RdmaPair.QUEUE_ENTRIES))) {
      counted.send(BYTES, count, WINDOW, batch);
      near.counts().reset();
      counted.send(BYTES, count, WINDOW, batch);
      return (double) count / near.counts().written().calls();
    }
  }

  private static List<Figure> compare(
      TwoThreads threads, Rounds rounds, int count, double perWriteAlone, double perWriteInLists)
      throws Exception {
    int alone = (int) Math.max(1, Math.round(perWriteAlone));
    int inLists = (int) Math.max(1, Math.round(perWriteInLists));
    Map<String, List<Series>> seen;
    try (NioPair nio = new NioPair(threads);
        RdmaPair polling = RdmaPair.open(threads, Waiting.POLLS, true);
        RdmaPair blocking = RdmaPair.open(threads, Waiting.BLOCKS, true)) {
      seen =
          rounds.run(
              List.of(
                  rate("nio.alone", count, () -> nio.messages(BYTES, count, alone)),
                  rate("nio.lists", count, () -> nio.messages(BYTES, count, inLists)),
                  rate("nio.32", count, () -> nio.messages(BYTES, count, LIST)),
                  rate("alone", count, () -> blocking.send(BYTES, count, WINDOW, 1)),
                  rate("lists", count, () -> blocking.send(BYTES, count, WINDOW, LIST)),
                  rate("alone.polling", count, () -> polling.send(BYTES, count, WINDOW, 1)),
                  rate("lists.polling", count, () -> polling.send(BYTES, count, WINDOW, LIST))));
    }
    String byOne = "posted one by one";
    String byList = "posted " + LIST + " at a time";
    String noteAlone = String.format(Locale.ROOT, "%.1f messages in a write", perWriteAlone);
    String noteLists = String.format(Locale.ROOT, "%.1f messages in a write", perWriteInLists);
    List<Figure> figures = new ArrayList<>();
    figures.add(figure(seen, "alone", byOne, "nio.alone", alone, RATE, noteAlone));
    figures.add(figure(seen, "lists", byList, "nio.lists", inLists, RATE, noteLists));
    figures.add(figure(seen, "lists", byList, "nio.32", LIST, null, noteLists));
    figures.add(
        figure(seen, "alone.polling", byOne + ", callers poll", "nio.alone", alone, null, ""));
    figures.add(
        figure(seen, "lists.polling", byList + ", callers poll", "nio.lists", inLists, null, ""));
    return figures;
  }

  private static Rounds.Contender rate(String name, double messages, Work work) {
    return Rounds.contender(name, () -> new double[] {messages * 1e3 / work.nanos()});
  }

  private static Figure figure(
      Map<String, List<Series>> seen,
      String key,
      String how,
      String baseline,
      int batch,
      @Nullable Target target,
      String note) {
    return Figure.ratio(
        "messages." + key + ".over." + baseline,
        "Send 64 B, " + how,
        new Figure.Side("softiwarp", "M/s", Work.first(seen, key)),
        new Figure.Side("NIO, " + batch + " a write", "M/s", Work.first(seen, baseline)),
        target,
        note);
  }
}
