package dev.offramp.provider.chelsio;

import dev.offramp.provider.chelsio.connection.ConnectionSettings;
import dev.offramp.spi.RnicException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * The user's settings.
 *
 * @param port which port of the adapter to use
 * @param replyNanos how long the adapter may take to answer
 * @param connection those of each connection
 */
record ChelsioSettings(int port, long replyNanos, ConnectionSettings connection) {
  private static final String PORT = "port";
  private static final String REPLY_TIMEOUT = "reply-timeout-millis";
  private static final String SEND_QUEUE = "send-queue-entries";
  private static final String RECEIVE_QUEUE = "receive-queue-entries";
  private static final String INLINE = "inline-bytes";
  private static final String SEND_BUFFER = "send-buffer-bytes";
  private static final String LINGER = "linger-millis";
  private static final Set<String> KNOWN =
      Set.of(PORT, REPLY_TIMEOUT, SEND_QUEUE, RECEIVE_QUEUE, INLINE, SEND_BUFFER, LINGER);

  /** What a completion names has 16 bits, and 13 bits count the chip's table of Receives. */
  private static final int MAX_QUEUE_ENTRIES = 4000;

  static ChelsioSettings of(Map<String, String> settings) throws RnicException {
    for (String name : settings.keySet()) {
      if (!KNOWN.contains(name)) {
        throw new RnicException(
            "setting [chelsio.%s] is not known; known: %s".formatted(name, new TreeSet<>(KNOWN)));
      }
    }
    return new ChelsioSettings(
        (int) number(settings, PORT, 0, 0, 3),
        TimeUnit.MILLISECONDS.toNanos(number(settings, REPLY_TIMEOUT, 10_000, 1, 600_000)),
        new ConnectionSettings(
            (int) number(settings, SEND_QUEUE, 128, 1, MAX_QUEUE_ENTRIES),
            (int) number(settings, RECEIVE_QUEUE, 128, 1, MAX_QUEUE_ENTRIES),
            (int) number(settings, INLINE, 64, 0, ConnectionSettings.MAX_INLINE_BYTES),
            (int) number(settings, SEND_BUFFER, 512 << 10, 4096, 1 << 27),
            TimeUnit.MILLISECONDS.toNanos(number(settings, LINGER, 2000, 0, 60_000))));
  }

  private static long number(
      Map<String, String> settings, String name, long byDefault, long min, long max)
      throws RnicException {
    String text = settings.get(name);
    if (text == null) {
      return byDefault;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below, with the range.
    }
    throw new RnicException(
        "setting [chelsio.%s]: seen [%s], expected %d..%d".formatted(name, text, min, max));
  }
}
