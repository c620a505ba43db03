package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A ring that the chip writes, with messages or completions; and the buffers of its free list. */
final class ScriptedQueue {
  private static final VarHandle LAST =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN).varHandle();
  private static final int BUFFER_BYTES = 4096;
  private static final int RSS_BYTES = 8;
  private static final int TO_BUFFER = 0;
  private static final int TO_OTHER = 2;

  private final Board board;
  private final DmaSlab slab;
  private final int size;
  private final int entryBytes;
  private final boolean completions;
  private int id;
  private int absoluteId;
  private int next;
  private boolean generation = true;
  private boolean gives = true;
  private int owed;
  private @Nullable ScriptedRing freeList;
  private final Deque<MemorySegment> buffers = new ArrayDeque<>();

  ScriptedQueue(Board board, int size, int entryBytes, boolean completions) {
    this.board = board;
    this.slab = board.allocate((long) size * entryBytes);
    this.size = size;
    this.entryBytes = entryBytes;
    this.completions = completions;
  }

  void setIds(int id, int absoluteId) {
    this.id = id;
    this.absoluteId = absoluteId;
  }

  int id() {
    return id;
  }

  int absoluteId() {
    return absoluteId;
  }

  int size() {
    return size;
  }

  long address() {
    return slab.deviceAddress();
  }

  /** Entries are given back one by one; or not at all, from now on. */
  void setGives(boolean gives) {
    this.gives = gives;
  }

  /** Buffers for what does not fit an entry: so many units of eight. */
  void fill(ScriptedRing list, int units) {
    freeList = list;
    DmaSlab all = board.allocate(8L * units * BUFFER_BYTES);
    for (int unit = 0; unit < units; unit++) {
      Raw addresses = Raw.of(64);
      for (int i = 0; i < 8; i++) {
        long at = (8L * unit + i) * BUFFER_BYTES;
        buffers.add(all.segment().asSlice(at, BUFFER_BYTES));
        addresses.u64(8 * i, all.deviceAddress() + at);
      }
      list.write(addresses.bytes());
    }
    board.write32(2, list.area() + 8, 1 << 13 | units);
  }

  /** The next message of a kind. */
  Raw take(int opcode) {
    Raw message = take();
    assertThat(message.u8(0)).as("opcode of %s", message).isEqualTo(opcode);
    return message;
  }

  /** The next entry, which tells of another queue. */
  void takeNotification(int about) {
    Raw entry = board.awaitValue("notification in queue " + id, this::pollEntry);
    assertThat(entry.u8(entryBytes - 8) >>> 4 & 3).isEqualTo(TO_OTHER);
    assertThat(entry.u32(entryBytes - 12)).isEqualTo(about);
  }

  /** An entry as it is now. */
  Raw entry(int index) {
    return Raw.on(
        slab.segment()
            .asSlice((long) index * entryBytes, entryBytes)
            .toArray(ValueLayout.JAVA_BYTE));
  }

  /** The next message, without its RSS header; or the next completion. */
  Raw take() {
    return board.awaitValue("entry in queue " + id, this::poll);
  }

  /** The same; null when there is none yet. */
  @Nullable Raw poll() {
    Raw entry = pollEntry();
    return entry == null || completions ? entry : message(entry.bytes());
  }

  private @Nullable Raw pollEntry() {
    MemorySegment entry = slab.segment().asSlice((long) next * entryBytes, entryBytes);
    long last = (long) LAST.getAcquire(entry, entryBytes - 8L);
    if (last < 0 != generation) {
      return null;
    }
    byte[] bytes = entry.toArray(ValueLayout.JAVA_BYTE);
    if (++next == size - 1) {
      next = 0;
      generation = !generation;
    }
    owed++;
    if (gives) {
      give(owed, 7, false);
    }
    return Raw.on(bytes);
  }

  private Raw message(byte[] entry) {
    Raw raw = Raw.on(entry);
    int type = raw.u8(entryBytes - 8) >>> 4 & 3;
    assertThat(raw.u16(2)).isEqualTo(absoluteId);
    if (type == TO_BUFFER) {
      int length = raw.u32(entryBytes - 12) & 0x7FFF_FFFF;
      byte[] bytes = buffers.remove().asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
      assertThat(bytes[0]).isEqualTo(entry[0]);
      return Raw.on(bytes);
    }
    assertThat(type).isEqualTo(1);
    byte[] cpl = new byte[entryBytes - 16 - RSS_BYTES];
    System.arraycopy(entry, RSS_BYTES, cpl, 0, cpl.length);
    return Raw.on(cpl);
  }

  /** How many entries have been taken and not given back. */
  int owed() {
    return owed;
  }

  /** Going To Sleep: gives entries back, and asks to be told of the next one unless timer is 7. */
  void give(int entries, int timer, boolean solicitedOnly) {
    owed -= entries;
    board.write32(2, area() + 20, timer << 13 | (solicitedOnly ? 1 << 12 : 0) | entries);
  }

  /** Its 128 bytes of BAR 2: 32 queues share a page of 4 KiB. */
  private long area() {
    return (id / 32) * 4096L + (id % 32) * 128L;
  }

  @Nullable ScriptedRing freeList() {
    return freeList;
  }
}
