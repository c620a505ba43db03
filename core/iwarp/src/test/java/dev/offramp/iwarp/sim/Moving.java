package dev.offramp.iwarp.sim;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.DescriptorFormatException;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MemorySlice;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.StartedWork;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.Operation;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.StreamState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * No bug: engines that move to another engine all the time, through the binary form of a
 * descriptor, wherever the stream happens to stand. Nobody may notice.
 */
final class Moving extends Mutation {
  private static final int PIECES = 3;

  final AtomicLong moves = new AtomicLong();
  final AtomicLong midFpdu = new AtomicLong();
  final AtomicLong midMessage = new AtomicLong();
  final AtomicLong withRequests = new AtomicLong();
  final AtomicLong withUnwritten = new AtomicLong();

  /** As from an owner that cannot tell how many requests the peer has sent. */
  final AtomicLong forgotten = new AtomicLong();

  /** Work whose message was half sent. */
  final AtomicLong halfSent = new AtomicLong();

  @Override
  Engine engine(StreamConfig.Builder config, MemoryTable memory, Peer peer) {
    return new MovingEngine(config, memory, peer);
  }

  private static boolean isHalfSent(StartedWork work) {
    return work.progress() != StartedWork.Progress.SENT && work.doneBytes() > 0;
  }

  private final class MovingEngine extends Engine {
    private final StreamConfig.Builder builder;
    private final MemoryTable table;
    private final Peer peer;
    private final SplittableRandom random;
    private final SplittableRandom memoryOfRequests;
    private final ArrayDeque<Completion> carried = new ArrayDeque<>();
    private final int sendDepth;
    private final int receiveDepth;
    private int installed;
    private boolean closing;
    private int sends;
    private int receives;

    MovingEngine(StreamConfig.Builder builder, MemoryTable table, Peer peer) {
      super(builder.build(), table);
      this.builder = builder;
      this.table = table;
      this.peer = peer;
      this.random = new SplittableRandom(31L * peer.memory.source.region().stag());
      this.memoryOfRequests = new SplittableRandom(peer.memory.source.region().stag());
      this.sendDepth = stream.config().sendDepth();
      this.receiveDepth = stream.config().receiveDepth();
    }

    private void maybeMove() {
      if (!closing && stream.end().isEmpty() && random.nextInt(4) == 0) {
        move();
      }
    }

    private void move() {
      StreamState state = stream.state();
      IwarpConnectionDescriptor descriptor = throughBytes(describe(state));
      count(state);
      StreamState read = StreamState.of(descriptor);
      if (read.position().sentOctets() > 0) {
        builder.firstFpduNotBeforeNanos(StreamConfig.NO_TIME);
      }
      stream.moved();
      stream = new RdmapStream(builder.start(read.position()).build(), table);
      stream.restore(read, this::region);
      installed += state.unwritten().length();
      peer.install(state.unwritten().toByteArray());
      carried.addAll(descriptor.value(DescriptorFields.COMPLETIONS));
      repost(descriptor, state.partialMessage().isPresent() ? 1 : 0);
      super.received(descriptor.value(DescriptorFields.UNREAD).toByteArray());
    }

    private void count(StreamState state) {
      moves.incrementAndGet();
      midFpdu.addAndGet(state.unconsumed().isEmpty() ? 0 : 1);
      midMessage.addAndGet(state.partialMessage().isPresent() ? 1 : 0);
      withRequests.addAndGet(state.peerRequests().isEmpty() ? 0 : 1);
      withUnwritten.addAndGet(state.unwritten().isEmpty() ? 0 : 1);
      halfSent.addAndGet(state.started().stream().anyMatch(Moving::isHalfSent) ? 1 : 0);
    }

    private IwarpConnectionDescriptor describe(StreamState state) {
      MpaResult mpa = peer.agreed().orElseThrow();
      IwarpConnectionDescriptor.Builder b =
          IwarpConnectionDescriptor.builder()
              .present(DescriptorFields.LOCAL_ADDRESS, address(1), "")
              .present(DescriptorFields.REMOTE_ADDRESS, address(2), "")
              .present(DescriptorFields.MPA_ROLE, mpa.role(), "")
              .present(DescriptorFields.MPA_REVISION, mpa.revision(), "")
              .present(DescriptorFields.MPA_CRC, mpa.crc(), "")
              .present(DescriptorFields.MPA_SEND_MARKERS, mpa.sendMarkers(), "")
              .present(DescriptorFields.MPA_RECEIVE_MARKERS, mpa.receiveMarkers(), "")
              .present(DescriptorFields.REMOTE_PRIVATE_DATA, Octets.empty(), "")
              .present(DescriptorFields.REGIONS, state.regions(), "")
              .present(DescriptorFields.UNREAD, state.unconsumed(), "");
      state.describe(b);
      if (state.position().opened() && memoryOfRequests.nextInt(3) == 0) {
        forgotten.incrementAndGet();
        b.absent(DescriptorFields.READ_RESPONSE_MSN, "forgotten");
      }
      return b.build();
    }

    private static InetSocketAddress address(int port) {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static IwarpConnectionDescriptor throughBytes(IwarpConnectionDescriptor d) {
      try {
        return IwarpConnectionDescriptor.fromBytes(ByteBuffer.wrap(d.toBytes()));
      } catch (DescriptorFormatException e) {
        throw new AssertionError(e);
      }
    }

    private Region region(int stag) {
      Memory memory = peer.memory;
      List<Memory.Area> areas = new ArrayList<>(memory.tickets);
      areas.addAll(memory.locals);
      areas.addAll(
          List.of(
              memory.source,
              memory.otherSource,
              memory.target,
              memory.sink,
              memory.inbox,
              memory.words,
              memory.originals));
      return areas.stream()
          .map(Memory.Area::region)
          .filter(region -> region.stag() == stag)
          .findFirst()
          .orElseThrow();
    }

    /** What whoever carries the connection does with work that had not begun. */
    private void repost(IwarpConnectionDescriptor d, int receivesRestored) {
      d.value(DescriptorFields.POSTED_WORK).forEach(this::repost);
      d.value(DescriptorFields.POSTED_RECEIVES).stream()
          .skip(receivesRestored)
          .forEach(this::repost);
    }

    private void repost(PostedWork work) {
      LocalBuffers buffers = new LocalBuffers(PIECES);
      for (MemorySlice slice : work.buffers()) {
        buffers.add(region(slice.stag()), slice.offsetBytes(), slice.lengthBytes());
      }
      Posted verdict = repost(work, buffers);
      if (verdict != Posted.ACCEPTED) {
        throw new AssertionError(work + ": " + verdict);
      }
    }

    private Posted repost(PostedWork work, LocalBuffers buffers) {
      long id = work.id();
      List<Long> operands = work.operands();
      int stag = work.target().map(t -> t.stag()).orElse(work.invalidateStag().orElse(0));
      long to = work.target().map(t -> t.taggedOffset()).orElse(0L);
      MemorySlice first =
          work.buffers().isEmpty() ? new MemorySlice(0, 0, 0) : work.buffers().getFirst();
      return switch (work.operation()) {
        case SEND ->
            stream.postSend(id, buffers, work.solicited(), work.invalidateStag().isPresent(), stag);
        case RECEIVE -> stream.postReceive(id, buffers);
        case WRITE -> stream.postWrite(id, buffers, stag, to);
        case LOCAL_INVALIDATE -> stream.postLocalInvalidate(id, stag);
        case IMMEDIATE -> stream.postImmediate(id, operands.get(0), work.solicited());
        case READ ->
            stream.postRead(
                id, region(first.stag()), first.offsetBytes(), first.lengthBytes(), stag, to);
        case FETCH_ADD ->
            stream.postFetchAdd(
                id,
                region(first.stag()),
                first.offsetBytes(),
                stag,
                to,
                operands.get(0),
                operands.get(1));
        case COMPARE_SWAP ->
            stream.postCompareSwap(
                id,
                region(first.stag()),
                first.offsetBytes(),
                stag,
                to,
                operands.get(0),
                operands.get(1),
                operands.get(2),
                operands.get(3));
      };
    }

    // ---- what the peer's program asks of it

    @Override
    byte[] take(int room, long nowNanos) {
      int before = installed;
      maybeMove();
      // What was installed has used the room up, for all that this end knows.
      return installed == before ? super.take(room, nowNanos) : new byte[0];
    }

    @Override
    void received(byte[] bytes) {
      int cut = random.nextInt(bytes.length + 1);
      super.received(Arrays.copyOf(bytes, cut));
      maybeMove();
      super.received(Arrays.copyOfRange(bytes, cut, bytes.length));
      maybeMove();
    }

    @Override
    void closeRequested() {
      closing = true;
      super.closeRequested();
    }

    @Override
    void setEmss(int emss) {
      builder.emss(emss);
      super.setEmss(emss);
    }

    @Override
    void poll(CompletionHandler handler, int max) {
      CompletionHandler counting =
          (id, operation, status, bytes, detail) -> {
            if (operation == Operation.RECEIVE) {
              receives--;
            } else {
              sends--;
            }
            handler.completed(id, operation, status, bytes, detail);
          };
      int left = max;
      while (left > 0 && !carried.isEmpty()) {
        Objects.requireNonNull(carried.poll()).deliverTo(counting);
        left--;
      }
      super.poll(counting, left);
    }

    /** Completions that are carried free no place, or a queue would grow with each move. */
    private boolean isFull() {
      return sends == sendDepth && !closing && stream.end().isEmpty();
    }

    private Posted counted(Posted verdict) {
      sends += verdict == Posted.ACCEPTED ? 1 : 0;
      return verdict;
    }

    @Override
    Posted send(long id, LocalBuffers message, boolean solicited, boolean invalidate, int stag) {
      return isFull()
          ? Posted.QUEUE_FULL
          : counted(super.send(id, message, solicited, invalidate, stag));
    }

    @Override
    Posted immediate(long id, long data, boolean solicited) {
      return isFull() ? Posted.QUEUE_FULL : counted(super.immediate(id, data, solicited));
    }

    @Override
    Posted write(long id, LocalBuffers source, int stag, long to) {
      return isFull() ? Posted.QUEUE_FULL : counted(super.write(id, source, stag, to));
    }

    @Override
    Posted read(long id, Region sink, long sinkOffset, long length, int stag, long to) {
      return isFull()
          ? Posted.QUEUE_FULL
          : counted(super.read(id, sink, sinkOffset, length, stag, to));
    }

    @Override
    Posted localInvalidate(long id, int stag) {
      return isFull() ? Posted.QUEUE_FULL : counted(super.localInvalidate(id, stag));
    }

    @Override
    Posted fetchAdd(long id, Region original, long offset, int stag, long to, long add, long mask) {
      return isFull()
          ? Posted.QUEUE_FULL
          : counted(super.fetchAdd(id, original, offset, stag, to, add, mask));
    }

    @Override
    Posted compareSwap(
        long id,
        Region original,
        long offset,
        int stag,
        long to,
        long compare,
        long compareMask,
        long swap,
        long swapMask) {
      return isFull()
          ? Posted.QUEUE_FULL
          : counted(
              super.compareSwap(
                  id, original, offset, stag, to, compare, compareMask, swap, swapMask));
    }

    @Override
    Posted receive(long id, LocalBuffers where) {
      if (receives == receiveDepth && stream.end().isEmpty()) {
        return Posted.QUEUE_FULL;
      }
      Posted verdict = super.receive(id, where);
      receives += verdict == Posted.ACCEPTED ? 1 : 0;
      return verdict;
    }
  }
}
