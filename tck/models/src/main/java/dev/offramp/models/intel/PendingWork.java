package dev.offramp.models.intel;

import dev.offramp.iwarp.rdmap.Region;
import java.util.ArrayList;
import java.util.List;

/** A work request that the device has read and the host has not been told of. */
final class PendingWork {
  /** When it is done besides the engine's parts. */
  enum Condition {
    /** At once. */
    NONE,
    /** TCP has taken all bytes of the streaming mode. */
    STREAMED,
    /** That, and the peer's first FPDU has come. */
    FIRST_PDU
  }

  final int wqeIndex;
  final int quanta;
  final int opcode;
  final boolean signalled;
  final boolean reads;
  final long bytes;

  /** Regions that were made for this one. */
  final List<Region> temporary = new ArrayList<>(0);

  Condition condition = Condition.NONE;

  /** Completions of the engine that are due. */
  int parts;

  PendingWork(int wqeIndex, WorkRequest work) {
    this.wqeIndex = wqeIndex;
    this.quanta = work.quanta();
    this.opcode = work.opcode();
    this.signalled = work.signalled();
    this.bytes = work.totalBytes();
    this.reads =
        work.opcode() == WorkFields.OP_READ || work.opcode() == WorkFields.OP_READ_LOCAL_INVALIDATE;
  }
}
