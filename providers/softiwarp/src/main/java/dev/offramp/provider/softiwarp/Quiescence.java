package dev.offramp.provider.softiwarp;

import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.iwarp.rdmap.RdmapStream;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Brings a connection to rest and keeps everybody out. First no further work begins, while answers
 * to this end's Reads still come in; then, between two messages, no further FPDU is taken, while
 * the peer's Reads are still answered. All that time the peer can write, as far as its window goes.
 */
final class Quiescence {
  /** How often a connection is looked at that is to come to rest. */
  private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  /** How long the rest of an FPDU may be under way: it can be lost, and come again. */
  private static final long TRY_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  private final RdmapStream stream;
  private final Serving serving;
  private final DepartureNeeds needs;
  private boolean stopsWhenQuiet;
  private boolean limited;
  private long tryUntil;

  private Quiescence(SoftConnection connection, DepartureNeeds needs) {
    this.stream = connection.stream();
    this.serving = connection.serving();
    this.needs = needs;
  }

  /**
   * Stops a connection: its threads wait until {@link #goOn}, or until it has left.
   *
   * @throws TransferException when it cannot be stopped, or was not at rest in time; it goes on
   */
  static StreamPump stop(SoftConnection connection, DepartureNeeds needs) throws TransferException {
    return new Quiescence(connection, needs).stop();
  }

  /** Undoes {@link #stop}. */
  static void goOn(SoftConnection connection) {
    Serving serving = connection.serving();
    serving.enterAnyway();
    try {
      disturb(connection.stream(), serving.pump());
      serving.goOn();
      // What was held back, or was posted in the last moment, has nobody else to begin it.
      serving.poll();
    } finally {
      serving.exit();
    }
  }

  private static void disturb(RdmapStream stream, @Nullable StreamPump pump) {
    if (pump != null) {
      pump.port().unlimitInput();
    }
    stream.holdWork(false);
    stream.stopInputWhenQuiet(false);
  }

  private StreamPump stop() throws TransferException {
    if (needs.quiet().isEmpty()) {
      serving.enterToStop();
      try {
        StreamPump pump = requireMovable();
        serving.pause();
        return pump;
      } finally {
        serving.exit();
      }
    }
    return bringToRest();
  }

  private StreamPump requireMovable() throws TransferException {
    StreamPump pump = serving.pump();
    if (stream.end().isPresent() || (pump != null && pump.isOver())) {
      throw refused(ended());
    }
    if (stream.isClosing()) {
      throw refused(
          new Refusal(
              RefusalReason.HALF_CLOSED,
              "an iWARP stream that is being closed",
              "one that nobody closes",
              "let it end"));
    }
    if (pump == null || serving.isNested()) {
      throw refused(
          new Refusal(
              RefusalReason.CHANNEL_IN_USE,
              pump == null ? "a connection that is being prepared" : "a completion handler's call",
              "a connection at work, and a thread of its own",
              "move it later, or from another thread"));
    }
    return pump;
  }

  private Refusal ended() {
    return new Refusal(
        RefusalReason.CLOSED,
        "an iWARP stream that has ended: " + stream.end().map(Object::toString).orElse("closed"),
        "one that lives",
        "connect anew");
  }

  private static TransferException refused(Refusal refusal) {
    return TransferException.refused(TransferStep.EXCLUDE, List.of(refusal));
  }

  /** The application goes on polling meanwhile, and what it posts waits. */
  private StreamPump bringToRest() throws TransferException {
    long deadline = serving.nanoTime() + needs.timeout().toNanos();
    StreamPump stopped = null;
    try {
      while (stopped == null) {
        stopped = tryToStop();
        if (stopped == null) {
          if (serving.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
            throw unquiet();
          }
          LockSupport.parkNanos(LOOK_NANOS);
        }
      }
      return stopped;
    } finally {
      if (stopped == null) {
        letGo();
      }
    }
  }

  private @Nullable StreamPump tryToStop() throws TransferException {
    serving.enterToStop();
    try {
      StreamPump pump = requireMovable();
      stream.holdWork(true);
      if (!endsInput() && stopsInput() && !stopsWhenQuiet) {
        stopsWhenQuiet = true;
        stream.stopInputWhenQuiet(true);
      }
      serving.poll();
      if (!(endsInput() ? isInputOver(pump) : isAtRest())) {
        return null;
      }
      serving.pause();
      return pump;
    } finally {
      serving.exit();
    }
  }

  private void letGo() {
    serving.enterAnyway();
    try {
      disturb(stream, serving.pump());
      serving.poll();
    } finally {
      serving.exit();
    }
  }

  /**
   * Whether TCP has nothing left that the engine has not taken, and gets nothing more: for owners
   * that cannot take over received bytes. Input is ended where the FPDU under way ends. That is
   * known while its last octets are on their way, and mostly the peer's next message has begun
   * behind it: so it may take some tries until it is also the end of a message.
   */
  private boolean isInputOver(StreamPump pump) throws TransferException {
    int missing = stream.missingOctets();
    if (!limited) {
      boolean known = missing > 0 || (missing == 0 && stream.isBetweenMessages());
      if (known && stream.isWorkQuiet()) {
        limited = pump.port().limitInput(missing);
        tryUntil = serving.nanoTime() + TRY_NANOS;
      }
      return false;
    }
    boolean taken = missing == 0;
    if (taken && stream.isBetweenMessages()) {
      return stream.isAnswered();
    }
    if (taken || serving.nanoTime() - tryUntil >= 0) {
      pump.port().unlimitInput();
      limited = false;
    }
    return false;
  }

  private boolean endsInput() {
    return needs.quiet().contains(Quiet.RECEIVED_TAKEN);
  }

  private boolean stopsInput() {
    return needs.quiet().contains(Quiet.MESSAGES_WHOLE)
        || needs.quiet().contains(Quiet.REQUESTS_ANSWERED);
  }

  private boolean isAtRest() {
    Set<Quiet> wanted = needs.quiet();
    return (!stopsInput() || (stream.isInputStopped() && stream.isAnswered()))
        && (!wanted.contains(Quiet.SENT_ACKNOWLEDGED) || stream.isAnswered());
  }

  private TransferException unquiet() {
    String what =
        !stream.isWorkQuiet()
            ? "this end's work without its answers"
            : !stream.isBetweenMessages()
                ? "a message that is half received"
                : "the peer's requests, or bytes that TCP has not taken";
    return TransferException.refused(
        TransferStep.DRAIN,
        List.of(
            new Refusal(
                RefusalReason.NOT_QUIET,
                what + " after " + needs.timeout().toMillis() + " ms",
                "rest",
                "give the move more time, or pause the traffic")));
  }
}
