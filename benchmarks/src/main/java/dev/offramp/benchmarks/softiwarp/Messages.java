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

/** 64 B messages per second, pipelined ÷ NIO's with framed messages. */
final class Messages implements Part {
  private static final Target RATE = Target.atLeast(0.9);
  private static final int BYTES = 64;
  private static final int MESSAGES = 2_000 * RdmaEnd.CREDIT;
  private static final int BATCH = 32;

  @Override
  public String name() {
    return "messages";
  }

  @Override
  public List<Figure> measure(Effort effort) throws Exception {
    int count = effort.of(MESSAGES) / RdmaEnd.CREDIT * RdmaEnd.CREDIT;
    Map<String, List<Series>> seen;
    try (TwoThreads threads = new TwoThreads();
        NioPair nio = new NioPair(threads);
        RdmaPair polling = new RdmaPair(threads, Waiting.POLLS, true);
        RdmaPair blocking = new RdmaPair(threads, Waiting.BLOCKS, true)) {
      int window = RdmaEnd.RECEIVES;
      seen =
          effort
              .toRounds()
              .run(
                  List.of(
                      rate("nio.1", count, () -> nio.messages(BYTES, count, 1)),
                      rate("nio.32", count, () -> nio.messages(BYTES, count, BATCH)),
                      rate("send.1", count, () -> polling.send(BYTES, count, window, 1)),
                      rate("send.32", count, () -> polling.send(BYTES, count, window, BATCH)),
                      rate("blocking.1", count, () -> blocking.send(BYTES, count, window, 1)),
                      rate(
                          "blocking.32", count, () -> blocking.send(BYTES, count, window, BATCH))));
    }
    List<Figure> figures = new ArrayList<>();
    figures.add(figure(seen, "blocking.1", "posted one by one", 1, RATE));
    figures.add(figure(seen, "blocking.32", "posted 32 at a time", BATCH, RATE));
    figures.add(figure(seen, "send.1", "posted one by one, callers poll", 1, null));
    figures.add(figure(seen, "send.32", "posted 32 at a time, callers poll", BATCH, null));
    return figures;
  }

  private static Rounds.Contender rate(String name, double messages, Work work) {
    return Rounds.contender(name, () -> new double[] {messages * 1e3 / work.nanos()});
  }

  private static Figure figure(
      Map<String, List<Series>> seen, String key, String how, int batch, @Nullable Target target) {
    return Figure.ratio(
        "messages." + key,
        "Send 64 B, " + how,
        new Figure.Side("softiwarp", "M/s", Work.first(seen, key)),
        new Figure.Side("NIO, " + batch + " a write", "M/s", Work.first(seen, "nio." + batch)),
        target,
        batch == 1 || ListPosting.isThere()
            ? ""
            : "this API has no post(List); the requests were posted one by one");
  }
}
