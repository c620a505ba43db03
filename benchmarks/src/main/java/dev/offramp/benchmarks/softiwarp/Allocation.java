package dev.offramp.benchmarks.softiwarp;

import dev.offramp.benchmarks.micro.Posting;
import dev.offramp.benchmarks.suite.Effort;
import dev.offramp.benchmarks.suite.Figure;
import dev.offramp.benchmarks.suite.Part;
import dev.offramp.benchmarks.suite.Series;
import dev.offramp.benchmarks.suite.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Bytes of heap per operation, by JMH's gc profiler, of all threads of the process. */
final class Allocation implements Part {
  /** Less than this is JMH's own allocation between two iterations, spread over operations. */
  private static final Target NOTHING = Target.atMost(0.1);

  private static final String METRIC = "gc.alloc.rate.norm";
  private static final int ITERATIONS = 5;

  @Override
  public String name() {
    return "allocation";
  }

  @Override
  public List<Figure> measure(Effort effort) throws Exception {
    TimeValue time = effort.quick() ? TimeValue.milliseconds(200) : TimeValue.seconds(2);
    Options options =
        new OptionsBuilder()
            .include(Posting.class.getName() + ".*")
            .addProfiler(GCProfiler.class)
            .warmupIterations(effort.quick() ? 1 : ITERATIONS)
            .warmupTime(time)
            .measurementIterations(effort.quick() ? 2 : ITERATIONS)
            .measurementTime(time)
            .forks(1)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .jvmArgsAppend("-Djmh.ignoreLock=true")
            .build();
    System.setProperty("jmh.ignoreLock", "true");
    List<Figure> figures = new ArrayList<>();
    for (RunResult run : new Runner(options).run()) {
      String benchmark = run.getPrimaryResult().getLabel();
      figures.add(
          Figure.amount(
              "allocation." + benchmark, name(benchmark), "B/op", rounds(run), NOTHING, ""));
    }
    return figures;
  }

  private static String name(String benchmark) {
    return switch (benchmark) {
      case "sendAndReceive" -> "Send, Receive, both completions";
      case "writeAndPoll" -> "Write, completion";
      case "readAndPoll" -> "Read, completion";
      case "pollEmpty" -> "a poll that finds nothing";
      default -> benchmark;
    };
  }

  private static Series rounds(RunResult run) {
    return Series.of(
        run.getBenchmarkResults().stream()
            .flatMap(result -> result.getIterationResults().stream())
            .mapToDouble(Allocation::perOperation)
            .toArray());
  }

  private static double perOperation(IterationResult iteration) {
    for (Map.Entry<String, Result> entry : iteration.getSecondaryResults().entrySet()) {
      if (entry.getKey().endsWith(METRIC)) {
        return entry.getValue().getScore();
      }
    }
    return Double.NaN;
  }
}
