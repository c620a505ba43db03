package dev.offramp.models.intel;

import dev.offramp.models.DmaFaultException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The device's objects live in host memory that the driver lends it: it asks how many there can be
 * (QUERY_FPM), says how many it wants and is told where each kind begins (COMMIT_FPM), and backs
 * that address space with segments of 2 MiB (UPDATE_PE_SDS). Layouts of the buffers are those of
 * irdma's {@code irdma_sc_parse_fpm_query_buf} and {@code irdma_sc_parse_fpm_commit_buf}. Which
 * objects are asked for is a model decision: those that a command names by an id, and the tables
 * that its entries go to.
 */
final class HostMemoryCache {
  static final int BUFFER_WORDS = 22;

  private static final long SEGMENT_BYTES = 2L << 20;
  private static final int PAGE_BYTES = 4096;
  private static final int PAGES_PER_SEGMENT = 512;
  private static final int BASE_UNIT_BYTES = 512;
  private static final int MAX_SEGMENTS = 0x200;
  private static final int FIRST_BLOCK_WORDS = 4;

  private static final Field SIZE_LOG2 = new Field(0, 32, 63);
  private static final Field COMMIT_COUNT = new Field(0, 0, 31);
  private static final Field COMMIT_BASE = new Field(0, 32, 63);

  private static final Field MAX_PE_SDS = new Field(0, 32, 45);
  private static final Field MAX_CEQS = new Field(15, 0, 9);
  private static final Field HTMULTIPLIER = new Field(15, 16, 19);
  private static final Field TIMERBUCKET = new Field(15, 32, 47);

  private static final Field SD_INDEX = new Field(0, 0, 11);
  private static final Field SD_WRITE = Field.bit(0, 31);
  private static final Field SD_VALID = Field.bit(0, 0);
  private static final Field SD_DIRECT = Field.bit(0, 1);
  private static final long SD_ADDRESS = -1L << 12;

  /** Kinds of objects, with the words of both buffers (byte offset / 8). */
  enum Kind {
    QP(1, 0, 32_768, 9),
    CQ(2, 1, 65_536, 6),
    HTE(4, 3, 65_536, 6),
    ARP(5, 4, 4_096, 6),
    APBVT(-1, 5, 1, 13),
    MR(6, 6, 262_144, 6),
    XF(7, 7, 65_536, 6),
    XFFL(8, 8, 65_536, 2),
    Q1(9, 9, 524_288, 6),
    Q1FL(10, 10, 524_288, 2),
    TIMER(11, 11, 65_536, 6),
    FSIMC(12, 12, 8_192, 6),
    FSIAV(13, 13, 8_192, 6),
    PBLE(14, 14, 1 << 20, 3),
    RRF(16, 16, 65_536, 6),
    RRFFL(17, 17, 65_536, 2),
    HDR(18, 18, 65_536, 6),
    MD(19, 19, 65_536, 6),
    OOISC(20, 20, 65_536, 6),
    OOISCFFL(21, 21, 65_536, 2);

    private final int queryWord;
    private final int commitWord;
    private final int maxCount;
    private final int sizeLog2;

    Kind(int queryWord, int commitWord, int maxCount, int sizeLog2) {
      this.queryWord = queryWord;
      this.commitWord = commitWord;
      this.maxCount = maxCount;
      this.sizeLog2 = sizeLog2;
    }

    /** A list of blocks, whose upper half says how long a block is. */
    private boolean isList() {
      return this == XFFL || this == Q1FL || this == RRFFL || this == OOISCFFL;
    }

    /** Generation 1 does without these. */
    private boolean isSecondGeneration() {
      return switch (this) {
        case FSIMC, FSIAV, RRF, RRFFL, HDR, MD, OOISC, OOISCFFL -> true;
        default -> false;
      };
    }
  }

  private record Range(long base, long count) {}

  private record Segment(boolean direct, long address) {}

  private final IntelChip chip;
  private final Dma dma;
  private final Map<Kind, Range> ranges = new ConcurrentHashMap<>();
  private final Map<Integer, Segment> segments = new ConcurrentHashMap<>();

  HostMemoryCache(IntelChip chip, Dma dma) {
    this.chip = chip;
    this.dma = dma;
  }

  /** How many CEQs there can be. */
  static int maxCeqs() {
    return 128;
  }

  /** How many segments are backed. */
  int segmentCount() {
    return segments.size();
  }

  /** Nothing is committed or backed. */
  void clear() {
    ranges.clear();
    segments.clear();
  }

  /** QUERY_FPM: what there can be. */
  void query(long buffer) throws DmaFaultException {
    long[] words = new long[BUFFER_WORDS];
    MAX_PE_SDS.set(words, MAX_SEGMENTS);
    MAX_CEQS.set(words, maxCeqs());
    HTMULTIPLIER.set(words, 1);
    TIMERBUCKET.set(words, 512);
    for (Kind kind : Kind.values()) {
      if (kind.queryWord >= 0 && isKnown(kind)) {
        long[] word = {kind.maxCount};
        SIZE_LOG2.set(word, kind.isList() ? FIRST_BLOCK_WORDS : kind.sizeLog2);
        words[kind.queryWord] = word[0];
      }
    }
    dma.write(buffer, words);
  }

  /** COMMIT_FPM: what there shall be; the buffer gets where each kind begins. */
  void commit(long buffer) throws DmaFaultException, CommandException {
    long[] words = dma.read(buffer, BUFFER_WORDS);
    long next = 0;
    Map<Kind, Range> committed = new ConcurrentHashMap<>();
    for (Kind kind : Kind.values()) {
      if (!isKnown(kind)) {
        continue;
      }
      long[] word = {words[kind.commitWord]};
      long count = kind == Kind.APBVT ? 1 : COMMIT_COUNT.get(word);
      if (count > kind.maxCount) {
        throw new CommandException(
            CommandCodes.MINOR_BAD_FIELD,
            "COMMIT_FPM wants [%d] %s, at most %d".formatted(count, kind, kind.maxCount));
      }
      committed.put(kind, new Range(next, count));
      word[0] = count;
      COMMIT_BASE.set(word, next / BASE_UNIT_BYTES);
      words[kind.commitWord] = word[0];
      next += ((count << kind.sizeLog2) + BASE_UNIT_BYTES - 1) & -BASE_UNIT_BYTES;
    }
    if (next > MAX_SEGMENTS * SEGMENT_BYTES) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD,
          "COMMIT_FPM wants [%d] bytes, there is room for %d"
              .formatted(next, MAX_SEGMENTS * SEGMENT_BYTES));
    }
    ranges.clear();
    ranges.putAll(committed);
    dma.write(buffer, words);
  }

  private boolean isKnown(Kind kind) {
    return chip.isSecondGeneration() || !kind.isSecondGeneration();
  }

  /** UPDATE_PE_SDS: segments come and go; up to three in the command, more in a buffer. */
  void updateSegments(long[] command) throws DmaFaultException, CommandException {
    update(CommandFields.SD_COMMAND0.get(command), CommandFields.SD_DATA0.get(command));
    if (CommandFields.SD_VALID1.isSet(command)) {
      update(CommandFields.SD_COMMAND1.get(command), CommandFields.SD_DATA1.get(command));
    }
    if (CommandFields.SD_VALID2.isSet(command)) {
      update(CommandFields.SD_COMMAND2.get(command), CommandFields.SD_DATA2.get(command));
    }
    int more = CommandFields.SD_ENTRY_COUNT.getInt(command);
    if (more > 0) {
      // The function id shares the word; the buffer is aligned beyond it.
      long buffer = CommandFields.SD_BUFFER.get(command) & -0x40L;
      long[] entries = dma.read(buffer, 2 * more);
      for (int i = 0; i < more; i++) {
        update(entries[2 * i] & 0xFFFF_FFFFL, entries[2 * i + 1]);
      }
    }
  }

  private void update(long sdCommand, long data) throws DmaFaultException, CommandException {
    long[] command = {sdCommand};
    long[] word = {data};
    if (!SD_WRITE.isSet(command)) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, "UPDATE_PE_SDS without the write bit 31");
    }
    int index = SD_INDEX.getInt(command);
    if (!SD_VALID.isSet(word)) {
      segments.remove(index);
      return;
    }
    boolean direct = SD_DIRECT.isSet(word);
    long address = data & SD_ADDRESS;
    dma.at(address, direct ? SEGMENT_BYTES : PAGE_BYTES);
    segments.put(index, new Segment(direct, address));
  }

  /** Refuses an object for which there is no memory. */
  void require(Kind kind, long id) throws CommandException {
    Range range = ranges.get(kind);
    int major =
        kind == Kind.QP || kind == Kind.CQ
            ? CommandCodes.MAJOR_CONTEXT_CACHE
            : CommandCodes.MAJOR_OBJECT_CACHE;
    if (range == null || id >= range.count) {
      throw new CommandException(
          major,
          CommandCodes.MINOR_NOT_BACKED,
          "%s [%d]: COMMIT_FPM has %s of them"
              .formatted(kind, id, range == null ? "none" : Long.toString(range.count)));
    }
    long offset = range.base + (id << kind.sizeLog2);
    if (!isBacked(offset, 1L << kind.sizeLog2)) {
      throw new CommandException(
          major,
          CommandCodes.MINOR_NOT_BACKED,
          "%s [%d] is at %#x of the cache, and no segment of UPDATE_PE_SDS is there"
              .formatted(kind, id, offset));
    }
  }

  private boolean isBacked(long offset, long sizeBytes) {
    Segment segment = segments.get((int) (offset / SEGMENT_BYTES));
    if (segment == null) {
      return false;
    }
    long inside = offset % SEGMENT_BYTES;
    try {
      if (segment.direct) {
        dma.at(segment.address + inside, sizeBytes);
        return true;
      }
      long index = inside / PAGE_BYTES;
      long page = dma.read(segment.address + index % PAGES_PER_SEGMENT * Long.BYTES);
      dma.at((page & SD_ADDRESS) + inside % PAGE_BYTES, Math.min(sizeBytes, PAGE_BYTES));
      return (page & 1) != 0;
    } catch (DmaFaultException e) {
      return false;
    }
  }
}
