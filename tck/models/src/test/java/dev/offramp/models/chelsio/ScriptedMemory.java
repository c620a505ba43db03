package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Memory with an STag: a page list and an entry, written by FW_ULPTX_WR. */
final class ScriptedMemory {
  static final int REMOTE_WRITE = 1;
  static final int REMOTE_READ = 2;
  static final int LOCAL_WRITE = 4;
  static final int LOCAL_READ = 8;
  static final int ALL = 15;

  private static final int PAGE = 4096;
  private static final int MAX_WRITE = 512;
  private static final int STAG_AREA = 0x0D;
  private static final int PAGE_LISTS = 0x11;
  private static final int FUNCTION_PARAMETER = 2;

  private final DmaSlab slab;
  private final ScriptedDriver driver;
  private final int stag;

  private ScriptedMemory(ScriptedDriver driver, DmaSlab slab, int stag) {
    this.driver = driver;
    this.slab = slab;
    this.stag = stag;
  }

  /** Registers new memory of so many pages under the STag with this index. */
  static ScriptedMemory register(
      ScriptedDriver driver, int index, int domain, int permissions, int pages) {
    DmaSlab slab = driver.board().allocate((long) pages * PAGE);
    int stag = index << 8 | (0x5A + index & 0xFF);
    int listAt = index * 4096;
    // Four addresses in each unit of 32 bytes.
    Raw list = Raw.of((pages + 3) / 4 * 32);
    for (int i = 0; i < pages; i++) {
      list.u64(8 * i, slab.deviceAddress() + (long) i * PAGE);
    }
    int lists = driver.mailbox().parameter(FUNCTION_PARAMETER, PAGE_LISTS);
    for (int at = 0; at < list.bytes().length; at += MAX_WRITE) {
      int end = Math.min(at + MAX_WRITE, list.bytes().length);
      byte[] part = Arrays.copyOfRange(list.bytes(), at, end);
      assertThat(write(driver, lists + listAt + at, part)).isZero();
    }
    ScriptedMemory memory = new ScriptedMemory(driver, slab, stag);
    memory.writeEntry(
        Raw.of(32)
            .u32(0, 1 << 31 | (stag & 0xFF) << 23 | 1 << 22 | domain)
            .u32(4, permissions << 28 | 1 << 26)
            .u32(8, listAt / 8)
            .u32(12, (long) pages * PAGE)
            .u64(16, slab.deviceAddress()));
    return memory;
  }

  private void writeEntry(Raw entry) {
    int table = driver.mailbox().parameter(FUNCTION_PARAMETER, STAG_AREA);
    assertThat(write(driver, table + (stag >>> 8) * 32, entry.bytes())).isZero();
  }

  /** What ULP_TX_MEM_WRITE answers. */
  static int write(ScriptedDriver driver, int address, byte[] bytes) {
    int command = (24 + bytes.length + 15) / 16;
    return driver.result(
        driver.control(),
        Raw.of(16 + 16 * command)
            .u32(0, 0x04 << 24 | 1 << 21)
            .u32(4, 1 + command)
            .u32(16, 3 << 24)
            .u32(20, command)
            .u32(24, bytes.length / 32)
            .u32(28, address / 32)
            .u32(32, 0x81 << 24)
            .u32(36, bytes.length)
            .put(40, bytes));
  }

  /** Takes the STag back. */
  void deregister() {
    writeEntry(Raw.of(32));
  }

  /** The host takes the memory away, whoever still uses it. */
  void free() {
    slab.close();
  }

  int stag() {
    return stag;
  }

  /** Its tagged offset: the device address. */
  long address() {
    return slab.deviceAddress();
  }

  MemorySegment segment() {
    return slab.segment();
  }

  byte[] bytes(long offset, int length) {
    return slab.segment().asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }

  void put(long offset, byte[] bytes) {
    MemorySegment.copy(bytes, 0, slab.segment(), ValueLayout.JAVA_BYTE, offset, bytes.length);
  }
}
