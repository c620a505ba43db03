package dev.offramp.iwarp.rdmap;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.iwarp.mpa.TransmitBatch;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/** Two streams, a wire that cuts as it likes, and a virtual clock. */
final class Pair {
  static final int INITIATOR_DOMAIN = 1;
  static final int RESPONDER_DOMAIN = 2;

  final MemoryTable memory = new MemoryTable(new SplittableRandom(7), 1024);
  final Peer initiator;
  final Peer responder;
  long nowNanos = 1_000_000;

  private final RandomGenerator random;
  private final int maxCut;

  Pair(RandomGenerator random, int maxCut, UnaryOperator<StreamConfig.Builder> options) {
    this(random, maxCut, options, options);
  }

  Pair(
      RandomGenerator random,
      int maxCut,
      UnaryOperator<StreamConfig.Builder> ofInitiator,
      UnaryOperator<StreamConfig.Builder> ofResponder) {
    this.random = random;
    this.maxCut = maxCut;
    initiator =
        new Peer(
            ofInitiator
                .apply(StreamConfig.builder(MpaRole.INITIATOR).domain(INITIATOR_DOMAIN))
                .build(),
            memory);
    responder =
        new Peer(
            ofResponder
                .apply(StreamConfig.builder(MpaRole.RESPONDER).domain(RESPONDER_DOMAIN))
                .build(),
            memory);
  }

  /** Moves bytes until nothing moves any more. */
  void run() {
    int idle = 0;
    while (idle < 2) {
      boolean there = move(initiator, responder);
      boolean back = move(responder, initiator);
      idle = there || back ? 0 : idle + 1;
      nowNanos += 1_000;
    }
  }

  private boolean move(Peer from, Peer to) {
    byte[] bytes = from.take(random, nowNanos);
    int at = 0;
    while (at < bytes.length) {
      int count = Math.min(bytes.length - at, 1 + random.nextInt(maxCut));
      to.stream.receive(ByteBuffer.wrap(bytes, at, count));
      at += count;
    }
    boolean closes = from.stream.wantsHalfClose() && !from.finSent;
    if (closes) {
      from.finSent = true;
      to.stream.peerClosed();
    }
    return bytes.length > 0 || closes;
  }

  /** One end: a stream and what came out of it. */
  static final class Peer {
    final RdmapStream stream;
    final Log log = new Log();
    final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    boolean finSent;

    Peer(StreamConfig config, MemoryTable memory) {
      stream = new RdmapStream(config, memory);
    }

    /** Writes as much as a socket with random room would take. */
    byte[] take(RandomGenerator random, long nowNanos) {
      TransmitBatch batch = stream.pollTransmit(nowNanos);
      int room = 1 + random.nextInt(100_000);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (int i = 0; i < batch.length() && room > 0; i++) {
        ByteBuffer buffer = batch.buffers()[batch.offset() + i];
        byte[] some = new byte[Math.min(room, buffer.remaining())];
        buffer.get(some);
        out.writeBytes(some);
        room -= some.length;
      }
      stream.transmitted();
      sent.writeBytes(out.toByteArray());
      stream.pollCompletions(log, Integer.MAX_VALUE);
      return out.toByteArray();
    }

    void poll() {
      stream.pollCompletions(log, Integer.MAX_VALUE);
    }
  }
}
