package dev.offramp.runtime.model;

/**
 * One end's TCP: how far each number is, counted in octets of a very short stream.
 *
 * @param una acknowledged by the other end
 * @param nxt sent
 * @param rcv received in order
 * @param read taken by the application
 */
record Tcp(int una, int nxt, int rcv, int read) {
  static final Tcp START = new Tcp(0, 0, 0, 0);

  /** All octets that the owner sends: enough for one to be unacknowledged. */
  static final int OUT = 1;

  /** All octets that the peer sends: enough for one to be out of order. */
  static final int IN = 2;

  /** What a segment does: an octet in order is taken, any other one is dropped. */
  Tcp receives(Segment segment) {
    return new Tcp(
        segment.ack() > una && segment.ack() <= nxt ? segment.ack() : una,
        nxt,
        segment.data() && segment.seq() == rcv ? rcv + 1 : rcv,
        read);
  }

  Tcp sends() {
    return new Tcp(una, nxt + 1, rcv, read);
  }

  Tcp reads() {
    return new Tcp(una, nxt, rcv, read + 1);
  }

  boolean canSend(int octets) {
    return nxt < octets;
  }

  boolean canRepeat() {
    return una < nxt;
  }

  boolean isDone(int sends, int receives) {
    return una == sends && nxt == sends && rcv == receives && read == receives;
  }

  /** In two bits each. */
  int packed() {
    return una | nxt << 2 | rcv << 4 | read << 6;
  }

  static Tcp unpacked(int bits) {
    return new Tcp(bits & 3, bits >> 2 & 3, bits >> 4 & 3, bits >> 6 & 3);
  }

  /**
   * A segment: one octet, or an acknowledgement alone.
   *
   * @param data whether it carries octet number {@code seq}
   * @param seq of the octet; 0 without one
   * @param ack the next octet that its sender expects
   */
  record Segment(boolean data, int seq, int ack) {
    /** One of a few: a number for a bit set. */
    int number() {
      return data ? 3 + 3 * seq + ack : ack;
    }

    static Segment of(int number) {
      return number < 3
          ? new Segment(false, 0, number)
          : new Segment(true, (number - 3) / 3, (number - 3) % 3);
    }

    static final int COUNT = 3 + 3 * IN;
  }
}
