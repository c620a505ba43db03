package dev.offramp.models.intel;

import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.models.StreamRunner;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Brings a running connection to a moment at which a context says all, while its peer goes on. At
 * the end of an FPDU, TCP takes no more, and the peer repeats it; where that is also the end of a
 * message, the peer's Reads are answered and acknowledged behind it, and that is the moment. Where
 * it is not, TCP goes on, and the next FPDU is tried.
 *
 * <p>An <b>inference</b>: how a chip freezes a QP is not public. It has no place for octets that
 * have come and are not placed, so it can only drop what comes when it takes no more.
 */
final class Quiescence {
  /** How long the rest of an FPDU may be under way: it can be lost, and come again. */
  private static final long TRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final StreamRunner runner;
  private final LongSupplier clock;
  private boolean wanted;
  private boolean limited;
  private long tryUntilNanos;

  /** Set where TCP cannot stop its input: then only chance brings such a moment. */
  private boolean leftToChance;

  Quiescence(StreamRunner runner, LongSupplier clock) {
    this.runner = runner;
    this.clock = clock;
  }

  /** From now on such a moment is looked for, and held. */
  void begin() {
    wanted = true;
    look();
  }

  /** TCP takes all again. */
  void end() {
    wanted = false;
    lift();
  }

  /** Octets have moved. */
  void look() {
    RdmapStream engine = runner.stream();
    if (!wanted || leftToChance || engine == null || runner.isOver()) {
      return;
    }
    try {
      if (!limited) {
        tryToLimit(engine);
      } else if (hasFailed(engine)) {
        lift();
      }
    } catch (TransferException e) {
      leftToChance = true;
    }
  }

  private void tryToLimit(RdmapStream engine) throws TransferException {
    int missing = engine.missingOctets();
    boolean known = missing > 0 || (missing == 0 && engine.isBetweenMessages());
    if (known && engine.isWorkQuiet()) {
      limited = runner.port().limitInput(missing);
      tryUntilNanos = clock.getAsLong() + TRY_NANOS;
    }
  }

  /** Whether input ends, or is to end, inside a message. */
  private boolean hasFailed(RdmapStream engine) {
    boolean whole = engine.missingOctets() == 0;
    return whole ? !engine.isBetweenMessages() : clock.getAsLong() - tryUntilNanos >= 0;
  }

  private void lift() {
    if (limited) {
      limited = false;
      runner.port().unlimitInput();
    }
  }

  /** Whether this is the moment; TCP may still wait for acknowledgements. */
  boolean isReached() {
    boolean held = limited || leftToChance || runner.stream() == null;
    return held && runner.isQuiet();
  }
}
