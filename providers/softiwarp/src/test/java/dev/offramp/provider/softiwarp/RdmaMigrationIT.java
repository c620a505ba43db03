package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.net.Topology;
import dev.offramp.runtime.migrate.MigrationException;
import dev.offramp.runtime.migrate.PreSharedKey;
import dev.offramp.runtime.migrate.RdmaMigration;
import dev.offramp.runtime.migrate.RemoteOwner;
import dev.offramp.runtime.stream.DetachedNics;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A connection in RDMA mode leaves one Offramp for another that shares nothing with it but a
 * channel, memory and all. The two are in one process here, on two kernel stacks; {@link
 * RdmaMigrationKilledIT} has two processes. Needs root or {@code unshare -Urn}.
 */
@Timeout(300)
class RdmaMigrationIT {
  private static final String HOST = OfframpOptions.HOST_RESIDENT;
  private static final String NIC = OfframpOptions.DETACHED;
  private static final PreSharedKey KEY = PreSharedKey.of(new byte[32]);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int LOAD_BYTES = 6 << 20;
  private static final int CHUNK_BYTES = 24_000;

  /** Of some 790 requests of each end: there is more to do at every move, and after the last. */
  private static final int STRIDE = 250;

  private static final int QUEUE_ENTRIES = 512;
  private static final int BYTES = 200_000;
  private static final long LIMIT = 64 << 20;

  private static Topology topology;
  private static DetachedNics.Registration nic;

  @BeforeAll
  static void build() throws Exception {
    topology = Topology.create();
    nic = DetachedNics.provide("migration", topology.nic(), topology.nicNamespace());
  }

  @AfterAll
  static void dismantle() throws Exception {
    nic.close();
    topology.close();
  }

  // ---- the parties

  private interface Body {
    void run(Offramp from, Offramp to, Offramp peers) throws Exception;
  }

  private static void with(String from, String to, Body body) throws Exception {
    topology
        .host()
        .namespace()
        .call(() -> {
          try (Offramp sending = open(from);
              Offramp receiving = open(to);
              Offramp peers = open(HOST)) {
            body.run(sending, receiving, peers);
          }
          return true;
        });
  }

  private static Offramp open(String rnic) {
    return open(rnic, QUEUE_ENTRIES);
  }

  private static Offramp open(String rnic, int receiveQueueEntries) {
    return Offramp.open(
        OfframpOptions.builder()
            .rnic(rnic)
            .setting(DetachedNics.SETTING, nic.name())
            .setting("softiwarp.first-fpdu-delay-micros", "0")
            .setting("softiwarp.receive-queue-entries", Integer.toString(receiveQueueEntries))
            .build());
  }

  /** The end that moves first. */
  private record Ends(RdmaConnection moving, RdmaConnection peer) {}

  private static Ends connect(
      Offramp moving,
      ConnectionSetup movingSetup,
      Offramp peers,
      ConnectionSetup peerSetup,
      boolean initiator,
      boolean ipv6)
      throws Exception {
    StandardProtocolFamily family =
        ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    InetSocketAddress any =
        new InetSocketAddress(ipv6 ? topology.peer().ipv6() : topology.peer().ipv4(), 0);
    try (ServerSocketChannel listener =
        topology.peer().namespace().call(() -> ServerSocketChannel.open(family).bind(any))) {
      SocketChannel near = SocketChannel.open(family);
      near.connect(listener.getLocalAddress());
      SocketChannel far = listener.accept();
      if (initiator) {
        RdmaPair pair = RdmaPair.open(moving, near, movingSetup, peers, far, peerSetup);
        return new Ends(pair.initiator(), pair.responder());
      }
      RdmaPair pair = inHost(() -> RdmaPair.open(peers, far, peerSetup, moving, near, movingSetup));
      return new Ends(pair.responder(), pair.initiator());
    }
  }

  private static Ends connect(Offramp moving, Offramp peers) throws Exception {
    return connect(moving, ConnectionSetup.NONE, peers, ConnectionSetup.NONE, true, false);
  }

  private static <T> T inHost(java.util.concurrent.Callable<T> work) throws Exception {
    return topology.host().namespace().call(work);
  }

  private static FutureTask<RdmaMigration.Received> receive(
      Offramp to, String rnic, SocketChannel channel, PreSharedKey key, long limit) {
    FutureTask<RdmaMigration.Received> task =
        new FutureTask<>(() ->
            inHost(() ->
                RdmaMigration.of(to)
                    .receive(channel, key, rnic, new RdmaMigration.Limits(limit, PATIENCE))));
    Thread.ofPlatform().daemon(true).name("receiver").start(task);
    return task;
  }

  private static void send(Offramp from, RdmaConnection connection, SocketChannel channel)
      throws Exception {
    try (RemoteOwner remote = RemoteOwner.greet(channel, KEY, "there", PATIENCE)) {
      RdmaMigration.of(from).send(connection, remote, () -> {});
    }
  }

  private static RdmaMigration.Received migrate(
      Offramp from, RdmaConnection connection, Offramp to, String rnic) throws Exception {
    try (Relay relay = new Relay((at, octet) -> octet)) {
      FutureTask<RdmaMigration.Received> received = receive(to, rnic, relay.receiver(), KEY, LIMIT);
      send(from, connection, relay.sender());
      return received.get(60, TimeUnit.SECONDS);
    }
  }

  // ---- what goes on

  @ParameterizedTest
  @CsvSource({
    "softiwarp, softiwarp-detached, true, false",
    "softiwarp, softiwarp-detached, false, false",
    "softiwarp-detached, softiwarp, true, false",
    "softiwarp-detached, softiwarp, false, false",
    "softiwarp, softiwarp-detached, true, true",
    "softiwarp, softiwarp-detached, false, true",
    "softiwarp-detached, softiwarp, true, true",
    "softiwarp-detached, softiwarp, false, true"
  })
  void underLoadThereAndBackEachRequestCompletesOnceAndAllMemoryIsRight(
      String from, String to, boolean initiator, boolean ipv6) throws Exception {
    with(
        from,
        to,
        (sending, receiving, peers) -> {
          LoadSide near = new LoadSide("near", LOAD_BYTES, CHUNK_BYTES, true);
          LoadSide far = new LoadSide("far", LOAD_BYTES, CHUNK_BYTES, false);
          Ends ends = connect(sending, near::prepare, peers, far::prepare, initiator, ipv6);
          FutureTask<Boolean> nearWork = started(() -> near.run(far));
          FutureTask<Boolean> farWork = started(() -> far.run(near));
          workOn(near, far);
          RdmaMigration.Received there = migrate(sending, ends.moving(), receiving, to);
          near.goOnAs(there.connection(), there.regions());
          assertThat(ends.moving().end()).contains(new StreamEnd.Migrated("there"));
          workOn(near, far);
          RdmaMigration.Received back = migrate(receiving, there.connection(), sending, from);
          near.goOnAs(back.connection(), back.regions());
          near.allow(Integer.MAX_VALUE);
          far.allow(Integer.MAX_VALUE);
          assertThat(nearWork.get(120, TimeUnit.SECONDS)).isTrue();
          assertThat(farWork.get(120, TimeUnit.SECONDS)).isTrue();
          assertThat(near.difference(far) + far.difference(near)).isEmpty();
          assertThat(back.connection().end()).isEmpty();
          ends.moving().close();
          there.connection().close();
          near.close();
          far.close();
        });
  }

  /** Both ends get more to do, and have begun with it. */
  private static void workOn(LoadSide near, LoadSide far) {
    long nearBefore = near.completed();
    long farBefore = far.completed();
    near.allow(STRIDE);
    far.allow(STRIDE);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (near.completed() < nearBefore + 2 || far.completed() < farBefore + 2) {
      assertThat(System.nanoTime() - deadline).as("%s, %s", near, far).isNegative();
      Thread.onSpinWait();
    }
  }

  private static FutureTask<Boolean> started(java.util.concurrent.Callable<Boolean> work) {
    FutureTask<Boolean> task = new FutureTask<>(work);
    Thread.ofPlatform().daemon(true).start(task);
    return task;
  }

  @Test
  void memoryThatTwoRegionsShareTheyShareThere() throws Exception {
    with(
        HOST,
        NIC,
        (from, to, peers) -> {
          Ends ends = connect(from, peers);
          try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(BYTES);
            fill(memory);
            byte[] before = memory.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
            MemoryRegion whole = ends.moving().register(memory, Access.REMOTE_READ);
            MemoryRegion part =
                ends.moving().register(memory.asSlice(1_000, 5_000), Access.REMOTE_WRITE);
            MemoryRegion other = ends.moving().allocate(0, Access.REMOTE_READ);
            RdmaMigration.Received there = migrate(from, ends.moving(), to, NIC);
            assertThat(there.regions()).containsOnlyKeys(whole.stag(), part.stag(), other.stag());
            MemoryRegion wholeThere = there.region(whole.stag());
            MemoryRegion partThere = there.region(part.stag());
            assertThat(wholeThere.segment().address()).isNotEqualTo(whole.segment().address());
            assertThat(wholeThere.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
                .isEqualTo(before);
            assertThat(partThere.segment().address() - wholeThere.segment().address())
                .isEqualTo(1_000);
            // The peer writes by one STag, and reads by the other.
            MemoryRegion source = ends.peer().allocate(5_000);
            fill(source.segment());
            MemoryRegion back = ends.peer().allocate(5_000, Access.REMOTE_WRITE);
            ends.peer().post(new Write(1, source.whole(), part.advertise()));
            RdmaPair.next(ends.peer(), Operation.WRITE);
            ends.peer().post(new Read(2, back.whole(), whole.advertise().slice(1_000, 5_000)));
            RdmaPair.next(ends.peer(), Operation.READ);
            assertThat(back.segment().mismatch(source.segment())).isEqualTo(-1);
            // The region's memory is its own, and goes with the last region.
            MemorySegment freed = wholeThere.segment();
            wholeThere.close();
            assertThat(freed.scope().isAlive()).isTrue();
            partThere.close();
            assertThat(freed.scope().isAlive()).isFalse();
            there.connection().close();
            ends.peer().close();
            ends.moving().close();
          }
        });
  }

  /** A revoked region still holds what the peer wrote; the application gets it, as it was. */
  @Test
  void unpolledCompletionsPostedReceivesAndRevokedRegionsComeAlong() throws Exception {
    with(
        HOST,
        NIC,
        (from, to, peers) -> {
          Ends ends = connect(from, peers);
          MemoryRegion written =
              ends.moving().allocate(BYTES, Access.REMOTE_WRITE, Access.REMOTE_INVALIDATE);
          MemoryRegion inbox = ends.moving().allocate(1_000);
          ends.moving().post(new Receive(1, inbox.slice(0, 500)));
          ends.moving().post(new Receive(2, inbox.slice(500, 500)));
          MemoryRegion source = ends.peer().allocate(BYTES);
          fill(source.segment());
          ends.peer().post(new Write(10, source.whole(), written.advertise()));
          ends.peer()
              .post(
                  new Send(
                      11,
                      java.util.List.of(source.slice(0, 500)),
                      false,
                      OptionalInt.of(written.stag())));
          RdmaPair.next(ends.peer(), Operation.WRITE);
          RdmaPair.next(ends.peer(), Operation.SEND);
          long deadline = System.nanoTime() + PATIENCE.toNanos();
          while (written.isValid()) {
            assertThat(System.nanoTime() - deadline).isNegative();
            Thread.onSpinWait();
          }
          RdmaMigration.Received there = migrate(from, ends.moving(), to, NIC);
          MemoryRegion writtenThere = there.region(written.stag());
          assertThat(writtenThere.isValid()).isFalse();
          assertThat(writtenThere.segment().mismatch(source.segment())).isEqualTo(-1);
          Completion first = RdmaPair.next(there.connection(), Operation.RECEIVE);
          assertThat(first.id()).isEqualTo(1);
          assertThat(first.invalidatedStag()).hasValue(written.stag());
          ends.peer().post(new Send(12, source.slice(500, 500)));
          assertThat(RdmaPair.next(there.connection(), Operation.RECEIVE).id()).isEqualTo(2);
          assertThat(
                  there.region(inbox.stag()).segment().mismatch(source.segment().asSlice(0, 1_000)))
              .isEqualTo(-1);
          // Here it has ended, with its type, and nothing completes a second time.
          assertThat(ends.moving().completions().poll()).isEmpty();
          assertThatThrownBy(() -> ends.moving().completions().take())
              .isInstanceOfSatisfying(
                  ConnectionClosedException.class,
                  e -> assertThat(e.end()).isEqualTo(new StreamEnd.Migrated("there")));
          assertThatThrownBy(() -> ends.moving().post(new Receive(3, inbox.slice(0, 10))))
              .isInstanceOf(ConnectionClosedException.class);
          assertThatThrownBy(() -> from.move(ends.moving(), HOST + ":2"))
              .isInstanceOfSatisfying(
                  TransferException.class,
                  e ->
                      assertThat(e.refusals().getFirst().reason())
                          .isEqualTo(RefusalReason.NO_OWNER));
          ends.moving().close();
          there.connection().close();
          ends.peer().close();
        });
  }

  // ---- what is refused

  @Test
  void moreMemoryThanIsAllowedIsRefusedBeforeAnythingStops() throws Exception {
    with(
        HOST,
        NIC,
        (from, to, peers) -> {
          Ends ends = connect(from, peers);
          MemoryRegion region = ends.moving().allocate(BYTES, Access.REMOTE_WRITE);
          try (Relay relay = new Relay((at, octet) -> octet)) {
            FutureTask<RdmaMigration.Received> received =
                receive(to, NIC, relay.receiver(), KEY, BYTES - 1);
            TransferException refused =
                catchThrowableOfType(
                    TransferException.class, () -> send(from, ends.moving(), relay.sender()));
            assertThat(refused.refusals().getFirst().reason())
                .isEqualTo(RefusalReason.NO_RESOURCES);
            assertThat(refused).hasMessageContaining(BYTES + " bytes");
            relay.sender().close();
            assertThat(failure(received)).isInstanceOf(MigrationException.class);
          }
          works(ends.peer(), region);
          ends.moving().close();
          ends.peer().close();
        });
  }

  /** Only what has stopped says how many there are. */
  @Test
  void moreReceivesThanTheQueueThereHoldsAreRefusedAndTheConnectionGoesOn() throws Exception {
    with(
        HOST,
        HOST + ":2",
        (from, to, peers) -> {
          Ends ends = connect(from, peers);
          MemoryRegion region = ends.moving().allocate(BYTES, Access.REMOTE_WRITE);
          for (int i = 0; i < 20; i++) {
            ends.moving().post(new Receive(i, region.slice(0, 8)));
          }
          try (Offramp small = open(NIC, 16);
              Relay relay = new Relay((at, octet) -> octet)) {
            FutureTask<RdmaMigration.Received> received =
                receive(small, NIC, relay.receiver(), KEY, LIMIT);
            TransferException refused =
                catchThrowableOfType(
                    TransferException.class, () -> send(from, ends.moving(), relay.sender()));
            assertThat(refused.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
            assertThat(refused.refusals().getFirst().reason())
                .isEqualTo(RefusalReason.NO_RESOURCES);
            assertThat(refused)
                .hasMessageContaining("20 Receives")
                .hasMessageContaining("softiwarp.receive-queue-entries");
            assertThat(failure(received)).isInstanceOf(TransferException.class);
          }
          works(ends.peer(), region);
          ends.moving().close();
          ends.peer().close();
        });
  }

  @Test
  void aStrangerGetsNothing() throws Exception {
    with(
        HOST,
        NIC,
        (from, to, peers) -> {
          Ends ends = connect(from, peers);
          MemoryRegion region = ends.moving().allocate(BYTES, Access.REMOTE_WRITE);
          try (Relay relay = new Relay((at, octet) -> octet)) {
            FutureTask<RdmaMigration.Received> received =
                receive(to, NIC, relay.receiver(), PreSharedKey.of(new byte[16]), LIMIT);
            assertThatThrownBy(() -> send(from, ends.moving(), relay.sender()))
                .isInstanceOf(MigrationException.class);
            assertThat(failure(received))
                .isInstanceOfSatisfying(
                    MigrationException.class,
                    e -> assertThat(e.reason()).isEqualTo(MigrationException.Reason.NOT_AUTHENTIC));
          }
          works(ends.peer(), region);
          ends.moving().close();
          ends.peer().close();
        });
  }

  /** Cut, or altered, anywhere: it goes on where it was, and nothing is left there. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void whatIsCutOrAlteredLeavesTheConnectionWhereItWas(boolean cut) throws Exception {
    with(
        HOST,
        NIC,
        (from, to, peers) -> {
          long length;
          Ends first = connect(from, peers);
          first.moving().allocate(BYTES, Access.REMOTE_WRITE);
          try (Relay relay = new Relay((at, octet) -> octet)) {
            FutureTask<RdmaMigration.Received> received =
                receive(to, NIC, relay.receiver(), KEY, LIMIT);
            send(from, first.moving(), relay.sender());
            received.get(60, TimeUnit.SECONDS).connection().close();
            length = relay.passedBytes();
          }
          first.peer().close();
          Ends ends = connect(from, peers);
          MemoryRegion region = ends.moving().allocate(BYTES, Access.REMOTE_WRITE);
          // The last words are the confirmation and the release: what breaks then is not undone.
          for (long at : new long[] {10, 60, 100, 130, 400, 900, 3_000, length / 2, length - 200}) {
            long place = at;
            try (Relay relay =
                new Relay((each, octet) -> each == place ? (cut ? -1 : octet ^ 4) : octet)) {
              FutureTask<RdmaMigration.Received> received =
                  receive(to, NIC, relay.receiver(), KEY, LIMIT);
              Throwable failure = catchThrowable(() -> send(from, ends.moving(), relay.sender()));
              assertThat(failure)
                  .as("at %d of %d", at, length)
                  .isInstanceOfAny(TransferException.class, MigrationException.class);
              if (failure instanceof TransferException typed) {
                assertThat(typed.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
              }
              relay.sender().close();
              assertThat(failure(received)).isInstanceOf(IOException.class);
            }
            works(ends.peer(), region);
          }
          ends.moving().close();
          ends.peer().close();
        });
  }

  private static Throwable failure(FutureTask<RdmaMigration.Received> receiver) throws Exception {
    try {
      receiver.get(90, TimeUnit.SECONDS);
      throw new AssertionError("a connection was received");
    } catch (ExecutionException e) {
      return java.util.Objects.requireNonNull(e.getCause());
    }
  }

  /** The peer writes to a region and the connection lives. */
  private static void works(RdmaConnection peer, MemoryRegion region) throws Exception {
    try (MemoryRegion source = peer.allocate(region.sizeBytes())) {
      fill(source.segment());
      peer.post(new Write(77, source.whole(), region.advertise()));
      RdmaPair.next(peer, Operation.WRITE);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (region.segment().mismatch(source.segment()) >= 0) {
        assertThat(System.nanoTime() - deadline).isNegative();
        Thread.onSpinWait();
      }
    }
  }

  private static void fill(MemorySegment segment) {
    SplittableRandom random = new SplittableRandom(System.identityHashCode(segment));
    for (long at = 0; at < segment.byteSize(); at++) {
      segment.set(java.lang.foreign.ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
    }
  }
}
