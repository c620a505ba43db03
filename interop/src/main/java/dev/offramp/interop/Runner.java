package dev.offramp.interop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs cases one after the other, each within its limit, and all within one. */
final class Runner {
  /** Ports that the cases use, from here on: one each, so that a capture tells them apart. */
  static final int FIRST_PORT = 20_000;

  private final Lab lab;
  private final long deadlineNanos;
  private final Consumer<Result> listener;

  /**
   * A runner.
   *
   * @param limit for all cases together
   * @param listener told of each result at once
   */
  Runner(Lab lab, Duration limit, Consumer<Result> listener) {
    this.lab = lab;
    this.deadlineNanos = System.nanoTime() + limit.toNanos();
    this.listener = listener;
  }

  List<Result> run(List<Case> cases, List<Integer> ports) throws InterruptedException {
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      Result result = run(cases.get(i), ports.get(i));
      results.add(result);
      listener.accept(result);
    }
    return results;
  }

  private Result run(Case test, int port) throws InterruptedException {
    long start = System.nanoTime();
    long left = Math.min(test.limit().toNanos(), deadlineNanos - start);
    if (left <= 0) {
      return new Result(test, port, false, "not run: the suite's time is over", Duration.ZERO);
    }
    FutureTask<String> task =
        new FutureTask<>(() -> lab.namespace().call(() -> test.body().run(lab, port)));
    Thread thread = Thread.ofPlatform().name("case " + port).daemon(true).start(task);
    String note;
    boolean passed = false;
    try {
      note = task.get(left, TimeUnit.NANOSECONDS);
      passed = true;
    } catch (TimeoutException e) {
      note = "not done within " + Duration.ofNanos(left).toSeconds() + " s; stood at " + at(thread);
      thread.interrupt();
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (ExecutionException e) {
      note = describe(e.getCause());
    }
    return new Result(test, port, passed, note, Duration.ofNanos(System.nanoTime() - start));
  }

  /** The namespace's thread does the work; this one waits for it. */
  private static String at(Thread thread) {
    for (StackTraceElement[] stack : Thread.getAllStackTraces().values()) {
      for (StackTraceElement frame : stack) {
        if (frame.getClassName().startsWith("dev.offramp.interop")
            && frame.getClassName().contains("Cases")) {
          return frame.toString();
        }
      }
    }
    return thread.getName();
  }

  private static String describe(@Nullable Throwable cause) {
    if (cause == null) {
      return "failed without a cause";
    }
    return cause instanceof CaseFailure
        ? String.valueOf(cause.getMessage())
        : cause + " at " + cause.getStackTrace()[0];
  }
}
