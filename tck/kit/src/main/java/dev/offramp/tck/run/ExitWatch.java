package dev.offramp.tck.run;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Notices when somebody else ends the virtual machine, and who it is. */
final class ExitWatch {
  private static final int SHOWN_FRAMES = 10;

  private volatile boolean expected;

  private ExitWatch() {}

  /**
   * Watches from now on.
   *
   * @param lastWords what has to be done before an end that is not the kit's
   */
  static ExitWatch install(ChildOutput out, Runnable lastWords) {
    ExitWatch watch = new ExitWatch();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (!watch.expected) {
                    out.line("exit", watch.culprit());
                    lastWords.run();
                  }
                },
                "kit-exit-watch"));
    return watch;
  }

  /** From now on an end is the kit's own. */
  void expected() {
    expected = true;
  }

  private String culprit() {
    for (Map.Entry<Thread, StackTraceElement[]> entry : Thread.getAllStackTraces().entrySet()) {
      boolean exits =
          Stream.of(entry.getValue())
              .anyMatch(frame ->
                  frame.getClassName().equals("java.lang.Runtime")
                      && frame.getMethodName().equals("exit"));
      if (exits) {
        return Stream.of(entry.getValue())
            .dropWhile(frame -> frame.getClassName().startsWith("java."))
            .limit(SHOWN_FRAMES)
            .map(frame -> frame.getClassName() + "." + frame.getMethodName())
            .collect(Collectors.joining(" at "));
      }
    }
    return "an unknown thread";
  }
}
