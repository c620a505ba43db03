package dev.offramp.models.intel;

import dev.offramp.api.rdma.Access;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.DmaFaultException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * STags as the host hands them out: a 24-bit index and an 8-bit key. Registered memory is
 * physically contiguous; page lists (LPBLSIZE) are not modelled. A peer may invalidate an STag when
 * its remote-access bit is set, whatever the rights say: <b>model decision</b>, there is no right
 * for it.
 */
final class StagTable {
  static final int RIGHT_LOCAL_READ = 1;
  static final int RIGHT_LOCAL_WRITE = 2;
  static final int RIGHT_REMOTE_READ = 4;
  static final int RIGHT_REMOTE_WRITE = 8;

  private static final int KEY_BITS = 8;
  private static final int CAPACITY = 1 << 18;
  private static final long[] PAGE_BYTES = {4L << 10, 2L << 20, 1L << 30};

  private record Entry(int stag, int domain, int rights, @Nullable Region region) {}

  private final IntelChip chip;
  private final Dma dma;
  private final MemoryTable memory = new MemoryTable(new SplittableRandom(0), CAPACITY);
  private final Map<Integer, Entry> entries = new ConcurrentHashMap<>();

  StagTable(IntelChip chip, Dma dma) {
    this.chip = chip;
    this.dma = dma;
  }

  /** What the engines of all connections look STags up in. */
  MemoryTable memory() {
    return memory;
  }

  /** STags that are allocated or registered. */
  int count() {
    return entries.size();
  }

  /** ALLOC_STAG: an index is taken; there is no memory behind it. */
  void allocate(long[] command) throws CommandException {
    int index = index(command);
    requireFree(index);
    entries.put(
        index, new Entry(stag(command), domain(command), rights(command), /* region= */ null));
  }

  /** REG_MR. */
  void register(long[] command) throws CommandException, DmaFaultException {
    int index = index(command);
    requireFree(index);
    if (CommandFields.LPBLSIZE.getInt(command) != 0) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, "REG_MR with a page list, which is not modelled");
    }
    int pageCode = CommandFields.STAG_HPAGESIZE.getInt(command);
    if (pageCode >= PAGE_BYTES.length) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, "REG_MR with page size code [%d]".formatted(pageCode));
    }
    long pageMask = PAGE_BYTES[pageCode] - 1;
    long virtual = CommandFields.STAG_VA_FBO.get(command);
    boolean zeroBased = !CommandFields.STAG_VABASEDTO.isSet(command);
    if (zeroBased && (virtual & ~pageMask) != 0) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD,
          "REG_MR with first byte offset [%#x], beyond the page".formatted(virtual));
    }
    // The command has the address of the first page; where in it the memory begins, the tagged
    // offset says (irdma_sc_mr_reg_non_shared).
    long address = (CommandFields.STAG_ADDRESS.get(command) & ~pageMask) | (virtual & pageMask);
    long length = CommandFields.STAG_LENGTH.get(command);
    MemorySegment segment = dma.at(address, length);
    int rights = rights(command);
    try {
      Region region =
          memory.register(
              stag(command),
              domain(command),
              (rights & (RIGHT_LOCAL_WRITE | RIGHT_REMOTE_WRITE)) != 0
                  ? segment
                  : segment.asReadOnly(),
              zeroBased ? 0 : virtual,
              access(rights, CommandFields.STAG_REMOTE.isSet(command)));
      entries.put(index, new Entry(stag(command), domain(command), rights, region));
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new CommandException(CommandCodes.MINOR_BAD_FIELD, "REG_MR: " + e.getMessage());
    }
  }

  private static EnumSet<Access> access(int rights, boolean remote) {
    EnumSet<Access> access = EnumSet.noneOf(Access.class);
    if (remote) {
      access.add(Access.REMOTE_INVALIDATE);
      if ((rights & RIGHT_REMOTE_READ) != 0) {
        access.add(Access.REMOTE_READ);
      }
      if ((rights & RIGHT_REMOTE_WRITE) != 0) {
        access.add(Access.REMOTE_WRITE);
      }
    }
    return access;
  }

  /**
   * DEALLOC_STAG.
   *
   * @return the region, whose bytes may still be on their way to TCP; null when it had none
   */
  @Nullable Region deallocate(long[] command) throws CommandException {
    int index = index(command);
    Entry entry = entries.get(index);
    if (entry == null) {
      throw new CommandException(
          CommandCodes.MINOR_STAG_INVALID, "STag index [%d] is not in use".formatted(index));
    }
    if (entry.domain != domain(command)) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD,
          "STag index [%d] belongs to domain %d, the command says [%d]"
              .formatted(index, entry.domain, domain(command)));
    }
    entries.remove(index);
    if (entry.region != null) {
      memory.remove(entry.region);
    }
    return entry.region;
  }

  /**
   * The region of a fragment that the device is about to use.
   *
   * @param write whether it will be written
   * @throws WorkException as the device's checks find
   */
  Region local(Fragment fragment, int domain, boolean write) throws WorkException {
    Entry entry = entries.get(fragment.stag() >>> KEY_BITS);
    if (entry == null) {
      throw new WorkException(EventCodes.UNALLOCATED_STAG, "STag %s".formatted(fragment));
    }
    if (entry.stag != fragment.stag()) {
      throw new WorkException(EventCodes.BAD_STAG_KEY, "key of %s".formatted(fragment));
    }
    Region region = entry.region;
    if (region == null || !region.isValid()) {
      throw new WorkException(EventCodes.INVALID_STAG, "STag of %s is invalid".formatted(fragment));
    }
    if (entry.domain != domain) {
      throw new WorkException(EventCodes.BAD_PD, "%s is of another domain".formatted(fragment));
    }
    if ((entry.rights & (write ? RIGHT_LOCAL_WRITE : RIGHT_LOCAL_READ)) == 0) {
      throw new WorkException(
          EventCodes.RIGHTS_VIOLATION,
          "%s has rights [%#x], no local %s"
              .formatted(fragment, entry.rights, write ? "write" : "read"));
    }
    long offset = fragment.address() - region.taggedOffset();
    if (offset < 0
        || offset > region.sizeBytes()
        || fragment.length() > region.sizeBytes() - offset) {
      throw new WorkException(
          EventCodes.BOUNDS_VIOLATION, "%s is out of bounds".formatted(fragment));
    }
    return region;
  }

  /** Forgets everything. */
  void clear() {
    for (Entry entry : entries.values()) {
      if (entry.region != null) {
        memory.remove(entry.region);
      }
    }
    entries.clear();
  }

  private void requireFree(int index) throws CommandException {
    Entry known = entries.get(index);
    if (known != null && known.region != null) {
      throw new CommandException(
          CommandCodes.MINOR_ID_IN_USE, "STag index [%d] is in use".formatted(index));
    }
    if (index == 0) {
      throw new CommandException(
          CommandCodes.MINOR_STAG_INVALID, "STag index 0 is the device's own");
    }
  }

  private static int index(long[] command) {
    return CommandFields.STAG_INDEX.getInt(command);
  }

  private static int stag(long[] command) {
    return (index(command) << KEY_BITS) | CommandFields.STAG_KEY.getInt(command);
  }

  private int domain(long[] command) {
    return chip.stagDomain().getInt(command);
  }

  private static int rights(long[] command) {
    return CommandFields.STAG_RIGHTS.getInt(command);
  }
}
