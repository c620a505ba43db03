package dev.offramp.tck.experiment;

import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.RnicException;
import dev.offramp.tck.rule.NamingRules;
import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.rule.SpiRules;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Says which rule is broken by something that a driver threw and should not have. */
public final class Unexpected {
  private static final int SHOWN_FRAMES = 6;

  private Unexpected() {}

  /** Adds findings for {@code thrown}; none when it was the kit's own doing. */
  public static void explain(Throwable thrown, Lab lab, Judgement judgement) {
    String message = thrown + at(thrown);
    if (thrown instanceof TransferException refused && !refused.refusals().isEmpty()) {
      judgement.fail(SpiRules.S05, "a connection that admits takes was refused: " + message);
    } else if (thrown instanceof TransferException) {
      judgement.fail(SpiRules.S14, "a connection within the declared limits failed: " + message);
    } else if (thrown instanceof RnicException) {
      judgement.fail(SpiRules.S14, "the device did not come up: " + message);
    } else if (thrown instanceof UnsupportedOperationException) {
      judgement.fail(NamingRules.L72, "something that is declared is not offered: " + message);
    } else if (isOfDriver(thrown, lab)) {
      judgement.fail(PortRules.P10, "seen [" + message + "], expected no exception");
    }
  }

  private static boolean isOfDriver(Throwable thrown, Lab lab) {
    for (StackTraceElement frame : thrown.getStackTrace()) {
      if (lab.jar().owns(frame.getClassName())) {
        return true;
      }
      if (frame.getClassName().startsWith("dev.offramp.tck.experiment.")) {
        return false;
      }
    }
    return false;
  }

  /** The first frames, without the kit's own. */
  static String at(Throwable thrown) {
    return Arrays.stream(thrown.getStackTrace())
        .filter(frame -> !frame.getClassName().startsWith("dev.offramp.tck."))
        .filter(frame -> !frame.getClassName().startsWith("java."))
        .limit(SHOWN_FRAMES)
        .map(frame -> " at " + frame.getClassName() + "." + frame.getMethodName())
        .collect(Collectors.joining());
  }
}
