package dev.offramp.iwarp.sim;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A small TCP between two ends: segments of random size that get lost, doubled, late and out of
 * order, cumulative acknowledgements, windows, retransmission, FIN and RST. Only what can be seen
 * from above matters; congestion control is not modelled.
 */
final class SimTcp {
  /**
   * How bad the network is.
   *
   * @param lossPercent of all packets, acknowledgements too
   * @param duplicatePercent of all packets
   * @param delayNanos longest delay; packets overtake each other
   * @param mss largest segment
   * @param sendBufferBytes what an end takes before the peer acknowledges
   * @param receiveBufferBytes what an end keeps until it is read
   */
  record Network(
      int lossPercent,
      int duplicatePercent,
      int delayNanos,
      int mss,
      int sendBufferBytes,
      int receiveBufferBytes) {}

  private static final long RETRANSMISSION_NANOS = 3_000_000;

  private final Network network;
  private final Events events;
  private final RandomGenerator random;
  private final End first;
  private final End second;

  SimTcp(Network network, Events events, RandomGenerator random) {
    this.network = network;
    this.events = events;
    this.random = random;
    first = new End();
    second = new End();
    first.peer = second;
    second.peer = first;
  }

  End first() {
    return first;
  }

  End second() {
    return second;
  }

  private void carry(Runnable arrival) {
    int copies = random.nextInt(100) < network.duplicatePercent() ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      if (random.nextInt(100) >= network.lossPercent()) {
        events.after(1_000 + random.nextInt(network.delayNanos()), arrival);
      }
    }
  }

  /** One end: a socket as its owner sees it. */
  final class End {
    private End peer = this;
    private Runnable wake = () -> {};

    /** What is sent and not acknowledged, then what is not sent yet. */
    private final ByteQueue outgoing = new ByteQueue();

    private long unacknowledged;
    private long next;
    private long window;
    private boolean closing;
    private long finSent = Long.MAX_VALUE;
    private boolean timerRunning;
    private boolean roomWanted;

    private final ByteQueue incoming = new ByteQueue();
    private final NavigableMap<Long, byte[]> early = new TreeMap<>();
    private long expected;
    private long finAt = Long.MAX_VALUE;
    private boolean finReached;
    private boolean reset;

    private End() {
      window = network.receiveBufferBytes();
    }

    /** Called when there may be something to read, room to write, a FIN or a reset. */
    void onWake(Runnable action) {
      wake = action;
    }

    /** How many bytes {@link #write} takes now. */
    int room() {
      int room = network.sendBufferBytes() - outgoing.size();
      roomWanted = true;
      return closing || reset ? 0 : Math.max(0, room);
    }

    void write(byte[] bytes) {
      if (closing || reset || bytes.length > network.sendBufferBytes() - outgoing.size()) {
        throw new IllegalStateException("write of " + bytes.length + " bytes");
      }
      outgoing.add(bytes, 0, bytes.length);
      send();
    }

    /** What a move does with unsent bytes: they go in, whatever room there is. */
    void install(byte[] bytes) {
      outgoing.add(bytes, 0, bytes.length);
      send();
    }

    /** Sends a FIN behind all that was written. */
    void closeOutput() {
      closing = true;
      send();
    }

    /** Sends a RST; what is on its way in both directions is gone. */
    void abort() {
      reset = true;
      events.after(1_000 + random.nextInt(network.delayNanos()), peer::takeReset);
    }

    boolean isReset() {
      return reset;
    }

    int available() {
      return reset ? 0 : incoming.size();
    }

    byte[] read(int count) {
      byte[] bytes = incoming.take(count);
      acknowledge(); // a window update
      return bytes;
    }

    /** Whether the peer's FIN has come and everything before it was read. */
    boolean isAtEnd() {
      return finReached && incoming.size() == 0 && !reset;
    }

    private boolean isAllAcknowledged() {
      return outgoing.size() == 0 && (!closing || unacknowledged > finSent);
    }

    private void send() {
      if (reset || isAllAcknowledged()) {
        return;
      }
      long end = unacknowledged + outgoing.size();
      while (next < end && next - unacknowledged < window) {
        next += segment(next, window - (next - unacknowledged));
      }
      if (closing && next >= end && finSent == Long.MAX_VALUE) {
        finSent = end;
        sendFin();
      }
      runTimer();
    }

    private int segment(long from, long limit) {
      int behind = (int) (from - unacknowledged);
      int most = (int) Math.min(Math.min(limit, network.mss()), outgoing.size() - behind);
      int count = random.nextInt(4) == 0 ? 1 + random.nextInt(most) : most;
      byte[] bytes = outgoing.peek(behind, count);
      carry(() -> peer.takeSegment(from, bytes));
      return count;
    }

    private void sendFin() {
      long at = finSent;
      carry(() -> peer.takeFin(at));
    }

    private void runTimer() {
      if (!timerRunning && !isAllAcknowledged()) {
        timerRunning = true;
        events.after(RETRANSMISSION_NANOS, this::timeOut);
      }
    }

    private void timeOut() {
      timerRunning = false;
      if (reset || isAllAcknowledged()) {
        return;
      }
      if (outgoing.size() > 0) {
        // Everything again, and at least one octet: that is a window probe, too.
        next = unacknowledged;
        next += segment(next, Math.max(1, window));
      }
      if (finSent != Long.MAX_VALUE) {
        sendFin();
      }
      send();
    }

    private void takeAcknowledgement(long to, long offered) {
      if (reset) {
        return;
      }
      if (to >= unacknowledged) {
        window = offered;
      }
      long data = Math.min(to, unacknowledged + outgoing.size()) - unacknowledged;
      if (data > 0) {
        outgoing.drop((int) data);
        unacknowledged += data;
        next = Math.max(next, unacknowledged);
        if (roomWanted) {
          roomWanted = false;
          wake.run();
        }
      }
      if (to > finSent) {
        unacknowledged = Math.max(unacknowledged, to);
      } else {
        send();
      }
    }

    private void takeSegment(long from, byte[] bytes) {
      if (reset) {
        return;
      }
      early.merge(from, bytes, (a, b) -> a.length >= b.length ? a : b);
      boolean news = false;
      for (Map.Entry<Long, byte[]> entry = early.firstEntry();
          entry != null && entry.getKey() <= expected;
          entry = early.firstEntry()) {
        early.pollFirstEntry();
        news |= takeInOrder(entry.getKey(), entry.getValue());
      }
      news |= checkFin();
      acknowledge();
      if (news) {
        wake.run();
      }
    }

    private boolean takeInOrder(long from, byte[] bytes) {
      int known = (int) Math.min(expected - from, bytes.length);
      int room = network.receiveBufferBytes() - incoming.size();
      int count = Math.min(bytes.length - known, room);
      if (count <= 0) {
        return false;
      }
      incoming.add(bytes, known, count);
      expected += count;
      return true;
    }

    private void takeFin(long at) {
      if (reset) {
        return;
      }
      finAt = at;
      if (checkFin()) {
        wake.run();
      }
      acknowledge();
    }

    private boolean checkFin() {
      if (finReached || expected != finAt) {
        return false;
      }
      finReached = true;
      return true;
    }

    private void acknowledge() {
      long to = expected + (finReached ? 1 : 0);
      int offered = network.receiveBufferBytes() - incoming.size();
      carry(() -> peer.takeAcknowledgement(to, offered));
    }

    private void takeReset() {
      if (!reset) {
        reset = true;
        wake.run();
      }
    }
  }
}
