package dev.offramp.models.intel;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.rdma.Access;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.DmaFaultException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;

/** Hands decoded work requests to the engine, with the checks that the device does before. */
final class WorkPoster {
  private static final int MAX_BUFFERS = 16;
  private static final int TEMPORARY_REGIONS = 1 << 16;

  private final IntelChip chip;
  private final Dma dma;
  private final StagTable stags;
  private final int domain;
  private final boolean privileged;

  /** Regions without an STag that a peer could use. */
  private final MemoryTable own = new MemoryTable(new SplittableRandom(1), TEMPORARY_REGIONS);

  private final LocalBuffers buffers = new LocalBuffers(MAX_BUFFERS);

  /** Bytes inside of work requests, at the place that each has in its ring. */
  private final MemorySegment inlineBytes;

  private final Region inline;

  /** The sink of a Read of nothing. */
  private final Region nothing;

  WorkPoster(
      IntelChip chip, Dma dma, StagTable stags, int domain, boolean privileged, int sendQuanta) {
    this.chip = chip;
    this.dma = dma;
    this.stags = stags;
    this.domain = domain;
    this.privileged = privileged;
    this.inlineBytes =
        Arena.ofAuto().allocate((long) sendQuanta * WorkFields.QUANTUM_BYTES, Long.BYTES);
    this.inline = own.register(domain, inlineBytes, 0, Set.of());
    this.nothing =
        own.register(domain, inlineBytes.asSlice(0, 0), 0, EnumSet.of(Access.REMOTE_WRITE));
  }

  /** Most pieces of memory that an engine has to expect. */
  static int maxBuffers() {
    return MAX_BUFFERS;
  }

  /**
   * Posts a work request of the send queue.
   *
   * @param pending gets the number of the engine's completions to come
   * @return false when the engine has no room: nothing was posted
   * @throws WorkException when the device refuses it
   */
  boolean post(RdmapStream engine, WorkRequest work, PendingWork pending)
      throws WorkException, DmaFaultException {
    check(work);
    Posted verdict =
        switch (work.opcode()) {
          case WorkFields.OP_WRITE, WorkFields.OP_WRITE_SOLICITED -> {
            gather(work, pending);
            yield engine.postWrite(0, buffers, work.remoteStag(), work.remoteOffset());
          }
          case WorkFields.OP_SEND,
              WorkFields.OP_SEND_INVALIDATE,
              WorkFields.OP_SEND_SOLICITED,
              WorkFields.OP_SEND_SOLICITED_INVALIDATE -> {
            gather(work, pending);
            yield engine.postSend(
                0,
                buffers,
                work.opcode() == WorkFields.OP_SEND_SOLICITED
                    || work.opcode() == WorkFields.OP_SEND_SOLICITED_INVALIDATE,
                work.opcode() == WorkFields.OP_SEND_INVALIDATE
                    || work.opcode() == WorkFields.OP_SEND_SOLICITED_INVALIDATE,
                work.remoteStag());
          }
          case WorkFields.OP_READ -> read(engine, work, pending, false);
          case WorkFields.OP_READ_LOCAL_INVALIDATE -> read(engine, work, pending, true);
          case WorkFields.OP_LOCAL_INVALIDATE ->
              engine.postLocalInvalidate(0, work.fragments().getFirst().stag());
          default ->
              throw new WorkException(
                  EventCodes.WQE_UNEXPECTED_OPCODE,
                  "opcode [%#04x] is not modelled or unknown".formatted(work.opcode()));
        };
    if (verdict == Posted.ACCEPTED
        && work.opcode() != WorkFields.OP_READ
        && work.opcode() != WorkFields.OP_READ_LOCAL_INVALIDATE) {
      pending.parts = 1;
    }
    return accepted(verdict, work, pending);
  }

  /** False when there is no room. */
  private boolean accepted(Posted verdict, WorkRequest work, PendingWork pending)
      throws WorkException {
    return switch (verdict) {
      case ACCEPTED -> true;
      case QUEUE_FULL -> {
        if (pending.parts > 0) {
          // The host has put more into its ring than the ring holds.
          throw new WorkException(EventCodes.QP_CATASTROPHIC, "half of " + work + " fits");
        }
        yield false;
      }
      case STREAM_ENDED -> false;
      case NOT_OFFERED ->
          throw new WorkException(EventCodes.READ_WHILE_ORD_ZERO, "a Read with an ORD of 0");
      case NO_ACCESS ->
          throw new WorkException(EventCodes.RIGHTS_VIOLATION, "no access for " + work);
      case TOO_LONG, TOO_MANY_BUFFERS ->
          throw new WorkException(EventCodes.WQE_INVALID_PARAMETER, verdict + ": " + work);
    };
  }

  private void check(WorkRequest work) throws WorkException {
    Octets bytes = work.inline();
    if (work.hasImmediate()) {
      // irdma offers immediate data for another transport only.
      throw new WorkException(EventCodes.WQE_INVALID_PARAMETER, "immediate data on iWARP");
    }
    if (bytes != null && bytes.length() > chip.maxInlineBytes()) {
      throw new WorkException(
          EventCodes.WQE_INVALID_PARAMETER,
          "[%d] bytes inline, at most %d".formatted(bytes.length(), chip.maxInlineBytes()));
    }
    boolean read =
        work.opcode() == WorkFields.OP_READ || work.opcode() == WorkFields.OP_READ_LOCAL_INVALIDATE;
    int most = read ? chip.maxReadFragments() : chip.maxFragments();
    if (work.fragments().size() > most) {
      throw new WorkException(
          EventCodes.WQE_INVALID_FRAGMENT,
          "[%d] fragments, at most %d".formatted(work.fragments().size(), most));
    }
    if (bytes != null && (read || work.opcode() == WorkFields.OP_LOCAL_INVALIDATE)) {
      throw new WorkException(
          EventCodes.WQE_INVALID_PARAMETER, "bytes inline where there is nothing to send");
    }
  }

  private void gather(WorkRequest work, PendingWork pending)
      throws WorkException, DmaFaultException {
    buffers.clear();
    Octets bytes = work.inline();
    if (bytes != null) {
      if (!bytes.isEmpty()) {
        long at = (long) pending.wqeIndex * WorkFields.QUANTUM_BYTES;
        MemorySegment.copy(
            bytes.toByteArray(), 0, inlineBytes, ValueLayout.JAVA_BYTE, at, bytes.length());
        buffers.add(inline, at, bytes.length());
      }
      return;
    }
    for (Fragment fragment : work.fragments()) {
      add(fragment, false, pending);
    }
  }

  private void add(Fragment fragment, boolean write, PendingWork pending)
      throws WorkException, DmaFaultException {
    if (fragment.length() > 0) {
      Region region = region(fragment, write, pending);
      long offset = fragment.stag() == 0 ? 0 : fragment.address() - region.taggedOffset();
      buffers.add(region, offset, fragment.length());
    }
  }

  /** STag 0 means device addresses, and is for privileged QPs. */
  private Region region(Fragment fragment, boolean write, PendingWork pending)
      throws WorkException, DmaFaultException {
    if (fragment.stag() != 0) {
      return stags.local(fragment, domain, write);
    }
    if (!privileged) {
      throw new WorkException(EventCodes.PRIV_OPERATION_DENIED, "STag 0 on a QP without privilege");
    }
    Region region =
        own.register(domain, dma.at(fragment.address(), fragment.length()), 0, Set.of());
    pending.temporary.add(region);
    return region;
  }

  /**
   * One Read Request for each fragment: a Read Request has one sink (RFC 5040, section 4.4). How
   * the E810 reads into several is not public: model decision.
   */
  private Posted read(RdmapStream engine, WorkRequest work, PendingWork pending, boolean invalidate)
      throws WorkException {
    if (work.totalBytes() == 0) {
      Posted verdict = engine.postRead(0, nothing, 0, 0, work.remoteStag(), work.remoteOffset());
      pending.parts = verdict == Posted.ACCEPTED ? 1 : 0;
      return verdict;
    }
    for (Fragment fragment : work.fragments()) {
      if (fragment.stag() == 0 && fragment.length() > 0) {
        // The peer's answer names the sink's STag.
        throw new WorkException(EventCodes.STAG_ZERO_INVALID, "a Read into STag 0");
      }
      if (fragment.length() > 0) {
        stags.local(fragment, domain, true);
      }
    }
    long remote = work.remoteOffset();
    for (Fragment fragment : work.fragments()) {
      if (fragment.length() == 0) {
        continue;
      }
      Region sink = stags.local(fragment, domain, true);
      Posted verdict =
          engine.postRead(
              0,
              sink,
              fragment.address() - sink.taggedOffset(),
              fragment.length(),
              work.remoteStag(),
              remote);
      if (verdict != Posted.ACCEPTED) {
        return verdict;
      }
      pending.parts++;
      remote += fragment.length();
    }
    if (invalidate) {
      Posted verdict = engine.postLocalInvalidate(0, work.fragments().getFirst().stag());
      if (verdict != Posted.ACCEPTED) {
        return verdict;
      }
      pending.parts++;
    }
    return Posted.ACCEPTED;
  }

  /** Posts a Receive; false when the engine has no room. */
  boolean postReceive(RdmapStream engine, WorkRequest work, PendingWork pending)
      throws WorkException, DmaFaultException {
    if (work.fragments().size() > chip.maxFragments()) {
      throw new WorkException(
          EventCodes.WQE_INVALID_FRAGMENT,
          "[%d] fragments, at most %d".formatted(work.fragments().size(), chip.maxFragments()));
    }
    buffers.clear();
    for (Fragment fragment : work.fragments()) {
      add(fragment, true, pending);
    }
    Posted verdict = engine.postReceive(0, buffers);
    if (verdict == Posted.QUEUE_FULL || verdict == Posted.STREAM_ENDED) {
      release(pending);
    }
    return accepted(verdict, work, pending);
  }

  /** The bytes of a stream-mode Send. */
  byte[] bytes(WorkRequest work) throws WorkException, DmaFaultException {
    Octets inlined = work.inline();
    if (inlined != null) {
      return inlined.toByteArray();
    }
    byte[] all = new byte[(int) work.totalBytes()];
    int done = 0;
    for (Fragment fragment : work.fragments()) {
      int count = (int) fragment.length();
      if (count > 0) {
        copy(fragment, all, done);
        done += count;
      }
    }
    return all;
  }

  private void copy(Fragment fragment, byte[] to, int at) throws WorkException, DmaFaultException {
    MemorySegment from;
    long offset;
    if (fragment.stag() == 0 && privileged) {
      from = dma.at(fragment.address(), fragment.length());
      offset = 0;
    } else {
      Region region = stags.local(fragment, domain, false);
      from = region.segment();
      offset = fragment.address() - region.taggedOffset();
    }
    MemorySegment.copy(from, ValueLayout.JAVA_BYTE, offset, to, at, (int) fragment.length());
  }

  /** Forgets regions that were made for one work request. */
  void release(PendingWork pending) {
    pending.temporary.forEach(own::remove);
    pending.temporary.clear();
  }
}
