package dev.offramp.provider.intel;

import dev.offramp.provider.intel.layout.CqpMemory;
import dev.offramp.provider.intel.layout.Words;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The host's memory that the device keeps its objects in: asks what there could be, says what there
 * is to be, and lends the memory, in segments of 2 MiB each.
 *
 * <p>Left out, because no public source says it for a driver without the vendor's Ethernet driver:
 * page lists (PBLs), the memory of virtual functions, and sizes tuned to many connections. Counts
 * of the objects that the driver does not name itself follow the vendor's rules of thumb; the
 * device says in its answer where each one begins.
 */
final class HostMemoryCache {
  private static final int FUNCTION = 0;
  private static final int ALIGNMENT = 4096;

  /** Words of the buffers; named in {@link CqpMemory}. */
  private static final int LIMITS = 0;

  private static final int QPS = 1;
  private static final int CQS = 2;
  private static final int HASH_ENTRIES = 4;
  private static final int NEXT_HOPS = 5;
  private static final int REGIONS = 6;
  private static final int FIFO = 7;
  private static final int FIFO_LIST = 8;
  private static final int Q1 = 9;
  private static final int Q1_LIST = 10;
  private static final int TIMERS = 11;

  /** Up to this word of QUERY's buffer, COMMIT's has the same object one word earlier. */
  private static final int LAST_SHIFTED = NEXT_HOPS;

  private static final int APBVT_BYTES = 8192;
  private static final int BASE_UNIT_BYTES = 512;
  private static final int ENTRY_OF_LIST_BYTES = 4;
  private static final int WQES_OF_FIFO = 4;
  private static final int READS_OF_Q1 = 2 * 128;

  private HostMemoryCache() {}

  /** What was agreed. */
  record Sizes(int qps, int cqs, int regions, int nextHops) {}

  private record Kind(int word, long wanted, long sizeBytes) {}

  /**
   * Sets the memory up.
   *
   * @param wanted how many of each the driver would like
   * @param rollback takes notes of what to undo
   * @return how many of each there are
   * @throws CommandException when the device refuses
   */
  static Sizes setUp(ControlQueue control, DeviceWindow window, Sizes wanted, Rollback rollback)
      throws CommandException {
    DmaSlab buffer = window.allocate(CqpMemory.FPM_BUFFER_BYTES, ALIGNMENT);
    try {
      MemorySegment words = buffer.segment();
      control.run(
          "QUERY_FPM_VAL",
          (ring, wqe, valid) ->
              CqpMemory.query(ring, wqe, FUNCTION, buffer.deviceAddress(), valid));
      long limits = word(words, LIMITS);
      int firstSegment = CqpMemory.IRDMA_QUERY_FPM_FIRST_PE_SD_INDEX.intIn(limits);
      int maxSegments = CqpMemory.IRDMA_QUERY_FPM_MAX_PE_SDS.intIn(limits);
      Sizes sizes =
          new Sizes(
              atMost(wanted.qps(), CqpMemory.IRDMA_QUERY_FPM_MAX_QPS.intIn(word(words, QPS))),
              atMost(wanted.cqs(), CqpMemory.IRDMA_QUERY_FPM_MAX_CQS.intIn(word(words, CQS))),
              atMost(wanted.regions(), CqpMemory.FPM_COUNT.intIn(word(words, REGIONS))),
              atMost(wanted.nextHops(), CqpMemory.FPM_COUNT.intIn(word(words, NEXT_HOPS))));
      List<Kind> kinds = kinds(words, sizes);
      words.fill((byte) 0);
      for (Kind kind : kinds) {
        Words.put(words, offset(kind.word), kind.wanted);
      }
      control.run(
          "COMMIT_FPM_VAL",
          (ring, wqe, valid) ->
              CqpMemory.commit(ring, wqe, FUNCTION, buffer.deviceAddress(), valid));
      long bytes = bytesOf(words, kinds);
      int segments = (int) ((bytes + CqpMemory.SEGMENT_BYTES - 1) / CqpMemory.SEGMENT_BYTES);
      if (maxSegments > 0 && segments > maxSegments) {
        throw new CommandException(
            "COMMIT_FPM_VAL: the objects need [%d] segments, the device has %d; set fewer"
                    .formatted(segments, maxSegments)
                + " intel.max-connections or intel.max-regions");
      }
      lend(control, window, firstSegment, segments, rollback);
      return sizes;
    } finally {
      buffer.close();
    }
  }

  /** A device that names no limit of its own has at least what is wanted. */
  private static int atMost(int wanted, int limit) {
    return limit == 0 ? wanted : Math.min(wanted, limit);
  }

  private static List<Kind> kinds(MemorySegment query, Sizes sizes) {
    int power = powerOfTwo(sizes.qps());
    long fifo = (long) power * WQES_OF_FIFO;
    long q1 = (long) power * READS_OF_Q1;
    List<Kind> kinds = new ArrayList<>();
    kinds.add(kind(query, QPS, sizes.qps()));
    kinds.add(kind(query, CQS, sizes.cqs()));
    kinds.add(kind(query, HASH_ENTRIES, limited(query, HASH_ENTRIES, 2L * power)));
    kinds.add(kind(query, NEXT_HOPS, sizes.nextHops()));
    kinds.add(kind(query, REGIONS, sizes.regions()));
    kinds.add(kind(query, FIFO, limited(query, FIFO, fifo)));
    kinds.add(list(query, FIFO_LIST, fifo));
    kinds.add(kind(query, Q1, limited(query, Q1, q1)));
    kinds.add(list(query, Q1_LIST, q1));
    kinds.add(kind(query, TIMERS, limited(query, TIMERS, power)));
    return kinds;
  }

  private static int powerOfTwo(int count) {
    return count <= 1 ? 1 : Integer.highestOneBit(count - 1) << 1;
  }

  private static long limited(MemorySegment query, int number, long wanted) {
    long limit = CqpMemory.FPM_COUNT.in(word(query, number));
    return limit == 0 ? 0 : Math.min(limit, wanted);
  }

  /** The device names the logarithm of an object's size. */
  private static Kind kind(MemorySegment query, int number, long wanted) {
    long log = CqpMemory.FPM_SIZE.in(word(query, number));
    return new Kind(commitWord(number), wanted, log < Integer.SIZE ? 1L << log : 0);
  }

  private static int commitWord(int number) {
    return number <= LAST_SHIFTED ? number - 1 : number;
  }

  /** A free list names the size of its blocks instead. */
  private static Kind list(MemorySegment query, int number, long objects) {
    long block = CqpMemory.FPM_SIZE.in(word(query, number));
    long wanted = block == 0 ? 0 : objects / block;
    return new Kind(commitWord(number), limited(query, number, wanted), ENTRY_OF_LIST_BYTES);
  }

  /** Where the last object ends. */
  private static long bytesOf(MemorySegment commit, List<Kind> kinds) {
    long end = APBVT_BYTES;
    for (Kind kind : kinds) {
      long answer = word(commit, kind.word);
      long base = CqpMemory.FPM_SIZE.in(answer) * BASE_UNIT_BYTES;
      end = Math.max(end, base + kind.wanted * kind.sizeBytes);
    }
    return end;
  }

  private static void lend(
      ControlQueue control, DeviceWindow window, int first, int segments, Rollback rollback)
      throws CommandException {
    for (int i = 0; i < segments; i++) {
      int number = first + i;
      DmaSlab slab = window.allocate(CqpMemory.SEGMENT_BYTES, CqpMemory.SEGMENT_BYTES);
      rollback.addMemory("memory of segment " + number, slab::close);
      control.run(
          "UPDATE_PE_SDS " + number,
          (ring, wqe, valid) ->
              CqpMemory.segment(
                  ring, wqe, FUNCTION, number, slab.deviceAddress(), /* present= */ true, valid));
      rollback.add(
          "UPDATE_PE_SDS " + number,
          () ->
              control.insist(
                  "UPDATE_PE_SDS " + number,
                  (ring, wqe, valid) ->
                      CqpMemory.segment(
                          ring, wqe, FUNCTION, number, 0, /* present= */ false, valid)));
    }
  }

  private static long word(MemorySegment words, int number) {
    return Words.get(words, offset(number));
  }

  private static long offset(int number) {
    return (long) number * Words.BYTES;
  }
}
