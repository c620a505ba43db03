package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.FwRiWr;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;

/**
 * What connections and regions get of the adapter: numbers and memory. Safe for several threads.
 */
public final class RdmaResources {
  /** {@code T4_MAX_NUM_PD}; 0 stays free, as in the vendor's driver. */
  private static final int DOMAINS = 1 << 16;

  /** What a connection is called until it has a tid ({@code atid}). */
  private static final int OPENS = 1 << 13;

  /** Of a TPT entry. */
  private static final int TPT_ENTRY_BYTES = 32;

  /** {@code MIN_PBL_SHIFT}. */
  private static final int PBL_UNIT_BYTES = 256;

  /** An entry of the RQ table ({@code c4iw_rqtpool_alloc}). */
  static final int RQ_ENTRY_BYTES = 64;

  private static final int MAX_TPT_ENTRIES = 1 << 24;

  /** RFC 5041, section 3: the consumer's part of an STag; iw_cxgb4 counts in it. */
  private static final int STAG_KEY_BITS = 8;

  private static final int STAG_KEYS = 1 << STAG_KEY_BITS;

  /** Memory writes address units of 32 bytes. */
  private static final int BLOCK_SHIFT = 5;

  private final IdPool domains = IdPool.rotating(1, DOMAINS - 1);
  private final IdPool opens = IdPool.rotating(0, OPENS);
  private final IdPool workQueues;
  private final IdPool completionQueues;
  private final IdPool stagIndices;
  private final MemoryPool pageLists;
  private final MemoryPool receiveTable;
  private final Parameters parameters;
  private final IntUnaryOperator random;
  private int reads;

  RdmaResources(Parameters parameters, IntUnaryOperator random) {
    this.parameters = parameters;
    this.random = random;
    this.workQueues = IdPool.rotating(parameters.sqrq().start(), size(parameters.sqrq()));
    this.completionQueues = IdPool.rotating(parameters.cq().start(), size(parameters.cq()));
    long entries = Math.min(MAX_TPT_ENTRIES, parameters.stag().size() / TPT_ENTRY_BYTES);
    // Index 0 would make STags that look like none.
    this.stagIndices = IdPool.random(1, (int) entries - 1, random);
    this.pageLists = new MemoryPool(parameters.pbl(), PBL_UNIT_BYTES);
    this.receiveTable = new MemoryPool(parameters.rq(), RQ_ENTRY_BYTES * FwRiWr.MIN_HW_RQ);
  }

  private static int size(Range range) {
    return (int) Math.min(Integer.MAX_VALUE, range.size());
  }

  public IdPool domains() {
    return domains;
  }

  public IdPool opens() {
    return opens;
  }

  public IdPool workQueues() {
    return workQueues;
  }

  public IdPool completionQueues() {
    return completionQueues;
  }

  /** An STag that nobody has, and that cannot be guessed; empty when there is none. */
  public OptionalInt takeStag() {
    OptionalInt index = stagIndices.take();
    return index.isEmpty()
        ? index
        : OptionalInt.of(index.getAsInt() << STAG_KEY_BITS | random.applyAsInt(STAG_KEYS));
  }

  /**
   * Takes the STag that a peer knows already.
   *
   * @throws NoRoomException when there is no such entry of the table, or somebody has it
   */
  public void takeStag(int stag) throws NoRoomException {
    int index = stag >>> STAG_KEY_BITS;
    if (!stagIndices.has(index)) {
      throw new NoRoomException(
          "STag [%08x] has index [%d], expected %s, the entries of the adapter's table"
              .formatted(stag, index, stagIndices.range()));
    }
    if (!stagIndices.take(index)) {
      throw new NoRoomException(
          "STag [%08x]: index [%d] is another region's".formatted(stag, index));
    }
  }

  /** Takes an STag back. */
  public void giveBackStag(int stag) {
    stagIndices.giveBack(stag >>> STAG_KEY_BITS);
  }

  int stagsInUse() {
    return stagIndices.inUse();
  }

  /** Where the table of STags begins, in the units of a memory write. */
  public int stagTableBlock() {
    return parameters.stag().start() >>> BLOCK_SHIFT;
  }

  public MemoryPool pageLists() {
    return pageLists;
  }

  /** The table of posted Receives, by entries of 64 bytes. */
  public MemoryPool receiveTable() {
    return receiveTable;
  }

  /**
   * Takes inbound Read depth out of what the adapter has for all connections.
   *
   * @return whether there was so much
   */
  public synchronized boolean takeReads(int depth) {
    if (reads + depth > parameters.adapterReadDepth()) {
      return false;
    }
    reads += depth;
    return true;
  }

  /** Gives inbound Read depth back. */
  public synchronized void giveBackReads(int depth) {
    reads -= depth;
  }

  /** How much inbound Read depth is left. */
  public synchronized int readsLeft() {
    return parameters.adapterReadDepth() - reads;
  }
}
