package dev.offramp.models.chelsio;

import dev.offramp.api.rdma.CompletionHandler.CompletionDetail;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A connection's receive queue. For the model's thread. */
final class ReceiveSide {
  private final Silicon silicon;
  private final int queueId;
  private final EgressQueue queue;
  private final IngressQueue completions;
  private final RdmapStream stream;
  private final LocalMemory memory;
  private final Failure failure;
  private final LocalBuffers buffers = new LocalBuffers(RiWork.MAX_RECEIVE_PIECES);
  private final Deque<Entry> entries = new ArrayDeque<>();
  private int msn = 1;

  /** A posted Receive. */
  private record Entry(int slots, List<Region> temporary) {
    Entry {
      temporary = List.copyOf(temporary);
    }
  }

  ReceiveSide(
      Silicon silicon,
      int queueId,
      EgressQueue queue,
      IngressQueue completions,
      RdmapStream stream,
      LocalMemory memory,
      Failure failure) {
    this.silicon = silicon;
    this.queueId = queueId;
    this.queue = queue;
    this.completions = completions;
    this.stream = stream;
    this.memory = memory;
    this.failure = failure;
  }

  void attach() {
    completions.use(1);
    queue.attach(this::accept);
  }

  void detach() {
    queue.attach(null);
    completions.use(-1);
    entries.forEach(entry -> entry.temporary.forEach(silicon.stags::forget));
  }

  IngressQueue completions() {
    return completions;
  }

  /** The number of the message that comes next. */
  int msn() {
    return msn;
  }

  private boolean accept(MemorySegment wr, int slots) {
    RiWork.Receive receive;
    try {
      if (!(RiWork.decode(wr) instanceof RiWork.Receive decoded)) {
        throw new MalformedException(
            "opcode [%02x] in a receive queue".formatted(Be.get8(wr, 0)), "FW_RI_RECV_WR");
      }
      receive = decoded;
    } catch (MalformedException e) {
      silicon.violations.malformed(queue.name(), e);
      failure.failed(Cqe.received(queueId, Cqe.SEND, Cqe.ERR_OPCODE, 0, 0, 0), true);
      return true;
    }
    return accept(receive, slots);
  }

  private boolean accept(RiWork.Receive receive, int slots) {
    List<Region> temporary = new ArrayList<>();
    int status = memory.pieces(receive.pieces(), TptEntry.LOCAL_WRITE, buffers, temporary::add);
    Posted verdict = status == Cqe.OK ? stream.postReceive(0, buffers) : Posted.NO_ACCESS;
    if (verdict == Posted.ACCEPTED) {
      entries.add(new Entry(slots, temporary));
      return false;
    }
    temporary.forEach(silicon.stags::forget);
    if (verdict != Posted.STREAM_ENDED) {
      silicon.violations.add(
          Violation.Kind.BAD_WORK_REQUEST,
          queue.name(),
          "a Receive: status %#x, %s".formatted(status, verdict),
          "STags of this domain with local write access");
      int error = status == Cqe.OK ? Cqe.ERR_ACCESS : status;
      failure.failed(Cqe.received(queueId, Cqe.SEND, error, 0, 0, 0), true);
    }
    return true;
  }

  /** The engine is done with the oldest Receive. */
  void completed(CompletionStatus status, int bytes, CompletionDetail detail) {
    Entry entry = entries.remove();
    entry.temporary.forEach(silicon.stags::forget);
    switch (status) {
      case SUCCESS -> delivered(entry, bytes, detail);
      case MESSAGE_TOO_LONG, INVALID_REGION -> {
        queue.free(entry.slots);
        int error = status == CompletionStatus.INVALID_REGION ? Cqe.ERR_STAG : Cqe.ERR_PDU_LEN;
        silicon.messages.complete(completions, Cqe.received(queueId, Cqe.SEND, error, 0, 0, msn++));
      }
      default -> {
        // Flushed: the host does that itself.
      }
    }
  }

  private void delivered(Entry entry, int bytes, CompletionDetail detail) {
    queue.free(entry.slots);
    int opcode = Cqe.SEND + (detail.hasInvalidatedStag() ? 1 : 0) + (detail.isSolicited() ? 2 : 0);
    if (detail.hasInvalidatedStag()) {
      silicon.stags.disabled(detail.invalidatedStag());
    }
    silicon.messages.complete(
        completions, Cqe.received(queueId, opcode, Cqe.OK, bytes, detail.invalidatedStag(), msn++));
  }
}
