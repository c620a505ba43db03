package dev.offramp.provider.softiwarp;

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
 * @param stagingBytes receive buffer per connection
 * @param batchBytes about the most bytes in one write, but whole FPDUs and at least one: 1 gives
 *     each FPDU a write of its own, for peers that misread a segment which ends inside an FPDU's
 *     pad and CRC, as Linux siw does
 * @param firstFpduDelayNanos how long an Initiator waits after the Reply: Linux siw's responder can
 *     miss for ever what comes within a millisecond of its Reply
 * @param wakeUpNanos how long an Initiator whose peer is silent after the first FPDU waits before
 *     it sends a zero-length Write, because siw may have missed the FPDU all the same; 0 for never
 * @param lingerNanos how long a close waits for the peer
 * @param atomics whether the atomic operations of RFC 7306 are offered
 * @param immediateData whether the immediate data of RFC 7306 is offered
 * @param stagIndexBits how long the index of an STag is: no longer than the table of an adapter has
 *     it to which connections shall be able to move, since STags move along
 * @param restOnArrival whether connections that move here have to be at rest first, as adapters
 *     need it; softiwarp itself does not
 */
record SoftiwarpSettings(
    int sendQueueEntries,
    int receiveQueueEntries,
    int stagingBytes,
    int batchBytes,
    long firstFpduDelayNanos,
    long wakeUpNanos,
    long lingerNanos,
    boolean atomics,
    boolean immediateData,
    int stagIndexBits,
    boolean restOnArrival) {
  private static final int MAX_REGIONS = 1 << 20;
  private static final String SEND_QUEUE = "send-queue-entries";
  private static final String RECEIVE_QUEUE = "receive-queue-entries";
  private static final String STAGING = "staging-bytes";
  private static final String BATCH = "batch-bytes";
  private static final String FIRST_FPDU_DELAY = "first-fpdu-delay-micros";
  private static final String WAKE_UP = "wake-up-millis";
  private static final String LINGER = "linger-millis";
  private static final String ATOMICS = "atomics";
  private static final String IMMEDIATE_DATA = "immediate-data";
  private static final String STAG_INDEX_BITS = "stag-index-bits";
  private static final String REST_ON_ARRIVAL = "rest-on-arrival";
  private static final Set<String> KNOWN =
      Set.of(
          SEND_QUEUE,
          RECEIVE_QUEUE,
          STAGING,
          BATCH,
          FIRST_FPDU_DELAY,
          WAKE_UP,
          LINGER,
          ATOMICS,
          IMMEDIATE_DATA,
          STAG_INDEX_BITS,
          REST_ON_ARRIVAL);

  /** How many regions there can be at once. */
  int maxRegions() {
    return Math.min(MAX_REGIONS, (1 << stagIndexBits) - 1);
  }

  static SoftiwarpSettings of(Map<String, String> settings) throws RnicException {
    for (String name : settings.keySet()) {
      if (!KNOWN.contains(name)) {
        throw new RnicException(
            "setting [softiwarp." + name + "] is not known; known: " + new TreeSet<>(KNOWN));
      }
    }
    return new SoftiwarpSettings(
        (int) number(settings, SEND_QUEUE, 128, 1, 1 << 16),
        (int) number(settings, RECEIVE_QUEUE, 128, 1, 1 << 16),
        (int) number(settings, STAGING, 256 << 10, 128 << 10, 1 << 26),
        (int) number(settings, BATCH, 512 << 10, 1, 1 << 26),
        TimeUnit.MICROSECONDS.toNanos(number(settings, FIRST_FPDU_DELAY, 1500, 0, 1_000_000)),
        TimeUnit.MILLISECONDS.toNanos(number(settings, WAKE_UP, 25, 0, 10_000)),
        TimeUnit.MILLISECONDS.toNanos(number(settings, LINGER, 2000, 0, 60_000)),
        number(settings, ATOMICS, 1, 0, 1) == 1,
        number(settings, IMMEDIATE_DATA, 1, 0, 1) == 1,
        (int) number(settings, STAG_INDEX_BITS, 24, 4, 24),
        number(settings, REST_ON_ARRIVAL, 0, 0, 1) == 1);
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
        "setting [softiwarp." + name + "]: seen [" + text + "], expected " + min + ".." + max);
  }
}
