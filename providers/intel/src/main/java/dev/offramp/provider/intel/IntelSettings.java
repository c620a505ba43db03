package dev.offramp.provider.intel;

import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.spi.RnicException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * The user's settings.
 *
 * @param sendQueueEntries work requests in flight per connection, Receives aside
 * @param receiveQueueEntries Receives posted per connection
 * @param maxConnections connections at once
 * @param maxRegions memory regions at once, of all connections
 * @param commandTimeoutNanos how long the control queue may take for a command
 * @param lingerNanos how long a close waits for the peer
 * @param lastStreamingBytes the longest last streaming-mode message: see {@link
 *     #DEFAULT_LAST_STREAMING_BYTES}
 * @param vsi the virtual station interface of the port, as its Ethernet driver numbers it
 * @param queueSetHandle the transmit scheduler's queue set, likewise
 */
record IntelSettings(
    int sendQueueEntries,
    int receiveQueueEntries,
    int maxConnections,
    int maxRegions,
    long commandTimeoutNanos,
    long lingerNanos,
    int lastStreamingBytes,
    int vsi,
    int queueSetHandle) {
  /**
   * The longest one that the vendor's driver ever sends: an MPA Reply with 512 bytes of private
   * data. The device has a limit (event 0x220), which is not public.
   */
  static final int DEFAULT_LAST_STREAMING_BYTES = 24 + 512;

  private static final String SEND_QUEUE = "send-queue-entries";
  private static final String RECEIVE_QUEUE = "receive-queue-entries";
  private static final String CONNECTIONS = "max-connections";
  private static final String REGIONS = "max-regions";
  private static final String COMMAND_TIMEOUT = "command-timeout-millis";
  private static final String LINGER = "linger-millis";
  private static final String LAST_STREAMING = "last-streaming-bytes";
  private static final String VSI = "vsi";
  private static final String QUEUE_SET = "queue-set-handle";
  private static final Set<String> KNOWN =
      Set.of(
          SEND_QUEUE,
          RECEIVE_QUEUE,
          CONNECTIONS,
          REGIONS,
          COMMAND_TIMEOUT,
          LINGER,
          LAST_STREAMING,
          VSI,
          QUEUE_SET);

  /** What one connection's queues need besides its work: see SendRing. */
  private static final int SPARE_QUANTA = 260;

  /** The largest receive WQE. */
  private static final int MAX_RECEIVE_QUANTA = 8;

  static IntelSettings of(Generation generation, Map<String, String> settings)
      throws RnicException {
    for (String name : settings.keySet()) {
      if (!KNOWN.contains(name)) {
        throw new RnicException(
            "setting [intel." + name + "] is not known; known: " + new TreeSet<>(KNOWN));
      }
    }
    Generation.Limits limits = generation.limits();
    int sendMax = (limits.queueQuanta() - SPARE_QUANTA) / limits.chunkQuanta();
    int receiveMax = limits.queueQuanta() / MAX_RECEIVE_QUANTA - 1;
    return new IntelSettings(
        (int) number(settings, SEND_QUEUE, 128, 1, sendMax),
        (int) number(settings, RECEIVE_QUEUE, 128, 1, receiveMax),
        (int) number(settings, CONNECTIONS, 256, 1, 1 << 14),
        (int) number(settings, REGIONS, 4096, 1, 1 << 20),
        TimeUnit.MILLISECONDS.toNanos(number(settings, COMMAND_TIMEOUT, 5000, 1, 60_000)),
        TimeUnit.MILLISECONDS.toNanos(number(settings, LINGER, 2000, 0, 60_000)),
        (int) number(settings, LAST_STREAMING, DEFAULT_LAST_STREAMING_BYTES, 20, Integer.MAX_VALUE),
        (int) number(settings, VSI, 0, 0, 1023),
        (int) number(settings, QUEUE_SET, 0, 0, 1023));
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
        "setting [intel." + name + "]: seen [" + text + "], expected " + min + ".." + max);
  }
}
