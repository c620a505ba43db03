package dev.offramp.models.chelsio;

import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.DmaFaultException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;

/**
 * Turns the SGEs of a work request into local buffers, with the checks of the STags' table. For the
 * model's thread.
 */
final class LocalMemory {
  private final Silicon silicon;
  private final int domain;
  private final boolean stag0;

  /**
   * For one connection.
   *
   * @param domain its protection domain
   * @param stag0 whether STag 0 stands for bus addresses (qp_caps 16, the kernel's)
   */
  LocalMemory(Silicon silicon, int domain, boolean stag0) {
    this.silicon = silicon;
    this.domain = domain;
    this.stag0 = stag0;
  }

  /** Bytes that came in the work request. */
  void inline(MemorySegment bytes, LocalBuffers into, Consumer<Region> temporary) {
    into.clear();
    if (bytes.byteSize() > 0) {
      Region region = silicon.stags.inline(domain, bytes);
      temporary.accept(region);
      into.add(region, 0, bytes.byteSize());
    }
  }

  /**
   * The pieces of a list.
   *
   * @param permission what each has to allow
   * @param temporary takes regions that have to be forgotten afterwards
   * @return T4_ERR_*; 0 when all is well
   */
  int pieces(List<RiWork.Sge> list, int permission, LocalBuffers into, Consumer<Region> temporary) {
    into.clear();
    for (RiWork.Sge sge : list) {
      if (sge.length() == 0) {
        continue; // nothing is looked up for nothing
      }
      int status = piece(sge, permission, into, temporary);
      if (status != Cqe.OK) {
        return status;
      }
    }
    return Cqe.OK;
  }

  private int piece(RiWork.Sge sge, int permission, LocalBuffers into, Consumer<Region> temporary) {
    if (sge.stag() == 0) {
      return stag0 ? bus(sge, into, temporary) : Cqe.ERR_STAG;
    }
    TptEntry entry = silicon.stags.find(sge.stag());
    int status = check(entry, permission);
    if (status != Cqe.OK || entry == null) {
      return status;
    }
    if (entry.isWholeMemory()) {
      return bus(sge, into, temporary);
    }
    Region region = silicon.stags.region(sge.stag());
    if (region == null) {
      return Cqe.ERR_PBL_ADDR_BOUND;
    }
    long offset = sge.to() - region.taggedOffset();
    if (offset < 0 || offset > region.sizeBytes() - sge.length()) {
      return Cqe.ERR_BOUND;
    }
    into.add(region, offset, sge.length());
    return Cqe.OK;
  }

  /** The checks that do not depend on an address. */
  int check(@org.jspecify.annotations.Nullable TptEntry entry, int permission) {
    if (entry == null || !entry.enabled()) {
      return Cqe.ERR_STAG;
    }
    if (entry.domain() != domain) {
      return Cqe.ERR_PDID;
    }
    return entry.may(permission) ? Cqe.OK : Cqe.ERR_ACCESS;
  }

  private int bus(RiWork.Sge sge, LocalBuffers into, Consumer<Region> temporary) {
    try {
      Region region = silicon.stags.bus(domain, sge.to(), sge.length());
      temporary.accept(region);
      into.add(region, 0, sge.length());
      return Cqe.OK;
    } catch (DmaFaultException e) {
      silicon.dmaFault("an SGE by bus address", e);
      return Cqe.ERR_BOUND;
    }
  }
}
