package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.ddp.DdpControl;
import dev.offramp.iwarp.ddp.TaggedHeader;
import dev.offramp.iwarp.mpa.TransmitBatch;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Messages and regions beyond 2 GiB, up to the largest message there is. Memory is sparse, or the
 * same pieces come again and again, so no test needs more than some hundred megabytes.
 */
final class LargeMessagesTest {
  private static final long LARGEST = 0xFFFF_FFFFL;
  private static final int PIECE = 1 << 26;
  private static final int PIECES = 64;
  private static final long SPARSE_BYTES = 5L << 30;
  private static final long BASE = 0x7FFF_F000L;

  private final MemoryTable memory = new MemoryTable(new SplittableRandom(3), 100);
  private final Log log = new Log();

  @TempDir private Path directory;

  private RdmapStream stream(MpaRole role) {
    return new RdmapStream(
        StreamConfig.builder(role).crc(false).emss(65_000).maxBuffers(PIECES).build(), memory);
  }

  private Region piece(Arena arena) {
    return memory.register(0, arena.allocate(PIECE, 8), 0, EnumSet.allOf(Access.class));
  }

  private static LocalBuffers largest(Region piece) {
    LocalBuffers all = new LocalBuffers(PIECES);
    for (int i = 0; i < PIECES - 1; i++) {
      all.add(piece, 0, PIECE);
    }
    return all.add(piece, 0, PIECE - 1);
  }

  private Region sparse(Arena arena, long taggedOffset) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            directory.resolve("sparse"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      MemorySegment mapped = file.map(FileChannel.MapMode.READ_WRITE, 0, SPARSE_BYTES, arena);
      return memory.register(0, mapped, taggedOffset, EnumSet.allOf(Access.class));
    }
  }

  /** What a stream sends: checks the tagged headers, and skips what they carry. */
  private static final class TaggedReader {
    private final ByteBuffer header = ByteBuffer.allocate(2 + TaggedHeader.BYTES);
    private final long base;
    private int skip;
    private long bytes;
    private boolean last;

    TaggedReader(long base) {
      this.base = base;
    }

    void read(RdmapStream stream) {
      while (!stream.pollTransmit(0).isEmpty()) {
        TransmitBatch batch = stream.pollTransmit(0);
        for (int i = 0; i < batch.length(); i++) {
          read(batch.buffers()[batch.offset() + i]);
        }
        stream.transmitted();
      }
    }

    private void read(ByteBuffer from) {
      while (from.hasRemaining()) {
        int skipped = Math.min(skip, from.remaining());
        from.position(from.position() + skipped);
        skip -= skipped;
        while (skip == 0 && header.hasRemaining() && from.hasRemaining()) {
          header.put(from.get());
        }
        if (!header.hasRemaining()) {
          segment();
        }
      }
    }

    private void segment() {
      int length = header.getShort(0) & 0xFFFF;
      ByteBuffer ddp = header.slice(2, TaggedHeader.BYTES);
      assertThat(last).as("a segment after the last").isFalse();
      assertThat(TaggedHeader.taggedOffset(ddp, 0)).isEqualTo(base + bytes);
      last = DdpControl.isLast(ddp.get(0));
      bytes += length - TaggedHeader.BYTES;
      skip = length - TaggedHeader.BYTES + (-(2 + length) & 3) + 4;
      header.clear();
    }
  }

  @Test
  @Rows({80, 82})
  void aSendOfTheLargestLengthIsDeliveredWhole() {
    try (Arena arena = Arena.ofConfined()) {
      RdmapStream sender = stream(MpaRole.INITIATOR);
      RdmapStream receiver = stream(MpaRole.RESPONDER);
      Region source = piece(arena);
      Region sink = piece(arena);
      source.segment().set(ValueLayout.JAVA_LONG, 0, 0x0123_4567_89AB_CDEFL);
      source.segment().set(ValueLayout.JAVA_BYTE, PIECE - 2, (byte) 0x77);
      assertThat(receiver.postReceive(1, largest(sink))).isEqualTo(Posted.ACCEPTED);
      assertThat(sender.postSend(2, largest(source), false, false, 0)).isEqualTo(Posted.ACCEPTED);
      while (!sender.pollTransmit(0).isEmpty()) {
        TransmitBatch batch = sender.pollTransmit(0);
        for (int i = 0; i < batch.length(); i++) {
          receiver.receive(batch.buffers()[batch.offset() + i]);
        }
        sender.transmitted();
      }
      assertThat(sender.pollCompletions(log, 9)).isOne();
      assertThat(receiver.pollCompletions(log, 9)).isOne();
      assertThat(log.all).allMatch(Completion::isSuccess);
      assertThat(log.receives().getFirst().bytes()).isEqualTo(LARGEST);
      assertThat(log.others().getFirst().bytes()).isEqualTo(LARGEST);
      assertThat(sink.segment().mismatch(source.segment())).isEqualTo(-1);
      assertThat(receiver.end()).isEmpty();
    }
  }

  @Test
  @Rows({82, 83})
  void aWriteOfTheLargestLengthIsSentWhole() {
    try (Arena arena = Arena.ofConfined()) {
      RdmapStream stream = stream(MpaRole.INITIATOR);
      assertThat(stream.postWrite(1, largest(piece(arena)), 7, -LARGEST))
          .isEqualTo(Posted.ACCEPTED);
      TaggedReader reader = new TaggedReader(-LARGEST);
      reader.read(stream);
      assertThat(reader.bytes).isEqualTo(LARGEST);
      assertThat(reader.last).isTrue();
    }
  }

  @Test
  @Rows({82, 99, 104})
  void aReadOfTheLargestLengthIsAnsweredWhole() throws IOException {
    try (Arena arena = Arena.ofShared()) {
      RdmapStream stream = stream(MpaRole.INITIATOR);
      Region source = sparse(arena, BASE);
      long from = BASE + SPARSE_BYTES - LARGEST;
      stream.receive(
          ByteBuffer.wrap(Wire.fpdu(Wire.readRequest(1, 9, 99, -1, source.stag(), from))));
      TaggedReader reader = new TaggedReader(99);
      reader.read(stream);
      assertThat(reader.bytes).isEqualTo(LARGEST);
      assertThat(reader.last).isTrue();
      stream.receive(
          ByteBuffer.wrap(Wire.fpdu(Wire.readRequest(2, 9, 99, -1, source.stag(), from + 1))));
      assertThat(stream.end()).as("one octet beyond the region").isPresent();
    }
  }

  /** The first and last octets of a region of 5 GiB, and what is beyond 2 and 4 GiB. */
  @Test
  @Rows({83, 91})
  void largeRegionsAreReachedEverywhere() throws IOException {
    try (Arena arena = Arena.ofShared()) {
      RdmapStream stream = stream(MpaRole.RESPONDER);
      Region target = sparse(arena, BASE);
      long[] offsets = {0, (1L << 31) - 3, (1L << 31) + 9, (1L << 32) - 3, SPARSE_BYTES - 6};
      for (long offset : offsets) {
        stream.receive(
            ByteBuffer.wrap(Wire.fpdu(Wire.write(target.stag(), BASE + offset, "010203040506"))));
        assertThat(target.segment().get(ValueLayout.JAVA_INT_UNALIGNED, offset + 1))
            .isEqualTo(0x05040302);
      }
      stream.receive(
          ByteBuffer.wrap(
              Wire.fpdu(Wire.write(target.stag(), BASE + SPARSE_BYTES - 5, "010203040506"))));
      assertThat(stream.end()).isPresent();
    }
  }

  @Test
  @Rows(82)
  void oneOctetMoreIsRefused() throws IOException {
    try (Arena arena = Arena.ofShared()) {
      RdmapStream stream = stream(MpaRole.INITIATOR);
      Region region = sparse(arena, 0);
      assertThat(stream.postRead(1, region, 0, LARGEST, 1, 0)).isEqualTo(Posted.ACCEPTED);
      assertThat(stream.postRead(2, region, 0, LARGEST + 1, 1, 0)).isEqualTo(Posted.TOO_LONG);
      LocalBuffers most = new LocalBuffers(1).add(region, 0, LARGEST + 1);
      assertThat(stream.postSend(3, most, false, false, 0)).isEqualTo(Posted.TOO_LONG);
      assertThat(stream.postWrite(4, most, 1, 0)).isEqualTo(Posted.TOO_LONG);
    }
  }
}
