package dev.offramp.cli.demo;

import dev.offramp.api.Offramp;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.rdma.RdmaConnection;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** The peer: an ordinary application whose own RNIC is the software one on its own socket. */
public final class PeerParty {
  private static final long SEED = 0x7065_6572L;

  private final PartyPlan plan;
  private final Events events;

  public PeerParty(PartyPlan plan, Events events) {
    this.plan = plan;
    this.events = events;
  }

  /** Serves the host's connections, one after the other: a rehearsal, the real one, the load. */
  public void run() throws IOException, InterruptedException {
    try (ServerSocketChannel listener = ServerSocketChannel.open();
        Offramp offramp = Offramp.open()) {
      listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      listener.bind(plan.address());
      InetSocketAddress bound = (InetSocketAddress) listener.getLocalAddress();
      events.emit("listening", Map.of("port", bound.getPort()));
      Events rehearsal = new Events(event -> {});
      converse(offramp, listener, PartyPlan.REHEARSAL_BYTES, PartyPlan.REHEARSAL_BYTES, rehearsal);
      converse(offramp, listener, plan.plainBytes(), plan.bytes(), events);
      try (SocketChannel tcp = listener.accept()) {
        bearRefusedMoves(tcp);
      }
    }
  }

  private static void converse(
      Offramp offramp, ServerSocketChannel listener, long plainBytes, long rdmaBytes, Events events)
      throws IOException, InterruptedException {
    try (Arena arena = Arena.ofShared();
        SocketChannel tcp = listener.accept()) {
      Buffers buffers = Buffers.allocate(arena, rdmaBytes, SEED);
      tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
      events.transferred(new PlainTraffic("plain", tcp, plainBytes).run(SEED));
      AtomicReference<RdmaDialogue> dialogue = new AtomicReference<>();
      long askedNanos = System.nanoTime();
      try (RdmaConnection rdma =
          offramp.offload(
              tcp,
              Mpa.initiator().build(),
              connection -> {
                long waited = System.nanoTime() - askedNanos;
                events.emit("waited", Map.of("micros", waited / 1000));
                dialogue.set(new RdmaDialogue(connection, buffers, events::transferred));
              })) {
        dialogue.get().leadThenServe();
        events.emit("end", Map.of("how", rdma.disconnect().toString()));
      }
    }
  }

  private void bearRefusedMoves(SocketChannel tcp) throws IOException, InterruptedException {
    PlainTraffic load = new PlainTraffic("under refused moves", tcp, plan.loadBytes());
    events.transferred(load.run(SEED + 1));
    events.emit("silence", Map.of("micros", load.longestSilenceNanos() / 1000));
    awaitEnd(tcp);
  }

  /**
   * Closes after the host only: a connection that the peer has half closed cannot be moved, and the
   * host may still be in the middle of an attempt when the last byte has arrived here.
   */
  private static void awaitEnd(SocketChannel tcp) throws IOException {
    ByteBuffer nothing = ByteBuffer.allocate(1);
    if (tcp.read(nothing) >= 0) {
      throw new IOException("the host sent more than was agreed, expected the end of the stream");
    }
  }
}
