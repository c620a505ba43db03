package dev.offramp.iwarp.sim;

import dev.offramp.api.mpa.MpaDecision;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.mpa.MpaStartup;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.StreamPosition;
import dev.offramp.iwarp.rdmap.TerminateCause;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One end: the owner of its TCP, start-up and stream, which does exactly what {@link RdmapStream}
 * asks of an owner: it acts when it posts, when TCP wakes it, and at the deadline.
 */
final class Peer {
  private static final int MAX_PAUSE_NANOS = 20_000;
  private static final int FPDU_OVERHEAD_BYTES = 1_200;

  final MpaRole role;
  final Memory memory;
  final Judge judge;
  private final World world;
  private final SimTcp.End tcp;
  private final RandomGenerator random;
  private final MpaOptions wishes;
  private final MpaStartup startup;
  private @Nullable Peer other;

  private final byte[] plainBefore;
  private final byte[] plainAfter;
  private final ByteQueue unsent = new ByteQueue();
  private final ByteQueue plainSeen = new ByteQueue();
  private boolean pumping;
  private boolean plainClosed;
  private boolean rejected;

  private @Nullable MpaResult agreed;
  private @Nullable Engine engine;
  private @Nullable Application application;
  private @Nullable WireTap sent;
  private @Nullable WireTap heard;
  private long notBeforeNanos = StreamConfig.NO_TIME;
  private long deadlineNanos = RdmapStream.NO_DEADLINE;
  private int batchBytes;
  private int emss;
  private int largestEmss;
  private boolean closing;
  private boolean outputClosed;
  private boolean peerClosedTold;
  private boolean resetTold;

  /** This end's application has ended the stream before a Responder may say so. */
  private boolean mayNotSpeak;

  Peer(World world, MpaOptions wishes, Memory memory, SimTcp.End tcp, RandomGenerator random) {
    this.world = world;
    this.wishes = wishes;
    this.role = wishes.role();
    this.memory = memory;
    this.tcp = tcp;
    this.random = random;
    this.judge = new Judge(this);
    this.startup = new MpaStartup(wishes, world.events().nowNanos());
    plainBefore = bytes(random.nextInt(3) == 0 ? random.nextInt(300) : 0);
    plainAfter = bytes(random.nextInt(200));
    tcp.onWake(this::kick);
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  void start(Peer peer) {
    other = peer;
    unsent.add(plainBefore, 0, plainBefore.length);
    queueStartup();
    kick();
  }

  private void queueStartup() {
    ByteBuffer bytes = startup.pollTransmit();
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    unsent.add(copy, 0, copy.length);
  }

  Peer other() {
    Peer peer = other;
    if (peer == null) {
      throw new IllegalStateException("not started");
    }
    return peer;
  }

  Engine engine() {
    Engine now = engine;
    if (now == null) {
      throw new IllegalStateException("no stream yet");
    }
    return now;
  }

  @Nullable Engine engineOrNull() {
    return engine;
  }

  Application application() {
    Application now = application;
    if (now == null) {
      throw new IllegalStateException("no stream yet");
    }
    return now;
  }

  WireTap sent() {
    WireTap tap = sent;
    if (tap == null) {
      throw new IllegalStateException("no stream yet");
    }
    return tap;
  }

  WireTap heard() {
    WireTap tap = heard;
    if (tap == null) {
      throw new IllegalStateException("no stream yet");
    }
    return tap;
  }

  MpaOptions wishes() {
    return wishes;
  }

  MpaStartup startup() {
    return startup;
  }

  Optional<MpaResult> agreed() {
    return Optional.ofNullable(agreed);
  }

  boolean isOver() {
    return engine != null && engine.end().isPresent();
  }

  boolean isClosing() {
    return closing;
  }

  boolean isReset() {
    return tcp.isReset();
  }

  boolean isRejected() {
    return rejected;
  }

  long polled() {
    return judge.polled();
  }

  long receiptsPolled() {
    return judge.receiptsPolled();
  }

  // ---- what the application does

  void close() {
    closing = true;
    engine().closeRequested();
    kick();
  }

  void terminate(TerminateCause cause) {
    mayNotSpeak = role == MpaRole.RESPONDER && heard().fpdus() == 0;
    engine().terminate(cause);
    kick();
  }

  /** TCP is reset from this end. */
  void reset() {
    tcp.abort();
    kick();
  }

  void poll(int max) {
    if (engine != null) {
      engine.poll(judge, max);
    }
  }

  void changeEmss() {
    if (engine != null) {
      emss = 256 + random.nextInt(random.nextInt(4) == 0 ? 60_000 : 3_000);
      largestEmss = Math.max(largestEmss, emss);
      engine.setEmss(emss);
      sent().emss(emss);
    }
  }

  // ---- the owner

  /** Lets the owner act soon. */
  void kick() {
    if (!pumping) {
      pumping = true;
      world.events().after(1 + random.nextInt(MAX_PAUSE_NANOS), this::pump);
    }
  }

  private void pump() {
    pumping = false;
    if (tcp.isReset()) {
      learnOfReset();
      return;
    }
    readSome();
    transmit();
    closeIfWanted();
    askForTime();
  }

  private void learnOfReset() {
    if (resetTold) {
      return;
    }
    resetTold = true;
    if (engine == null) {
      startup.connectionReset();
      return;
    }
    boolean wasOver = isOver();
    engine.connectionLost(new StreamEnd.Reset());
    Optional<StreamEnd> end = engine.end();
    Invariant.RESET_TOLD.require(
        wasOver || end.equals(Optional.of(new StreamEnd.Reset())), role + " says " + end);
    Invariant.RESET_TOLD.require(engine.isFlushed(), role + " has not flushed");
    byte[] more = engine.take(Integer.MAX_VALUE / 2, world.events().nowNanos());
    Invariant.SILENT_AFTER_RESET.require(more.length == 0, role + " offers " + more.length);
  }

  private void readSome() {
    int available = tcp.available();
    if (available > 0) {
      int count = random.nextInt(3) == 0 ? 1 + random.nextInt(available) : available;
      take(tcp.read(count));
      if (tcp.available() > 0) {
        kick();
      }
    }
    if (tcp.isAtEnd() && !peerClosedTold) {
      peerClosedTold = true;
      if (engine == null) {
        startup.peerClosed();
      } else {
        engine.peerClosed();
      }
    }
  }

  private void take(byte[] bytes) {
    byte[] rest = bytes;
    int before = other().plainBefore.length + other().lastStreamingBytes();
    if (plainSeen.size() < before) {
      int count = Math.min(rest.length, before - plainSeen.size());
      plainSeen.add(rest, 0, count);
      rest = Arrays.copyOfRange(rest, count, rest.length);
    }
    if (rest.length > 0 && engine == null && !rejected) {
      rest = startUp(rest);
    }
    if (rest.length > 0 && engine != null) {
      heard().accept(rest);
      engine.received(rest);
    } else if (rejected) {
      plainSeen.add(rest, 0, rest.length);
    }
  }

  private int lastStreamingBytes() {
    return wishes.lastStreamingMessage().length();
  }

  /** Feeds start-up; returns what belongs to whatever follows. */
  private byte[] startUp(byte[] bytes) {
    ByteBuffer wire = ByteBuffer.wrap(bytes);
    startup.receive(wire);
    switch (startup.state()) {
      case AWAITING_REPLY, AWAITING_REQUEST -> {}
      case DECIDING -> world.events().after(1 + random.nextInt(1_000_000), this::decide);
      case AGREED -> enterStream();
      case FAILED -> {
        rejected = true;
        queuePlainAfter();
      }
    }
    int tooMany =
        startup.state() == MpaStartup.State.AWAITING_REPLY
            ? 0
            : Math.min(wire.remaining(), world.mutation().takenTooMany(this));
    return Arrays.copyOfRange(bytes, wire.position() + tooMany, bytes.length);
  }

  private void decide() {
    if (tcp.isReset()) {
      return;
    }
    MpaDecision decision =
        world.options().accept()
            ? MpaDecision.accept(world.options().replyData())
            : MpaDecision.reject(world.options().replyData());
    startup.decide(decision.after(wishes.lastStreamingMessage()));
    queueStartup();
    if (startup.state() == MpaStartup.State.AGREED) {
      enterStream();
    } else {
      rejected = true;
      queuePlainAfter();
    }
    kick();
  }

  private void queuePlainAfter() {
    unsent.add(plainAfter, 0, plainAfter.length);
    plainClosed = true;
    kick();
  }

  private void enterStream() {
    MpaResult result = world.mutation().agreed(startup.result(), this);
    agreed = result;
    if (random.nextInt(4) == 0) {
      notBeforeNanos = world.events().nowNanos() + random.nextInt(3_000_000);
    }
    emss = 256 + random.nextInt(random.nextInt(4) == 0 ? 60_000 : 3_000);
    largestEmss = emss;
    batchBytes = 1 + random.nextInt(random.nextBoolean() ? 2_000 : 200_000);
    int depth = 2 + random.nextInt(14);
    int msn = world.options().firstMsn();
    StreamConfig.Builder config =
        StreamConfig.of(result)
            .emss(emss)
            .batchBytes(batchBytes)
            .queueDepths(depth, depth)
            .maxBuffers(3)
            .domain(Memory.DOMAIN)
            .extensions(world.options().extensions(), world.options().extensions())
            .stagingBytes(80_000)
            .start(new StreamPosition(msn, msn, msn, msn, OptionalInt.of(msn), msn, 0, 0, false))
            .firstFpduNotBeforeNanos(notBeforeNanos);
    engine = world.mutation().engine(config, memory.table, this);
    sent = new WireTap(role, result.crc(), result.sendMarkers(), result.rtr(), msn);
    heard = new WireTap(other().role, result.crc(), result.receiveMarkers(), result.rtr(), msn);
    sent.emss(emss);
    heard.emss(Integer.MAX_VALUE / 2);
    application =
        new Application(this, random, world.options().extensions(), result.ord() > 0, depth);
    startup.terminate().ifPresent(engine()::terminate);
    world.entered(this);
    kick();
  }

  private void transmit() {
    if (unsent.size() > 0) {
      int count = Math.min(unsent.size(), tcp.room());
      if (count > 0) {
        tcp.write(unsent.take(count));
      }
    }
    if (unsent.size() == 0 && engine != null && !outputClosed) {
      transmitStream(engine);
    }
    if (unsent.size() == 0 && plainClosed && !outputClosed) {
      outputClosed = true;
      tcp.closeOutput();
    }
  }

  private void transmitStream(Engine stream) {
    int room = tcp.room();
    if (room > 0) {
      long now = world.events().nowNanos();
      byte[] taken = stream.take(room, now);
      if (taken.length > 0) {
        checkSent(taken, now);
        tcp.write(taken);
      }
    }
    long most = (long) batchBytes + largestEmss + FPDU_OVERHEAD_BYTES;
    Invariant.BOUNDED.require(
        stream.mostOffered() <= most, stream.mostOffered() + " bytes, at most " + most);
  }

  /** An engine has moved, and the octets that it had made went to TCP. */
  void install(byte[] bytes) {
    if (bytes.length > 0) {
      checkSent(bytes, world.events().nowNanos());
      tcp.install(bytes);
    }
  }

  private void checkSent(byte[] taken, long now) {
    Invariant.RESPONDER_SILENT.require(
        role == MpaRole.INITIATOR || heard().fpdus() > 0, taken.length + " bytes");
    Invariant.DEADLINE_ASKED.require(
        notBeforeNanos == StreamConfig.NO_TIME || now >= notBeforeNanos, "bytes before the time");
    sent().accept(taken);
    long outstanding = sent().requests() - heard().responses();
    Invariant.ORD_RESPECTED.require(
        outstanding <= mostOutstanding(), outstanding + ", agreed " + mostOutstanding());
  }

  private int mostOutstanding() {
    MpaResult mine = startup.result();
    int indication = role == MpaRole.INITIATOR && mine.rtr() == RtrKind.READ ? 1 : 0;
    return Math.max(judge.agreedOrd(), indication);
  }

  private void closeIfWanted() {
    if (engine == null || outputClosed || unsent.size() > 0 || !engine.wantsHalfClose()) {
      return;
    }
    outputClosed = true;
    Optional<StreamEnd> end = engine.end();
    Invariant.TERMINATE_BEFORE_FIN.require(
        !(end.orElse(null) instanceof StreamEnd.TerminatedLocally)
            || sent().isTerminated()
            || mayNotSpeak,
        role + " closes without its Terminate");
    if (closing && end.isEmpty()) {
      judge.requireDrained();
    }
    tcp.closeOutput();
  }

  private void askForTime() {
    if (engine != null) {
      long deadline = engine.nextDeadlineNanos();
      if (deadline != RdmapStream.NO_DEADLINE && deadline != deadlineNanos) {
        deadlineNanos = deadline;
        world.events().after(Math.max(0, deadline - world.events().nowNanos()), this::kick);
      }
    }
  }

  // ---- when nothing moves any more

  /** Nothing may be left that only the clock kept back. */
  void checkDeadlineWasAsked() {
    if (engine != null && !outputClosed && !tcp.isReset() && tcp.room() > 0) {
      byte[] late = engine.take(1, world.events().nowNanos() + 1_000_000_000L);
      Invariant.DEADLINE_ASKED.require(late.length == 0, role + " had something to send");
    }
  }

  boolean isAllSent() {
    return outputClosed;
  }

  void checkPlainStream() {
    Peer from = other();
    ByteBuffer expected = ByteBuffer.allocate(2_000);
    expected.put(from.plainBefore).put(from.wishes.lastStreamingMessage().asByteBuffer());
    if (rejected) {
      expected.put(from.plainAfter);
    }
    byte[] seen = plainSeen.take(plainSeen.size());
    Invariant.PLAIN_STREAM_INTACT.require(
        Arrays.equals(seen, Arrays.copyOf(expected.array(), expected.position())),
        seen.length + " bytes, expected " + expected.position());
  }
}
