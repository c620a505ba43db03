package dev.offramp.tck.bench;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamHandler;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.tck.trace.Trace;
import dev.offramp.tck.trace.TraceEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection as the kit has it: two streams of octets that lose nothing. The driver's side
 * is a {@link StreamPort}; the peer's side are the methods here. Safe for use by several threads.
 */
public final class Wire {
  private static final int DEFAULT_WINDOW_BYTES = 1 << 22;

  private static final int NO_LIMIT = Integer.MAX_VALUE;

  private final Trace trace;
  private final Conductor conductor;
  private final int emss;
  private final ByteQueue toPeer = new ByteQueue();
  private final ByteQueue toDriver = new ByteQueue();

  /** What TCP does not take, and the peer repeats later: beyond the limit of {@link Port}. */
  private final ByteQueue beyondLimit = new ByteQueue();

  private int inputRoomBytes = NO_LIMIT;
  private long receivedBytes;
  private long sentBytes;
  private int readLimitBytes = Integer.MAX_VALUE;
  private int writeLimitBytes = Integer.MAX_VALUE;
  private int windowBytes = DEFAULT_WINDOW_BYTES;
  private boolean peerFin;
  private @Nullable WireException dead;
  private boolean driverFin;
  private boolean driverReset;
  private boolean driverClosed;
  private boolean active;
  private int faultAfterWrites = -1;
  private int faultAfterReads = -1;

  private @Nullable EventLoop loop;
  private @Nullable StreamHandler handler;
  private boolean wantsRead;
  private boolean wantsWrite;
  private boolean told;

  /** A TCP connection that is dead, and why. */
  static final class WireException extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    private final StreamPort.Failure failure;

    WireException(StreamPort.Failure failure) {
      super(
          switch (failure) {
            case RESET -> "Connection reset";
            case TIMED_OUT -> "Connection timed out";
            case OTHER -> "Input/output error";
          });
      this.failure = failure;
    }

    StreamPort.Failure failure() {
      return failure;
    }
  }

  Wire(Trace trace, Conductor conductor, int emss) {
    this.trace = trace;
    this.conductor = conductor;
    this.emss = emss;
  }

  // ---- what the kit sets

  /** How many octets one read gives at most: how TCP has cut them. */
  public synchronized Wire readLimit(int bytes) {
    readLimitBytes = bytes;
    return this;
  }

  /** How many octets one write takes at most. */
  public synchronized Wire writeLimit(int bytes) {
    writeLimitBytes = bytes;
    return this;
  }

  /** How many octets that the peer has not read there may be. */
  public Wire window(int bytes) {
    synchronized (this) {
      windowBytes = bytes;
    }
    tellIfReady();
    return this;
  }

  /** The connection dies at the nth write from now on; 1 is the next. */
  public synchronized Wire dieAtWrite(int nth) {
    faultAfterWrites = nth;
    return this;
  }

  /** The connection dies at the nth read from now on. */
  public synchronized Wire dieAtRead(int nth) {
    faultAfterReads = nth;
    return this;
  }

  // ---- the peer's side

  /** Octets for the driver. A doorbell that was rung before is quicker than they are. */
  public void peerSends(byte[] bytes) {
    conductor.runDevice();
    arrive(bytes);
    tellIfReady();
  }

  private synchronized void arrive(byte[] bytes) {
    int taken = Math.min(bytes.length, inputRoomBytes);
    toDriver.add(Arrays.copyOf(bytes, taken));
    receivedBytes += taken;
    beyondLimit.add(Arrays.copyOfRange(bytes, taken, bytes.length));
    if (inputRoomBytes != NO_LIMIT) {
      inputRoomBytes -= taken;
    }
  }

  /** The peer sends a FIN. */
  public void peerFinishes() {
    synchronized (this) {
      peerFin = true;
    }
    trace.add(TraceEvent.Kind.RECEIVED, "wire", "FIN");
    tellIfReady();
  }

  /** The connection dies. */
  public void dies(StreamPort.Failure failure) {
    synchronized (this) {
      dead = new WireException(failure);
    }
    trace.add(TraceEvent.Kind.RECEIVED, "wire", failure.name());
    tellIfReady();
  }

  /** What came since the last call. */
  public byte[] peerReads() {
    byte[] bytes;
    synchronized (this) {
      bytes = toPeer.take(toPeer.size());
    }
    if (bytes.length > 0) {
      tellIfReady();
    }
    return bytes;
  }

  /** Whether the driver's side has sent a FIN. */
  public synchronized boolean isFinished() {
    return driverFin || (driverClosed && !driverReset);
  }

  /** Whether the driver's side has sent a RST. */
  public synchronized boolean isReset() {
    return driverReset;
  }

  /** Whether the driver's side will never use it again. */
  public synchronized boolean isClosed() {
    return driverClosed || driverReset;
  }

  /** Octets of the peer that the driver has not read. */
  public synchronized int unreadBytes() {
    return toDriver.size();
  }

  // ---- the driver's side

  /**
   * Lets the driver's side speak and listen.
   *
   * @param installed where the connection stands
   * @param first what it sends before anything else
   * @param unread what it reads before anything else: it had come before, and does not count
   */
  StreamPort activate(IwarpConnectionDescriptor installed, byte[] first, byte[] unread) {
    synchronized (this) {
      active = true;
      byte[] later = toDriver.take(toDriver.size());
      toDriver.add(unread);
      toDriver.add(later);
    }
    trace.add(TraceEvent.Kind.ACTIVATE, "stream", "");
    if (first.length > 0) {
      send(first);
    }
    return new Port(installed);
  }

  /** Where the connection stands, when {@code installed} is where it stood at activation. */
  synchronized Departure depart(IwarpConnectionDescriptor installed) {
    return new WireDeparture(installed, sentBytes, receivedBytes, Octets.copyOf(toDriver.peek()));
  }

  synchronized boolean isActive() {
    return active;
  }

  private void send(byte[] bytes) {
    conductor.progressed();
    trace.add(TraceEvent.Kind.SENT, "wire", Octets.copyOf(bytes), "");
    synchronized (this) {
      toPeer.add(bytes);
      sentBytes += bytes.length;
    }
  }

  private void tellIfReady() {
    EventLoop on;
    synchronized (this) {
      on = loop;
      if (on == null || told || !isReady()) {
        return;
      }
      told = true;
    }
    on.execute(this::tell);
  }

  /** Under the monitor. */
  private boolean isReady() {
    return (wantsRead && isReadable()) || (wantsWrite && isWritable());
  }

  private boolean isReadable() {
    return toDriver.size() > 0 || peerFin || dead != null;
  }

  private boolean isWritable() {
    return toPeer.size() < windowBytes || dead != null;
  }

  private void tell() {
    boolean readable;
    boolean writable;
    StreamHandler whom;
    synchronized (this) {
      told = false;
      readable = wantsRead && isReadable();
      writable = wantsWrite && isWritable();
      whom = handler;
      if (!readable && !writable) {
        return;
      }
      wantsRead = false;
      wantsWrite = false;
    }
    if (whom != null) {
      whom.ready(readable, writable);
    }
  }

  private final class Port implements StreamPort {
    private final IwarpConnectionDescriptor installed;

    Port(IwarpConnectionDescriptor installed) {
      this.installed = installed;
    }

    @Override
    public boolean limitInput(int octets) {
      synchronized (Wire.this) {
        boolean possible = toDriver.size() <= octets;
        if (possible) {
          inputRoomBytes = octets - toDriver.size();
        }
        return possible;
      }
    }

    @Override
    public void unlimitInput() {
      synchronized (Wire.this) {
        inputRoomBytes = NO_LIMIT;
        arrive(beyondLimit.take(beyondLimit.size()));
      }
      tellIfReady();
    }

    @Override
    public Departure depart(DepartureNeeds needs) throws TransferException {
      synchronized (Wire.this) {
        if (dead != null || driverClosed || driverReset || driverFin || peerFin) {
          throw TransferException.refused(
              TransferStep.FREEZE,
              List.of(
                  new Refusal(
                      RefusalReason.CLOSED,
                      "a connection that ends",
                      "one that lives",
                      "connect anew")));
        }
        return Wire.this.depart(installed);
      }
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
      byte[] bytes;
      synchronized (Wire.this) {
        if (faultAfterReads > 0 && --faultAfterReads == 0) {
          dead = new WireException(Failure.RESET);
        }
        checkAlive();
        int there = toDriver.size();
        if (there == 0) {
          return peerFin ? -1 : 0;
        }
        int room = 0;
        for (int i = offset; i < offset + length; i++) {
          room = Math.min(there, room + into[i].remaining());
        }
        int count = Math.min(room, readLimitBytes);
        bytes = toDriver.take(count);
      }
      int at = 0;
      for (int i = offset; i < offset + length && at < bytes.length; i++) {
        int count = Math.min(bytes.length - at, into[i].remaining());
        into[i].put(bytes, at, count);
        at += count;
      }
      if (bytes.length > 0) {
        conductor.progressed();
        trace.add(TraceEvent.Kind.RECEIVED, "wire", Octets.copyOf(bytes), "");
      }
      return bytes.length;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
      int room;
      synchronized (Wire.this) {
        if (faultAfterWrites > 0 && --faultAfterWrites == 0) {
          dead = new WireException(Failure.RESET);
        }
        checkAlive();
        if (driverFin) {
          throw new IOException("Broken pipe: written after a FIN");
        }
        room = Math.min(writeLimitBytes, Math.max(0, windowBytes - toPeer.size()));
      }
      ByteArrayOutputStream taken = new ByteArrayOutputStream();
      for (int i = offset; i < offset + length && taken.size() < room; i++) {
        byte[] piece = new byte[Math.min(room - taken.size(), from[i].remaining())];
        from[i].get(piece);
        taken.writeBytes(piece);
      }
      if (taken.size() > 0) {
        send(taken.toByteArray());
      }
      return taken.size();
    }

    private void checkAlive() throws IOException {
      WireException cause = dead;
      if (cause != null) {
        throw new WireException(cause.failure());
      }
      if (driverClosed || driverReset) {
        throw new IOException("the stream is closed");
      }
    }

    @Override
    public void attach(EventLoop on, StreamHandler whom) {
      synchronized (Wire.this) {
        loop = on;
        handler = whom;
      }
    }

    @Override
    public void interest(boolean readable, boolean writable) {
      synchronized (Wire.this) {
        wantsRead = readable;
        wantsWrite = writable;
      }
      tellIfReady();
    }

    @Override
    public int segmentBytes() {
      return emss;
    }

    @Override
    public void shutdownOutput() throws IOException {
      synchronized (Wire.this) {
        checkAlive();
        if (driverFin) {
          return;
        }
        driverFin = true;
      }
      conductor.progressed();
      trace.add(TraceEvent.Kind.FIN, "wire", "");
    }

    @Override
    public void reset() {
      synchronized (Wire.this) {
        if (driverReset || driverClosed) {
          return;
        }
        driverReset = true;
      }
      conductor.progressed();
      trace.add(TraceEvent.Kind.RST, "wire", "");
    }

    @Override
    public void close() {
      boolean unread;
      synchronized (Wire.this) {
        if (driverReset || driverClosed) {
          return;
        }
        driverClosed = true;
        unread = toDriver.size() > 0;
        driverReset = unread;
      }
      conductor.progressed();
      trace.add(
          unread ? TraceEvent.Kind.RST : TraceEvent.Kind.FIN,
          "wire",
          unread ? "closed with unread octets" : "closed");
    }

    @Override
    public Failure causeOf(IOException failure) {
      return failure instanceof WireException cause ? cause.failure() : Failure.OTHER;
    }
  }
}
