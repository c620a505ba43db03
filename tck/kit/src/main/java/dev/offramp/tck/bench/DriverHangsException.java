package dev.offramp.tck.bench;

import java.io.Serial;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Thrown when a call of the driver does not come back. Nothing can be trusted after it. */
public final class DriverHangsException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private static final int SHOWN_FRAMES = 12;

  DriverHangsException(String call, long seconds, StackTraceElement[] stack) {
    super(
        "%s has not come back for %d s; it is at%n%s"
            .formatted(
                call,
                seconds,
                Arrays.stream(stack)
                    .limit(SHOWN_FRAMES)
                    .map(frame -> "    " + frame)
                    .collect(Collectors.joining(System.lineSeparator()))));
    setStackTrace(stack);
  }
}
