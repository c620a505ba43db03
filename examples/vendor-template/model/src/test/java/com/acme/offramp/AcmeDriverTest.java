package com.acme.offramp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.acme.offramp.model.AcmeFaults;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.NthFault;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicException;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class AcmeDriverTest {
  private static final int BYTES = 5000;

  private Bench bench = new Bench(Faults.NONE);

  @AfterEach
  void close() {
    bench.close();
  }

  private void failing(Faults faults) {
    bench.close();
    bench = new Bench(faults);
  }

  @Test
  void movesDataAllFourWays() throws Exception {
    try (Rnic rnic = bench.open()) {
      SimulatedConnection host = bench.connection();
      RnicArrival arrival = Bench.arrive(rnic, host);
      RdmaConnection connection = arrival.prepared();
      MemoryRegion memory = connection.allocate(2 * BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      connection.post(new Receive(1, memory.slice(BYTES, BYTES)));
      try (GoldenPeer peer = bench.peer(host)) {
        arrival.activate();
        Region theirs = peer.register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
        theirs.segment().fill((byte) 7);
        connection.post(new Read(2, memory.slice(0, BYTES), GoldenPeer.advertise(theirs)));
        assertEquals(2, success(connection).id());
        assertFilled(memory, 0, 7);
        memory.segment().asSlice(0, BYTES).fill((byte) 9);
        connection.post(new Write(3, memory.slice(0, BYTES), GoldenPeer.advertise(theirs)));
        assertEquals(3, success(connection).id());
        peer.receive(40, theirs, 0, BYTES);
        connection.post(new Send(4, memory.slice(0, BYTES)));
        assertEquals(4, success(connection).id());
        assertEquals(40, peer.take().id());
        assertEquals(9, theirs.segment().get(ValueLayout.JAVA_BYTE, BYTES - 1));
        peer.send(41, theirs, 0, BYTES);
        assertEquals(1, success(connection).id());
        assertFilled(memory, BYTES, 9);
        peer.disconnect();
        assertInstanceOf(StreamEnd.class, connection.disconnect());
        connection.close();
      }
    }
    assertEquals("", bench.leftovers());
  }

  private static Completion success(RdmaConnection connection) throws Exception {
    Completion completion = connection.completions().take();
    assertTrue(completion.isSuccess(), completion::toString);
    return completion;
  }

  private static void assertFilled(MemoryRegion memory, long offset, int value) {
    byte[] expected = new byte[BYTES];
    java.util.Arrays.fill(expected, (byte) value);
    assertArrayEquals(
        expected, memory.segment().asSlice(offset, BYTES).toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  void isSilentUntilActivatedAndAbandonedWithoutATrace() throws Exception {
    try (Rnic rnic = bench.open()) {
      SimulatedConnection host = bench.connection();
      long segments = bench.link.segmentCount();
      RnicArrival arrival = Bench.arrive(rnic, host);
      MemoryRegion memory = arrival.prepared().allocate(64);
      arrival.prepared().post(new Send(1, memory.whole()));
      assertEquals(1, bench.link.claimCount());
      arrival.abandon();
      assertEquals(segments, bench.link.segmentCount());
      assertEquals(0, bench.link.claimCount());
      assertFalse(memory.isValid());
      assertThrows(IllegalStateException.class, arrival::activate);
      Bench.arrive(rnic, host).abandon();
    }
    assertEquals("", bench.leftovers());
  }

  @Test
  void completesEachRequestOnceWhenAborted() throws Exception {
    try (Rnic rnic = bench.open()) {
      SimulatedConnection host = bench.connection();
      RdmaConnection connection = Bench.arrive(rnic, host).activate();
      MemoryRegion memory = connection.allocate(64);
      for (int i = 0; i < Rings.RECEIVE_ENTRIES; i++) {
        connection.post(new Receive(i, memory.whole()));
      }
      assertThrows(
          WorkQueueFullException.class, () -> connection.post(new Receive(memory.whole())));
      connection.abort();
      assertEquals(new StreamEnd.ClosedLocally(), connection.end().orElseThrow());
      connection.close();
      for (int i = 0; i < Rings.RECEIVE_ENTRIES; i++) {
        Completion completion = connection.completions().take();
        assertEquals(i, completion.id());
        assertEquals(CompletionStatus.FLUSHED, completion.status());
      }
      assertThrows(ConnectionClosedException.class, () -> connection.completions().take());
    }
    assertEquals("", bench.leftovers());
  }

  @Test
  void refusesWhatItDoesNotDeclare() throws Exception {
    try (Rnic rnic = bench.open()) {
      RnicArrival arrival = Bench.arrive(rnic, bench.connection());
      RdmaConnection connection = arrival.prepared();
      MemoryRegion memory = connection.allocate(64);
      assertThrows(
          IllegalArgumentException.class,
          () ->
              connection.post(
                  new Receive(1, java.util.List.of(memory.slice(0, 8), memory.slice(8, 8)))));
      assertThrows(
          UnsupportedOperationException.class,
          () -> connection.post(new dev.offramp.api.rdma.LocalInvalidate(1, memory.stag())));
      assertThrows(
          IllegalArgumentException.class, () -> connection.allocate(8, Access.REMOTE_ATOMIC));
      arrival.abandon();
    }
    assertEquals("", bench.leftovers());
  }

  @Test
  void leavesNothingBehindWhenTheAdapterRefuses() throws Exception {
    failing(new NthFault(AcmeFaults.COMMAND, 1, 2));
    try (Rnic rnic = bench.open()) {
      SimulatedConnection host = bench.connection();
      TransferException e = assertThrows(TransferException.class, () -> Bench.arrive(rnic, host));
      assertTrue(e.getMessage().contains("status word [2], expected [1]"), e::getMessage);
      Bench.arrive(rnic, host).abandon();
    }
    assertEquals("", bench.leftovers());
  }

  /** CREATE and REGISTER are answered, ABORT is not: all work is completed all the same. */
  @Test
  void endsWhenTheAdapterFallsSilent() throws Exception {
    failing(new NthFault(AcmeFaults.SILENT, 3, 1));
    try (Rnic rnic = bench.open()) {
      SimulatedConnection host = bench.connection();
      RdmaConnection connection = Bench.arrive(rnic, host).activate();
      MemoryRegion memory = connection.allocate(64);
      connection.post(new Receive(5, memory.whole()));
      bench.clock.hurry(TimeUnit.MILLISECONDS.toNanos(10));
      connection.abort();
      assertInstanceOf(StreamEnd.Failed.class, connection.end().orElseThrow());
      assertEquals(5, connection.completions().take().id());
      assertThrows(ConnectionClosedException.class, () -> connection.completions().take());
    }
    assertEquals("", bench.leftovers());
  }

  @Test
  void doesNotOpenAnAdapterThatIsNotReady() {
    failing(place -> place.equals(AcmeFaults.NOT_READY) ? 1 : Faults.NO_FAULT);
    bench.clock.hurry(TimeUnit.MILLISECONDS.toNanos(10));
    RnicException e = assertThrows(RnicException.class, bench::open);
    assertTrue(e.getMessage().contains("status register [00000000]"), e::getMessage);
    assertEquals("", bench.leftovers());
  }
}
