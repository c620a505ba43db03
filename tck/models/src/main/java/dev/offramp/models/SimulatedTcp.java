package dev.offramp.models;

import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamHandler;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One end of a TCP connection on a {@link SimulatedLink}: sequence numbers, windows and their
 * scale, FIN, RST and retransmission (RFC 9293, section 3.10.7.4; RFC 7323), and no congestion
 * control. It goes by the numbers that it was given: where they are wrong, the other end drops what
 * it sends, or it drops what the other end sends, and it dies as TCP does. All state is guarded by
 * the link's monitor.
 */
final class SimulatedTcp implements StreamPort {
  private static final int BUFFER_BYTES = 256 << 10;
  private static final int MAX_WINDOW_FIELD = 0xFFFF;
  private static final long FIRST_RTO_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final int MAX_RETRIES = 6;

  /** So many segments that are not acceptable are answered between two timeouts, as in Linux. */
  private static final int MAX_CHALLENGES = 4;

  /**
   * Where a connection stands, and what was negotiated.
   *
   * @param sndUna SND.UNA; what was sent beyond follows from the bytes that are put in
   * @param sndMax the highest number sent, plus one
   * @param sndWndBytes SND.WND
   * @param sndWl1 SND.WL1
   * @param rcvNxt RCV.NXT
   * @param rcvWup RCV.NXT when the window was last advertised
   * @param rcvWndBytes the window that was advertised then
   */
  record Setup(
      InetSocketAddress local,
      InetSocketAddress remote,
      int sndUna,
      int sndMax,
      long sndWndBytes,
      int sndWl1,
      int sndScale,
      int rcvNxt,
      int rcvWup,
      long rcvWndBytes,
      int rcvScale,
      int mssBytes,
      boolean timestamps,
      SimulatedSegment.Frame frame) {}

  private final SimulatedLink link;
  private final Setup setup;
  private final ByteRing outgoing = new ByteRing(BUFFER_BYTES);
  private final ByteRing incoming;

  private int sndUna;
  private int sndNxt;
  private int sndMax;
  private long sndWnd;
  private int sndWl1;
  private int sndWl2;
  private int rcvNxt;
  private int rcvAdvertised;
  private int rcvWup;
  private boolean limited;
  private int inputEnd;
  private boolean silent = true;
  private boolean finQueued;
  private boolean finSent;
  private boolean finReceived;
  private boolean closed;
  private @Nullable Failure failure;
  private int retries;
  private int challenges;
  private EventLoop.@Nullable Timer timer;

  private @Nullable EventLoop loop;
  private @Nullable StreamHandler handler;
  private boolean wantsRead;
  private boolean wantsWrite;

  /** Silent until {@link #speak}. */
  SimulatedTcp(SimulatedLink link, Setup setup) {
    this.link = link;
    this.setup = setup;
    this.incoming =
        new ByteRing((int) Math.max(BUFFER_BYTES, Math.min(setup.rcvWndBytes, 1 << 24)));
    this.sndUna = setup.sndUna;
    this.sndNxt = setup.sndMax;
    this.sndMax = setup.sndMax;
    this.sndWnd = setup.sndWndBytes;
    this.sndWl1 = setup.sndWl1;
    this.sndWl2 = setup.sndUna;
    this.rcvNxt = setup.rcvNxt;
    this.rcvWup = setup.rcvWup;
    this.rcvAdvertised = setup.rcvWup + (int) setup.rcvWndBytes;
  }

  Setup setup() {
    return setup;
  }

  // ---- for the link, under its monitor

  /** Bytes that were in the send queue: from SND.UNA on. */
  void preloadOutgoing(ByteBuffer bytes) {
    outgoing.put(bytes);
  }

  /** Bytes that were in the receive queue: they end at RCV.NXT. */
  void preloadIncoming(ByteBuffer bytes) {
    incoming.put(bytes);
  }

  boolean isSilent() {
    return silent;
  }

  /** From now on it sends, and takes what comes. */
  void speak() {
    silent = false;
    // What was under way when it was silent may be lost: everything again.
    sndNxt = sndUna;
    finSent = false;
    acknowledge();
    output();
    tell();
  }

  void beSilent() {
    silent = true;
    stopTimer();
  }

  int sndUna() {
    return sndUna;
  }

  int sndMax() {
    return sndMax;
  }

  long sndWnd() {
    return sndWnd;
  }

  int sndWl1() {
    return sndWl1;
  }

  int rcvNxt() {
    return rcvNxt;
  }

  int rcvWup() {
    return rcvWup;
  }

  long rcvWnd() {
    return rcvAdvertised - rcvWup & 0xFFFF_FFFFL;
  }

  byte[] unacknowledged() {
    return outgoing.copy(0, Math.min(sndMax - sndUna, outgoing.size()));
  }

  byte[] unsent() {
    int sent = Math.min(sndMax - sndUna, outgoing.size());
    return outgoing.copy(sent, outgoing.size() - sent);
  }

  byte[] unread() {
    return incoming.copy(0, incoming.size());
  }

  boolean isEstablished() {
    return failure == null && !finQueued && !finReceived && !closed;
  }

  void receive(SimulatedSegment segment) {
    if (silent || failure != null) {
      return;
    }
    // RFC 7323, section 3.2: once negotiated, every segment has them, and none has otherwise.
    if (segment.timestamps() != setup.timestamps && !segment.rst()) {
      return;
    }
    if (!isAcceptable(segment)) {
      if (!segment.rst()) {
        challenge();
      }
      return;
    }
    if (segment.rst()) {
      die(Failure.RESET);
      return;
    }
    if (after(segment.acknowledgement(), sndMax)) {
      challenge();
      return;
    }
    acceptAcknowledgement(segment);
    updateWindow(segment);
    if (failure == null && segment.length() > 0) {
      acceptData(segment);
    }
    output();
    finishClose();
    tell();
  }

  /** RFC 9293, section 3.10.7.4, first. */
  private boolean isAcceptable(SimulatedSegment segment) {
    long window = receiveWindow();
    int first = segment.sequence() - rcvNxt;
    int length = segment.length();
    if (length == 0) {
      return first == 0 || isWithin(first, window);
    }
    return isWithin(first, window) || isWithin(first + length - 1, window);
  }

  private static boolean isWithin(int offset, long window) {
    return offset >= 0 && offset < window;
  }

  private long receiveWindow() {
    return Math.max(rcvAdvertised - rcvNxt, 0);
  }

  private void acceptAcknowledgement(SimulatedSegment segment) {
    int ack = segment.acknowledgement();
    if (after(ack, sndUna)) {
      int acked = ack - sndUna;
      int data = Math.min(acked, outgoing.size());
      outgoing.drop(data);
      sndUna = ack;
      if (after(sndUna, sndNxt)) {
        sndNxt = sndUna;
        finSent = finSent || acked > data;
      }
      progress();
    }
  }

  private void updateWindow(SimulatedSegment segment) {
    boolean newer =
        after(segment.sequence(), sndWl1)
            || (segment.sequence() == sndWl1 && !after(sndWl2, segment.acknowledgement()));
    if (newer) {
      sndWnd = (long) segment.window() << setup.sndScale;
      sndWl1 = segment.sequence();
      sndWl2 = segment.acknowledgement();
      if (sndUna == sndNxt) {
        // Whoever answers a window probe lives, however long the window stays closed.
        progress();
      }
    }
  }

  private void acceptData(SimulatedSegment segment) {
    int skip = rcvNxt - segment.sequence();
    boolean inOrder = skip >= 0;
    if (inOrder && segment.data().length > skip) {
      if (closed) {
        link.transmit(resetSegment());
        die(Failure.RESET);
        return;
      }
      int count = (int) Math.min(segment.data().length - skip, receiveWindow());
      if (limited) {
        count = Math.min(count, inputEnd - rcvNxt);
      }
      rcvNxt += incoming.put(ByteBuffer.wrap(segment.data(), skip, count));
    }
    int finAt = segment.sequence() + segment.data().length;
    // Behind the end of input there is no FIN either.
    if (segment.fin() && finAt == rcvNxt && !finReceived && !(limited && finAt == inputEnd)) {
      finReceived = true;
      rcvNxt++;
    }
    acknowledge();
  }

  // ---- out

  private void output() {
    if (silent || failure != null) {
      return;
    }
    while (true) {
      int offset = sndNxt - sndUna;
      int count =
          (int) Math.min(Math.min(outgoing.size() - offset, setup.mssBytes), sndWnd - offset);
      boolean fin = finQueued && !finSent && offset + Math.max(count, 0) == outgoing.size();
      if (count <= 0 && !fin) {
        break;
      }
      byte[] data = outgoing.copy(offset, Math.max(count, 0));
      SimulatedSegment segment = segment(sndNxt, data, fin, false);
      sndNxt += segment.length();
      finSent |= fin;
      if (after(sndNxt, sndMax)) {
        sndMax = sndNxt;
      }
      link.transmit(segment);
    }
    armTimer();
  }

  private void acknowledge() {
    if (!silent && failure == null) {
      link.transmit(segment(sndNxt, new byte[0], false, false));
    }
  }

  private void challenge() {
    if (challenges < MAX_CHALLENGES) {
      challenges++;
      acknowledge();
      armTimer();
    }
  }

  private SimulatedSegment segment(int sequence, byte[] data, boolean fin, boolean rst) {
    int edge = rcvNxt + incoming.room();
    long window = after(edge, rcvAdvertised) ? incoming.room() : receiveWindow();
    int field = (int) Math.min(window >> setup.rcvScale, MAX_WINDOW_FIELD);
    int advertised = rcvNxt + (field << setup.rcvScale);
    if (after(advertised, rcvAdvertised)) {
      rcvAdvertised = advertised;
    }
    rcvWup = rcvNxt;
    return new SimulatedSegment(
        setup.local,
        setup.remote,
        sequence,
        rcvNxt,
        field,
        fin,
        rst,
        setup.timestamps,
        setup.frame,
        data);
  }

  private SimulatedSegment resetSegment() {
    return segment(sndNxt, new byte[0], false, true);
  }

  // ---- time

  private boolean awaitsPeer() {
    boolean finDue = finQueued && !finSent;
    return sndNxt != sndUna || outgoing.size() > 0 || finDue || challenges > 0;
  }

  private void armTimer() {
    if (timer == null && awaitsPeer() && !silent && failure == null) {
      timer =
          link.loop()
              .schedule(link.now() + (FIRST_RTO_NANOS << retries), () -> link.run(this::timedOut));
    }
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private void progress() {
    retries = 0;
    challenges = 0;
    stopTimer();
  }

  private void timedOut() {
    timer = null;
    challenges = 0;
    if (silent || failure != null || !awaitsPeer()) {
      return;
    }
    SimulatedSegment probe = segment(sndUna - 1, new byte[0], false, false);
    // Nobody's fault while the other end is between two owners: they are not counted then.
    if (link.isAnswered(probe) && ++retries > MAX_RETRIES) {
      die(Failure.TIMED_OUT);
      return;
    }
    sndNxt = sndUna;
    finSent = false;
    if (sndWnd == 0) {
      // A window probe, as Linux sends it: not acceptable, so it is answered.
      link.transmit(probe);
    }
    output();
    armTimer();
  }

  private void die(Failure how) {
    failure = how;
    stopTimer();
    link.gone(this);
    tell();
  }

  private void finishClose() {
    if (closed && finSent && finReceived && sndUna == sndMax && failure == null) {
      stopTimer();
      link.gone(this);
    }
  }

  private void tell() {
    EventLoop attached = loop;
    StreamHandler listening = handler;
    if (attached == null || listening == null) {
      return;
    }
    boolean readable = wantsRead && (incoming.size() > 0 || finReceived || failure != null);
    boolean writable = wantsWrite && (outgoing.room() > 0 || failure != null);
    if (readable || writable) {
      wantsRead = false;
      wantsWrite = false;
      attached.execute(() -> listening.ready(readable, writable));
    }
  }

  private static boolean after(int one, int other) {
    return one - other > 0;
  }

  // ---- the port

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    synchronized (link.monitor()) {
      requireAlive();
      long total = 0;
      for (int i = offset; i < offset + length; i++) {
        total += incoming.take(into[i]);
      }
      if (total > 0) {
        // A window that was nearly closed is opened by those who read.
        if (rcvNxt + incoming.room() - rcvAdvertised >= 2 * setup.mssBytes) {
          acknowledge();
        }
        return total;
      }
      return finReceived ? -1 : 0;
    }
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    synchronized (link.monitor()) {
      requireAlive();
      if (finQueued) {
        throw new IOException("the output is shut down");
      }
      long total = 0;
      for (int i = offset; i < offset + length && outgoing.room() > 0; i++) {
        total += outgoing.put(from[i]);
      }
      output();
      return total;
    }
  }

  private void requireAlive() throws IOException {
    if (failure != null) {
      throw new IOException(failure == Failure.RESET ? "Connection reset" : "Connection timed out");
    }
    if (closed) {
      throw new IOException("the stream is closed");
    }
  }

  @Override
  public void attach(EventLoop newLoop, StreamHandler newHandler) {
    synchronized (link.monitor()) {
      if (handler != null) {
        throw new IllegalStateException("attached already");
      }
      loop = newLoop;
      handler = newHandler;
    }
  }

  @Override
  public void interest(boolean readable, boolean writable) {
    synchronized (link.monitor()) {
      if (handler == null) {
        throw new IllegalStateException("interest before attach");
      }
      wantsRead = readable;
      wantsWrite = writable;
      tell();
    }
  }

  @Override
  public int segmentBytes() {
    return setup.mssBytes;
  }

  @Override
  public boolean limitInput(int octets) {
    synchronized (link.monitor()) {
      if (incoming.size() > octets || finReceived) {
        return false;
      }
      limited = true;
      inputEnd = rcvNxt - incoming.size() + octets;
      return true;
    }
  }

  @Override
  public void unlimitInput() {
    synchronized (link.monitor()) {
      limited = false;
    }
  }

  @Override
  public void shutdownOutput() throws IOException {
    synchronized (link.monitor()) {
      requireAlive();
      finQueued = true;
      output();
    }
  }

  @Override
  public void reset() {
    synchronized (link.monitor()) {
      if (failure == null) {
        if (!silent) {
          link.transmit(resetSegment());
        }
        die(Failure.OTHER);
      }
    }
  }

  @Override
  public void close() {
    synchronized (link.monitor()) {
      if (closed || failure != null) {
        return;
      }
      if (incoming.size() > 0) {
        reset();
        return;
      }
      closed = true;
      finQueued = true;
      output();
      finishClose();
    }
  }

  @Override
  public Failure causeOf(IOException why) {
    synchronized (link.monitor()) {
      return failure == null ? Failure.OTHER : failure;
    }
  }
}
