package dev.offramp.iwarp.rdmap;

import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.iwarp.mpa.FpduDecoder;

/**
 * How one iWARP stream is set up. Build with {@link #of} what MPA start-up agreed.
 *
 * @param role this end's role in MPA start-up
 * @param crc whether CRC32c is generated and checked
 * @param sendMarkers whether markers are inserted into what is sent
 * @param receiveMarkers whether markers are expected in what is received
 * @param ird how many Read and Atomic Requests the peer may have outstanding, 0..16383
 * @param ord how many this end may have outstanding, 0..16383
 * @param rtr what an Initiator sends first; what a Responder awaits
 * @param emss TCP's effective maximum segment size, bytes
 * @param sendDepth work requests other than Receives that can be outstanding or not yet polled
 * @param receiveDepth Receives that can be outstanding or not yet polled
 * @param maxBuffers pieces of local memory in one work request
 * @param domain the protection domain whose regions may be used
 * @param atomics whether RFC 7306 atomic operations are offered
 * @param immediate whether RFC 7306 immediate data is offered
 * @param batchBytes about how many bytes one {@code pollTransmit} gives at most
 * @param stagingBytes size of the receive buffer
 * @param firstFpduNotBeforeNanos nothing is sent before this time; {@link Long#MIN_VALUE} for none
 * @param wakeUpNanos how long an Initiator that hears nothing after its first FPDU waits before it
 *     sends a zero-length Write; 0 for never
 * @param start where the stream stands: {@link StreamPosition#START} unless the connection moved
 */
public record StreamConfig(
    MpaRole role,
    boolean crc,
    boolean sendMarkers,
    boolean receiveMarkers,
    int ird,
    int ord,
    RtrKind rtr,
    int emss,
    int sendDepth,
    int receiveDepth,
    int maxBuffers,
    int domain,
    boolean atomics,
    boolean immediate,
    int batchBytes,
    int stagingBytes,
    long firstFpduNotBeforeNanos,
    long wakeUpNanos,
    StreamPosition start) {
  /** No time to wait for. */
  public static final long NO_TIME = Long.MIN_VALUE;

  public StreamConfig {
    check(ird >= 0 && ird <= 0x3FFF, "ird", ird);
    check(ord >= 0 && ord <= 0x3FFF, "ord", ord);
    check(emss > 0, "emss", emss);
    check(sendDepth > 0, "sendDepth", sendDepth);
    check(receiveDepth > 0, "receiveDepth", receiveDepth);
    check(maxBuffers > 0 && maxBuffers <= 64, "maxBuffers", maxBuffers);
    check(batchBytes > 0, "batchBytes", batchBytes);
    check(stagingBytes >= FpduDecoder.MIN_STAGING_BYTES, "stagingBytes", stagingBytes);
  }

  /** Whether this end wakes a peer up that may have missed the first FPDU. */
  boolean wakesUp() {
    return role == MpaRole.INITIATOR && wakeUpNanos > 0 && !start.opened();
  }

  private static void check(boolean holds, String what, int seen) {
    if (!holds) {
      throw new IllegalArgumentException("stream option " + what + ": seen [" + seen + "]");
    }
  }

  /** A builder with what MPA start-up agreed, and defaults for the rest. */
  public static Builder of(MpaResult mpa) {
    return builder(mpa.role())
        .crc(mpa.crc())
        .markers(mpa.sendMarkers(), mpa.receiveMarkers())
        .readDepths(mpa.ird(), mpa.ord())
        .rtr(mpa.rtr());
  }

  /** A builder: CRC on, no markers, IRD and ORD 16, no RTR, MSS 1460. */
  public static Builder builder(MpaRole role) {
    return new Builder(role);
  }

  /** Collects options. */
  public static final class Builder {
    private final MpaRole role;
    private boolean crc = true;
    private boolean sendMarkers;
    private boolean receiveMarkers;
    private int ird = 16;
    private int ord = 16;
    private RtrKind rtr = RtrKind.NONE;
    private int emss = 1460;
    private int sendDepth = 128;
    private int receiveDepth = 128;
    private int maxBuffers = 8;
    private int domain;
    private boolean atomics;
    private boolean immediate;
    private int batchBytes = 512 * 1024;
    private int stagingBytes = 256 * 1024;
    private long firstFpduNotBeforeNanos = NO_TIME;
    private long wakeUpNanos;
    private StreamPosition start = StreamPosition.START;

    private Builder(MpaRole role) {
      this.role = role;
    }

    public Builder crc(boolean crc) {
      this.crc = crc;
      return this;
    }

    public Builder markers(boolean send, boolean receive) {
      this.sendMarkers = send;
      this.receiveMarkers = receive;
      return this;
    }

    public Builder readDepths(int ird, int ord) {
      this.ird = ird;
      this.ord = ord;
      return this;
    }

    public Builder rtr(RtrKind rtr) {
      this.rtr = rtr;
      return this;
    }

    public Builder emss(int emss) {
      this.emss = emss;
      return this;
    }

    public Builder queueDepths(int send, int receive) {
      this.sendDepth = send;
      this.receiveDepth = receive;
      return this;
    }

    public Builder maxBuffers(int maxBuffers) {
      this.maxBuffers = maxBuffers;
      return this;
    }

    public Builder domain(int domain) {
      this.domain = domain;
      return this;
    }

    /** What of RFC 7306 is offered. */
    public Builder extensions(boolean atomics, boolean immediate) {
      this.atomics = atomics;
      this.immediate = immediate;
      return this;
    }

    public Builder batchBytes(int batchBytes) {
      this.batchBytes = batchBytes;
      return this;
    }

    public Builder stagingBytes(int stagingBytes) {
      this.stagingBytes = stagingBytes;
      return this;
    }

    /**
     * Holds the first FPDU back. Linux siw may never read what comes within about a millisecond of
     * its Reply.
     */
    public Builder firstFpduNotBeforeNanos(long nanos) {
      this.firstFpduNotBeforeNanos = nanos;
      return this;
    }

    /**
     * Has an Initiator send a zero-length Write when the peer is silent for that long after the
     * first FPDU, because Linux siw may have missed that. Off by default.
     */
    public Builder wakeUpNanos(long nanos) {
      this.wakeUpNanos = nanos;
      return this;
    }

    public Builder start(StreamPosition start) {
      this.start = start;
      return this;
    }

    public StreamConfig build() {
      return new StreamConfig(
          role,
          crc,
          sendMarkers,
          receiveMarkers,
          ird,
          ord,
          rtr,
          emss,
          sendDepth,
          receiveDepth,
          maxBuffers,
          domain,
          atomics,
          immediate,
          batchBytes,
          stagingBytes,
          firstFpduNotBeforeNanos,
          wakeUpNanos,
          start);
    }
  }
}
