package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.Write;
import dev.offramp.iwarp.rdmap.Region;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Work that a connection and its peer do for each other, to see that they can. */
final class Exchange {
  static final int BYTES = 1 << 16;

  private final Bench.Pair pair;
  final MemoryRegion out;
  final MemoryRegion in;
  final Region peerMemory;

  /** Two regions at the device, the second open to the peer, and one at the peer, open to all. */
  Exchange(Bench.Pair pair) {
    this.pair = pair;
    this.out = pair.connection().allocate(BYTES, Access.REMOTE_READ);
    this.in = pair.connection().allocate(BYTES, Access.REMOTE_WRITE);
    this.peerMemory = pair.peer().register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    fill(out.segment(), 1);
  }

  static void fill(MemorySegment segment, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (long i = 0; i < segment.byteSize(); i++) {
      segment.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
    }
  }

  /** A Send in each direction. */
  void sends() throws Exception {
    pair.peer().receive(1, peerMemory, 0, BYTES);
    pair.connection().post(new Receive(7, in.whole()));
    pair.connection().post(new Send(8, out.whole()));
    success(8, BYTES);
    assertThat(pair.peer().take().bytes()).isEqualTo(BYTES);
    assertThat(peerMemory.segment().mismatch(out.segment())).isEqualTo(-1);
    pair.peer().send(2, peerMemory, 0, 50_000);
    success(7, 50_000);
    assertThat(in.segment().asSlice(0, 50_000).mismatch(out.segment().asSlice(0, 50_000)))
        .isEqualTo(-1);
    assertThat(pair.peer().take().id()).isEqualTo(2);
  }

  /** A Write in each direction, each with a Send behind it that tells so. */
  void writes() throws Exception {
    peerMemory.segment().fill((byte) 0);
    in.segment().fill((byte) 0);
    pair.peer().receive(1, peerMemory, 0, 0);
    pair.connection().post(new Write(20, out.whole(), advertised()));
    pair.connection().post(new Send(21, out.slice(0, 0)));
    success(20, BYTES);
    success(21, 0);
    pair.peer().take();
    assertThat(peerMemory.segment().mismatch(out.segment())).isEqualTo(-1);
    pair.connection().post(new Receive(22, in.slice(0, 0)));
    pair.peer().write(3, peerMemory, 0, of(in));
    pair.peer().send(4, peerMemory, 0, 0);
    success(22, 0);
    assertThat(in.segment().mismatch(out.segment())).isEqualTo(-1);
    pair.peer().take();
    pair.peer().take();
  }

  /** A Read in each direction. */
  void reads() throws Exception {
    fill(peerMemory.segment(), 2);
    pair.connection().post(new Read(30, in.whole(), advertised()));
    success(30, BYTES);
    assertThat(in.segment().mismatch(peerMemory.segment())).isEqualTo(-1);
    pair.peer().read(5, peerMemory, 0, of(out));
    assertThat(pair.peer().take().id()).isEqualTo(5);
    assertThat(out.segment().mismatch(peerMemory.segment())).isEqualTo(-1);
  }

  /** The beginning of the peer's memory. */
  RemoteBuffer advertised(long bytes) {
    return new RemoteBuffer(peerMemory.stag(), peerMemory.taggedOffset(), bytes);
  }

  RemoteBuffer advertised() {
    return new RemoteBuffer(peerMemory.stag(), peerMemory.taggedOffset(), peerMemory.sizeBytes());
  }

  /** What the peer is told of a region. */
  static RemoteBuffer of(MemoryRegion region) {
    return new RemoteBuffer(region.stag(), region.taggedOffset(), region.sizeBytes());
  }

  /** The next completion is a success. */
  Completion success(long id, long bytes) throws Exception {
    Completion completion = next(id, CompletionStatus.SUCCESS);
    assertThat(completion.bytes()).isEqualTo(bytes);
    return completion;
  }

  /** The next completion. */
  Completion next(long id, CompletionStatus status) throws Exception {
    Completion completion = pair.connection().completions().take();
    assertThat(completion.id()).isEqualTo(id);
    assertThat(completion.status())
        .as("request %d, end %s", id, pair.connection().end())
        .isEqualTo(status);
    return completion;
  }
}
