package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.rdma.Access;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.provider.chelsio.adapter.Reply;
import dev.offramp.provider.chelsio.adapter.Undo;
import dev.offramp.provider.chelsio.wire.UlpMemWrite;
import dev.offramp.spi.RnicException;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * A region on the adapter: its entry in the TPT, and its page list (iw_cxgb4's mem.c). Memory is
 * mapped in one piece, so pages may be as large as the adapter has them, and lists are short. For
 * one thread at a time, but for {@link #release}; each request waits for its answer.
 */
final class RegionMemory {
  private static final int TRIES = 3;
  private static final int PAGE_SHIFT = 12;

  /** Pages of 128 MiB ({@code FW_RI_TPTE_PS}: C4IW_MAX_PAGE_SIZE). */
  private static final int MAX_PAGE_CODE = 15;

  private static final int BLOCK_ENTRIES = UlpMemWrite.BLOCK_BYTES / Long.BYTES;
  private static final int MAX_LIST_BYTES = UlpMemWrite.MAX_BYTES;

  private final Adapter adapter;
  private final int stag;
  private final long address;
  private final long taggedOffset;
  private final long sizeBytes;
  private final int pageCode;
  private final int pageList;
  private final int listBytes;
  private final Undo reach;
  private final Undo bytes;
  private final boolean ownsBytes;
  private boolean revoked;
  private boolean released;

  /**
   * Takes room for the page list.
   *
   * @param stag the caller has taken it
   * @param address the adapter's, of the first byte
   * @param taggedOffset the peer's, of the first byte
   * @param reach what ends once the adapter reaches the memory no more; what is taken here is added
   * @param bytes frees the memory itself, where that is this region's
   */
  RegionMemory(
      Adapter adapter,
      int stag,
      long address,
      long taggedOffset,
      long sizeBytes,
      Undo reach,
      Undo bytes)
      throws NoRoomException {
    this.adapter = adapter;
    this.stag = stag;
    this.address = address;
    this.taggedOffset = taggedOffset;
    this.sizeBytes = sizeBytes;
    this.reach = reach;
    this.bytes = bytes;
    this.ownsBytes = !bytes.isEmpty();
    this.pageCode = pageCode(address, taggedOffset, sizeBytes);
    long entries = Math.max(1, pages(address, sizeBytes, pageCode));
    this.listBytes =
        Math.toIntExact((entries + BLOCK_ENTRIES - 1) / BLOCK_ENTRIES * UlpMemWrite.BLOCK_BYTES);
    this.pageList =
        adapter
            .resources()
            .pageLists()
            .take(listBytes)
            .orElseThrow(
                () -> new NoRoomException("no room left for a list of " + entries + " pages"));
    reach.add(() -> adapter.resources().pageLists().giveBack(pageList));
  }

  /**
   * The smallest pages of which one block of the list holds enough, or the largest in which the
   * tagged offset and the address have the same place: the adapter finds a byte by that.
   */
  private static int pageCode(long address, long taggedOffset, long sizeBytes)
      throws NoRoomException {
    long different = sizeBytes == 0 ? 0 : address ^ taggedOffset;
    if ((different & (1L << PAGE_SHIFT) - 1) != 0) {
      throw new NoRoomException(
          "tagged offset [%#x] for memory at the adapter's address [%#x]: seen different places"
                  .formatted(taggedOffset, address)
              + " within a page of [%d] bytes, expected the same".formatted(1 << PAGE_SHIFT));
    }
    int code = 0;
    while (code < MAX_PAGE_CODE
        && pages(address, sizeBytes, code) > BLOCK_ENTRIES
        && (different & 1L << PAGE_SHIFT + code) == 0) {
      code++;
    }
    return code;
  }

  private static long pages(long address, long sizeBytes, int code) {
    int shift = PAGE_SHIFT + code;
    return sizeBytes == 0 ? 0 : ((address + sizeBytes - 1) >>> shift) - (address >>> shift) + 1;
  }

  boolean ownsBytes() {
    return ownsBytes;
  }

  /** Has the adapter know it. After a failure {@link #revoke} has to be called all the same. */
  void make(int domain, Set<Access> access) throws RnicException {
    writeList();
    long cookie = adapter.nextCookie();
    Reply reply = adapter.expect(cookie, "TPT entry of STag [%08x]".formatted(stag));
    MemorySegment wr = Adapter.scratch(UlpMemWrite.TPT_BYTES);
    new UlpMemWrite()
        .tpte(wr, 0, cookie, adapter.resources().stagTableBlock(), stag)
        .stag(stag, true, UlpMemWrite.STAG_NSMR, domain)
        .rights(
            permissions(access), access.contains(Access.REMOTE_INVALIDATE), false, false, pageCode)
        .pages(pageList - adapter.parameters().pbl().start())
        .range(taggedOffset, sizeBytes);
    adapter.control(wr);
    adapter.awaitFirmware(reply);
  }

  private static int permissions(Set<Access> access) {
    return UlpMemWrite.PERM_LOCAL_READ
        | UlpMemWrite.PERM_LOCAL_WRITE
        | (access.contains(Access.REMOTE_READ) ? UlpMemWrite.PERM_REMOTE_READ : 0)
        | (access.contains(Access.REMOTE_WRITE) ? UlpMemWrite.PERM_REMOTE_WRITE : 0);
  }

  private void writeList() throws RnicException {
    int shift = PAGE_SHIFT + pageCode;
    long first = address >>> shift << shift;
    for (int at = 0; at < listBytes; at += MAX_LIST_BYTES) {
      int length = Math.min(MAX_LIST_BYTES, listBytes - at);
      long cookie = adapter.nextCookie();
      Reply reply = adapter.expect(cookie, "page list of STag [%08x]".formatted(stag));
      UlpMemWrite write = new UlpMemWrite();
      MemorySegment wr = Adapter.scratch(UlpMemWrite.sizeBytes(length));
      write.begin(wr, 0, cookie, (pageList + at) / UlpMemWrite.BLOCK_BYTES, length);
      for (int i = 0; i < length; i += Long.BYTES) {
        int page = (at + i) / Long.BYTES;
        if (page < pages(address, sizeBytes, pageCode)) {
          write.data(i, first + ((long) page << shift));
        }
      }
      adapter.control(wr);
      adapter.awaitFirmware(reply);
    }
  }

  /**
   * Ends the STag, and gives all back but the bytes, unless these are {@link #release}d; what the
   * adapter does not confirm stays allocated until it is closed.
   *
   * @throws RnicException when it does not confirm
   */
  void revoke() throws RnicException {
    try {
      if (adapter.failure() == null) {
        reset();
      }
    } catch (RnicException e) {
      if (adapter.failure() == null) {
        adapter.giveBackAtEnd(this::unreachable);
        throw e;
      }
    }
    unreachable();
  }

  /** Nobody needs the bytes any more; they are freed as soon as the adapter does not reach them. */
  synchronized void release() {
    released = true;
    freeIfDone();
  }

  private synchronized void unreachable() {
    revoked = true;
    reach.run(adapter.context().logger());
    freeIfDone();
  }

  private void freeIfDone() {
    if (revoked && released) {
      bytes.run(adapter.context().logger());
    }
  }

  private void reset() throws RnicException {
    for (int tries = 1; ; tries++) {
      long cookie = adapter.nextCookie();
      Reply reply = adapter.expect(cookie, "reset of STag [%08x]".formatted(stag));
      MemorySegment wr = Adapter.scratch(UlpMemWrite.TPT_BYTES);
      new UlpMemWrite().resetTpte(wr, 0, cookie, adapter.resources().stagTableBlock(), stag);
      adapter.control(wr);
      adapter.await(reply);
      if (reply.status() == 0) {
        return;
      }
      if (tries == TRIES) {
        adapter.requireDone(reply);
      }
    }
  }
}
