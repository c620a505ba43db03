package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.Offramp;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.Write;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Messages of more than 2 GiB over real sockets, in Maven's profile {@code slow}. The engine's own
 * test has the largest message there is, without the time that a socket takes.
 */
@Timeout(600)
@EnabledIfSystemProperty(named = "offramp.slow", matches = "true")
class HugeMessagesTest {
  private static final int PIECES = 8;
  private static final long PIECE = (1L << 28) + 1;
  private static final long TOTAL = PIECES * PIECE;

  @TempDir private Path directory;

  @Test
  void sendWriteAndRead() throws Exception {
    try (Offramp offramp = Offramp.open();
        RdmaPair pair = RdmaPair.open(offramp);
        Arena arena = Arena.ofShared()) {
      RdmaConnection near = pair.initiator();
      RdmaConnection far = pair.responder();
      MemoryRegion source = near.allocate(PIECE);
      for (long at = 0; at < PIECE; at += 4093) {
        source.segment().set(ValueLayout.JAVA_BYTE, at, (byte) (at >> 12));
      }
      MemoryRegion inbox = far.allocate(PIECE);
      far.post(new Receive(1, pieces(inbox)));
      near.post(new Send(2, pieces(source), false, OptionalInt.empty()));
      assertThat(next(far, Operation.RECEIVE)).isEqualTo(TOTAL);
      assertThat(next(near, Operation.SEND)).isEqualTo(TOTAL);
      assertThat(inbox.segment().mismatch(source.segment())).isEqualTo(-1);

      MemoryRegion target =
          far.register(sparse("target", arena), Access.REMOTE_WRITE, Access.REMOTE_READ);
      near.post(new Write(3, pieces(source), target.advertise()));
      assertThat(next(near, Operation.WRITE)).isEqualTo(TOTAL);
      MemoryRegion sink = near.register(sparse("sink", arena), Access.REMOTE_WRITE);
      near.post(
          new Read(4, sink.whole(), new RemoteBuffer(target.stag(), target.taggedOffset(), TOTAL)));
      assertThat(next(near, Operation.READ)).isEqualTo(TOTAL);
      for (int i = 0; i < PIECES; i++) {
        assertThat(sink.segment().asSlice(i * PIECE, PIECE).mismatch(source.segment()))
            .isEqualTo(-1);
      }
    }
  }

  private static long next(RdmaConnection connection, Operation operation) throws Exception {
    var completion = connection.completions().poll(Duration.ofMinutes(5)).orElseThrow();
    assertThat(completion.operation()).isEqualTo(operation);
    assertThat(completion.isSuccess()).isTrue();
    return completion.bytes();
  }

  private static List<LocalBuffer> pieces(MemoryRegion region) {
    List<LocalBuffer> pieces = new ArrayList<>();
    for (int i = 0; i < PIECES; i++) {
      pieces.add(region.whole());
    }
    return pieces;
  }

  private MemorySegment sparse(String name, Arena arena) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            directory.resolve(name),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      return file.map(FileChannel.MapMode.READ_WRITE, 0, TOTAL, arena);
    }
  }
}
