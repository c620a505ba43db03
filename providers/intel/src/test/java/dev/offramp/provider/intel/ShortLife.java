package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.LocalInvalidate;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.intel.IntelResources;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.SendWqe;
import dev.offramp.spi.RnicArrival;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A connection arrives, does each kind of work once, one after the other, and ends in order; what
 * is not perfect is noticed.
 */
final class ShortLife {
  private static final int BYTES = 6000;
  private static final int PART = 2000;
  private static final int MANY_LOOKS = 2000;
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final AdapterModelFactory kind;
  private final Generation generation;
  private final MpaResult mpa;
  private final FlippingWindow.Flip flip;
  private @Nullable FlippingWindow window;

  /** Something was noticed. */
  private static final class NoticedException extends Exception {
    private static final long serialVersionUID = 1;

    NoticedException(String what) {
      super(what);
    }
  }

  ShortLife(
      AdapterModelFactory kind, Generation generation, MpaRole role, FlippingWindow.Flip flip) {
    this.kind = kind;
    this.generation = generation;
    this.mpa = Agreement.of(role).result();
    this.flip = flip;
  }

  /** Whether the bit was there to be turned. */
  boolean isMet() {
    return window != null && window.isDone();
  }

  /** Lives it; says what was noticed, nothing if all was perfect. */
  String live() throws Exception {
    try (Bench bench =
        new Bench(
            kind,
            Faults.NONE,
            seen -> {
              FlippingWindow between = new FlippingWindow(seen, generation, flip);
              window = between;
              return between;
            })) {
      bench.with("command-timeout-millis", "1000").with("linger-millis", "500").rnic();
      window().arm();
      bench.hurry();
      live(bench);
      bench.closeRnic();
      bench.settle();
      same("reset", window().isReset(), false);
      same("resources", bench.model().resources(), IntelResources.NONE);
      same("complaints", bench.model().complaints(), List.of());
      same("claims", bench.link.claimCount(), 0);
      same("memory", bench.window.memory().open(), List.of());
      return "";
    } catch (NoticedException e) {
      return String.valueOf(e.getMessage());
    } catch (RuntimeException | java.io.IOException e) {
      // Typed, or the golden peer's "the stream has ended".
      return e.toString();
    }
  }

  private FlippingWindow window() {
    FlippingWindow known = window;
    if (known == null) {
      throw new IllegalStateException("no window yet");
    }
    return known;
  }

  private static void same(String what, Object seen, Object expected) throws NoticedException {
    if (!seen.equals(expected)) {
      throw new NoticedException(what + ": " + seen);
    }
  }

  private void live(Bench bench) throws Exception {
    SimulatedConnection tcp = bench.connection().build();
    RnicArrival arrival = bench.rnic().arrive(Bench.described(tcp, mpa));
    GoldenPeer peer = new GoldenPeer(bench.peerLoop, bench.clock, tcp.peer());
    try {
      boolean responder = mpa.role() == MpaRole.RESPONDER;
      if (!responder) {
        peer.enterRdma(Bench.mirrored(mpa));
      }
      try (RdmaConnection connection = arrival.activate()) {
        if (responder) {
          Octets reply = Bench.reply(mpa);
          for (int i = 0; peer.awaitStreamed(0).length < reply.length(); i++) {
            look(bench, i, "no MPA Reply");
          }
          same("Reply", Octets.copyOf(peer.awaitStreamed(0)), reply);
          peer.enterRdma(Bench.mirrored(mpa));
        }
        work(bench, connection, peer);
        same("end", connection.disconnect(), new StreamEnd.ClosedLocally());
      }
    } finally {
      peer.close();
    }
  }

  private static void look(Bench bench, int count, String missing) throws NoticedException {
    bench.settle();
    if (count > MANY_LOOKS) {
      throw new NoticedException(missing);
    }
  }

  private void work(Bench bench, RdmaConnection connection, GoldenPeer peer) throws Exception {
    MemoryRegion mine = connection.allocate(BYTES, Access.REMOTE_WRITE, Access.REMOTE_READ);
    MemoryRegion other = connection.allocate(BYTES);
    Region theirs = peer.register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    RemoteBuffer far = new RemoteBuffer(theirs.stag(), theirs.taggedOffset(), BYTES);
    Exchange.fill(other.segment(), 1);
    MemorySegment sent = other.segment().asSlice(0, PART);

    connection.post(new Receive(1, mine.slice(0, PART)));
    connection.post(new Receive(2, mine.slice(PART, PART)));
    window().receivesPosted(SendWqe.QUANTUM_BYTES);
    MemorySegment.copy(other.segment(), 0, theirs.segment(), 0, PART);
    peer.send(1, theirs, 0, PART);
    completed(connection, 1, PART);
    same("received", mine.segment().asSlice(0, PART).mismatch(sent), -1L);
    same("around", isZero(mine.segment().asSlice(PART)), true);

    theirs.segment().fill((byte) 0);
    peer.receive(2, theirs, 0, BYTES);
    done(
        connection,
        new Send(
            3, List.of(other.slice(0, PART), other.slice(PART, PART)), false, OptionalInt.empty()),
        2 * PART);
    arrived(bench, peer, 2);
    same(
        "sent",
        theirs.segment().asSlice(0, 2 * PART).mismatch(other.segment().asSlice(0, 2 * PART)),
        -1L);
    same("around", isZero(theirs.segment().asSlice(2 * PART)), true);

    theirs.segment().fill((byte) 0);
    peer.receive(3, theirs, 0, 0);
    done(
        connection,
        new Write(
            4, List.of(other.slice(0, PART), other.slice(PART, PART)), far.slice(PART, 2 * PART)),
        2 * PART);
    done(connection, new Send(5, mine.slice(0, 0)), 0);
    arrived(bench, peer, 3);
    same(
        "written",
        theirs.segment().asSlice(PART).mismatch(other.segment().asSlice(0, 2 * PART)),
        -1L);
    same("around", isZero(theirs.segment().asSlice(0, PART)), true);

    mine.segment().fill((byte) 0);
    done(connection, new Read(6, mine.slice(PART, PART), far.slice(PART, PART)), PART);
    same("read", mine.segment().asSlice(PART, PART).mismatch(sent), -1L);
    same("around", isZero(mine.segment().asSlice(2 * PART)), true);
    done(connection, new LocalInvalidate(7, other.stag()), 0);
    same("valid", other.isValid(), false);

    // A connection that works works in both directions, to the end.
    peer.send(4, theirs, PART, PART);
    completed(connection, 2, PART);
    same("received", mine.segment().asSlice(PART, PART).mismatch(sent), -1L);
    // Flushed in the end.
    connection.post(new Receive(8, mine.slice(0, 0)));
    mine.close();
  }

  private static boolean isZero(MemorySegment memory) {
    for (byte octet : memory.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)) {
      if (octet != 0) {
        return false;
      }
    }
    return true;
  }

  private static void arrived(Bench bench, GoldenPeer peer, long id) throws NoticedException {
    while (true) {
      for (int i = 0; peer.completionCount() == 0; i++) {
        look(bench, i, "the peer got nothing");
      }
      Completion next = peer.take();
      same("status at the peer", next.status(), CompletionStatus.SUCCESS);
      if (next.id() == id) {
        return;
      }
    }
  }

  private static void done(RdmaConnection connection, WorkRequest work, long bytes)
      throws Exception {
    connection.post(work);
    completed(connection, work.id(), bytes);
  }

  private static void completed(RdmaConnection connection, long id, long bytes) throws Exception {
    Optional<Completion> next = connection.completions().poll(PATIENCE);
    if (next.isEmpty()) {
      throw new NoticedException("no completion of " + id);
    }
    same("request", next.get().id(), id);
    same("status", next.get().status(), CompletionStatus.SUCCESS);
    same("bytes", next.get().bytes(), bytes);
  }
}
