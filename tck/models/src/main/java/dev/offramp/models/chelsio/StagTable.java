package dev.offramp.models.chelsio;

import dev.offramp.api.rdma.Access;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.DmaFaultException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The adapter's memory with STags and page lists, and the regions that they make (mem.c,
 * write_tpt_entry, write_pbl). For the model's thread.
 *
 * <p>Model limits: the pages of a list have to follow each other in device addresses, as those of a
 * mapping do; an STag for the whole of memory serves local work only.
 */
final class StagTable {
  private static final int PAGE_ENTRY_BYTES = 8;
  private static final int KEY_BITS = 8;

  private final Silicon silicon;
  private final MemorySegment entries = MemorySegment.ofArray(new byte[AdapterLayout.STAG.size()]);
  private final MemorySegment pages = MemorySegment.ofArray(new byte[AdapterLayout.PBL.size()]);
  private final Map<Integer, Region> regions = new HashMap<>();
  private MemoryTable table;

  /** Regions without an STag of their own: bus addresses, and zero-length Reads. */
  private MemoryTable scratch;

  StagTable(Silicon silicon) {
    this.silicon = silicon;
    this.table = newTable();
    this.scratch = newTable();
  }

  private static MemoryTable newTable() {
    return new MemoryTable(new Random(), 1 << 20);
  }

  void clear() {
    for (Region region : regions.values()) {
      table.remove(region);
    }
    regions.clear();
    entries.fill((byte) 0);
    pages.fill((byte) 0);
  }

  /** What the iWARP engines look STags up in. */
  MemoryTable table() {
    return table;
  }

  /** How many entries are in use, usable or not. */
  int count() {
    int used = 0;
    for (long at = 0; at < entries.byteSize(); at += TptEntry.BYTES) {
      used += TptEntry.decode(entries.asSlice(at, TptEntry.BYTES)).valid() ? 1 : 0;
    }
    return used;
  }

  /** Writes adapter memory; false when that is neither STags nor page lists. */
  boolean write(long address, MemorySegment data) {
    long last = address + data.byteSize() - 1;
    if (AdapterLayout.PBL.contains(address) && AdapterLayout.PBL.contains(last)) {
      MemorySegment.copy(data, 0, pages, address - AdapterLayout.PBL.start(), data.byteSize());
      return true;
    }
    if (AdapterLayout.STAG.contains(address) && AdapterLayout.STAG.contains(last)) {
      long first = address - AdapterLayout.STAG.start();
      MemorySegment.copy(data, 0, entries, first, data.byteSize());
      for (long at = first; at < first + data.byteSize(); at += TptEntry.BYTES) {
        changed((int) (at / TptEntry.BYTES));
      }
      return true;
    }
    return false;
  }

  /** The entry of an STag, whatever its key; null beyond the table. */
  @Nullable MemorySegment entryAt(int stag) {
    long at = (long) (stag >>> KEY_BITS) * TptEntry.BYTES;
    return at <= entries.byteSize() - TptEntry.BYTES ? entries.asSlice(at, TptEntry.BYTES) : null;
  }

  /** The entry of an STag that could be used; null when there is none with that key. */
  @Nullable TptEntry find(int stag) {
    MemorySegment at = entryAt(stag);
    TptEntry entry = at == null ? null : TptEntry.decode(at);
    return entry != null && entry.valid() && entry.key() == (stag & 0xFF) ? entry : null;
  }

  /** The region of an STag; null when it is not usable. */
  @Nullable Region region(int stag) {
    return table.find(stag);
  }

  /** An STag has been invalidated, by either end: its entry says so now. */
  void disabled(int stag) {
    MemorySegment at = entryAt(stag);
    if (at != null) {
      TptEntry.disable(at);
      regions.remove(stag >>> KEY_BITS);
    }
  }

  /** Ends an STag. */
  void disable(int stag) {
    Region region = regions.get(stag >>> KEY_BITS);
    if (region != null) {
      table.remove(region);
    }
    disabled(stag);
  }

  /** Memory by bus address, for local work: {@link #forget} it afterwards. */
  Region bus(int domain, long address, long length) throws DmaFaultException {
    return scratch.register(
        domain, silicon.platform.memory().at(address, length), address, Set.of());
  }

  /** An empty region, as the sink of a Read of nothing. */
  Region empty(int domain) {
    return scratch.register(
        domain, MemorySegment.ofArray(new byte[0]), 0, Set.of(Access.REMOTE_WRITE));
  }

  /** Bytes of a work request, as a region: {@link #forget} it afterwards. */
  Region inline(int domain, MemorySegment bytes) {
    return scratch.register(domain, bytes, 0, Set.of());
  }

  /** Forgets what {@link #bus}, {@link #inline} or {@link #empty} made. */
  void forget(Region region) {
    scratch.remove(region);
  }

  /** Puts the addresses of a fast registration into the page list of an entry. */
  boolean writePages(long offset, MemorySegment addresses) {
    if (offset > pages.byteSize() - addresses.byteSize()) {
      return false;
    }
    MemorySegment.copy(addresses, 0, pages, offset, addresses.byteSize());
    return true;
  }

  /** An entry is new or different. */
  void changed(int index) {
    Region old = regions.remove(index);
    if (old != null) {
      table.remove(old);
    }
    TptEntry entry =
        TptEntry.decode(entries.asSlice((long) index * TptEntry.BYTES, TptEntry.BYTES));
    if (!entry.valid() || !entry.enabled() || entry.isWholeMemory()) {
      return;
    }
    int stag = index << KEY_BITS | entry.key();
    String where = "STag [%08x]".formatted(stag);
    if (index == 0 || entry.type() != TptEntry.TYPE_NSMR) {
      silicon.violations.add(
          Violation.Kind.BAD_STAG,
          where,
          index == 0 ? "index 0" : "type " + entry.type(),
          "an index from 1 on, and type 0 (NSMR): others are not modelled");
      return;
    }
    MemorySegment memory = memory(entry, where);
    if (memory != null) {
      register(index, stag, entry, memory);
    }
  }

  private void register(int index, int stag, TptEntry entry, MemorySegment memory) {
    Set<Access> access = EnumSet.noneOf(Access.class);
    if (entry.may(TptEntry.REMOTE_READ)) {
      access.add(Access.REMOTE_READ);
    }
    if (entry.may(TptEntry.REMOTE_WRITE)) {
      access.add(Access.REMOTE_WRITE);
    }
    if (!entry.remoteInvalidateDisabled()) {
      access.add(Access.REMOTE_INVALIDATE);
    }
    try {
      regions.put(
          index, table.register(stag, entry.domain(), memory, entry.firstTaggedOffset(), access));
    } catch (IllegalArgumentException e) {
      silicon.violations.add(
          Violation.Kind.BAD_STAG,
          "STag [%08x]".formatted(stag),
          String.valueOf(e.getMessage()),
          "a range of tagged offsets and memory that fit each other");
    }
  }

  /** The memory that an entry's page list leads to; null when it does not. */
  private @Nullable MemorySegment memory(TptEntry entry, String where) {
    long inPage = entry.address() & entry.pageBytes() - 1;
    long count = (inPage + entry.length() + entry.pageBytes() - 1) / entry.pageBytes();
    if (entry.length() < 0
        || count < 0
        || entry.pageList() > pages.byteSize() - count * PAGE_ENTRY_BYTES
        || count > pages.byteSize() / PAGE_ENTRY_BYTES) {
      badList(
          where,
          "%d bytes in %d pages from offset [%#x] on"
              .formatted(entry.length(), count, entry.pageList()),
          "a page list inside the PBL area");
      return null;
    }
    if (count == 0) {
      return MemorySegment.ofArray(new byte[0]);
    }
    long first = Be.get64(pages, entry.pageList());
    for (long i = 1; i < count; i++) {
      long page = Be.get64(pages, entry.pageList() + i * PAGE_ENTRY_BYTES);
      if (page != first + i * entry.pageBytes()) {
        badList(
            where,
            "page %d at [%#x] after one at [%#x]".formatted(i, page, first),
            "pages that follow each other (a limit of the model)");
        return null;
      }
    }
    try {
      return silicon.platform.memory().at(first + inPage, entry.length());
    } catch (DmaFaultException e) {
      silicon.dmaFault(where, e);
      return null;
    }
  }

  private void badList(String where, String seen, String expected) {
    silicon.violations.add(Violation.Kind.BAD_STAG, where, seen, expected);
  }
}
