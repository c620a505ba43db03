package dev.offramp.models.chelsio;

import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import java.lang.foreign.MemorySegment;

/** Gives work requests of a send queue to the engine, after the chip's checks. */
final class WorkStarter {
  /** The request cannot start yet; else a T4_ERR_*, 0 for started. */
  static final int WAIT = -1;

  /** The request is done already. */
  static final int DONE = -2;

  private static final int STAG_KEY_BITS = 8;

  private final Silicon silicon;
  private final RiWr.Init init;
  private final RdmapStream stream;
  private final LocalMemory memory;
  private final LocalBuffers buffers = new LocalBuffers(RiWork.MAX_SEND_PIECES);

  WorkStarter(Silicon silicon, RiWr.Init init, RdmapStream stream, LocalMemory memory) {
    this.silicon = silicon;
    this.init = init;
    this.stream = stream;
    this.memory = memory;
  }

  /**
   * Starts a request.
   *
   * @param first whether all before it are done
   * @return {@link #WAIT}, {@link #DONE}, 0 or what is wrong
   */
  int start(SqEntry entry, boolean first) {
    return switch (entry.work()) {
      case RiWork.Write write -> write(entry, write);
      case RiWork.Send send -> send(entry, send);
      case RiWork.Read read -> read(entry, read);
      case RiWork.LocalInvalidate invalidate ->
          verdict(stream.postLocalInvalidate(0, invalidate.stag()));
      case RiWork.FastRegister register -> first ? register(register) : WAIT;
      case RiWork.FastRegisterEntry register -> first ? register(register) : WAIT;
      case RiWork.Receive receive -> Cqe.ERR_OPCODE;
      case RiWork.WriteAndSend both -> Cqe.ERR_OPCODE;
    };
  }

  private int gather(SqEntry entry, RiWork.Data data, long length) {
    if (data.length() != length) {
      return Cqe.ERR_INTERNAL;
    }
    MemorySegment inline = data.inline();
    if (inline != null) {
      memory.inline(inline, buffers, entry::addTemporary);
      return Cqe.OK;
    }
    return memory.pieces(data.pieces(), TptEntry.LOCAL_READ, buffers, entry::addTemporary);
  }

  private int write(SqEntry entry, RiWork.Write write) {
    if ((write.flags() & RiWork.IMMEDIATE_FLAG) != 0) {
      return Cqe.ERR_OPCODE; // FW_PARAMS says that it is not offered
    }
    int status = gather(entry, write.data(), write.length());
    return status == Cqe.OK
        ? verdict(stream.postWrite(0, buffers, write.stag(), write.to()))
        : status;
  }

  private int send(SqEntry entry, RiWork.Send send) {
    if (send.sendOp() < Cqe.SEND || send.sendOp() > Cqe.SEND_WITH_SE_INV) {
      return Cqe.ERR_OPCODE;
    }
    int status = gather(entry, send.data(), send.length());
    if (status != Cqe.OK) {
      return status;
    }
    boolean solicited = send.sendOp() >= Cqe.SEND_WITH_SE;
    boolean invalidates =
        send.sendOp() == Cqe.SEND_WITH_INV || send.sendOp() == Cqe.SEND_WITH_SE_INV;
    return verdict(stream.postSend(0, buffers, solicited, invalidates, send.invalidate()));
  }

  private int read(SqEntry entry, RiWork.Read read) {
    if (init.ordMax() == 0 && !entry.isIndication()) {
      return Cqe.ERR_ACCESS;
    }
    if (read.length() == 0) {
      Region nothing = silicon.stags.empty(init.domain());
      entry.addTemporary(nothing);
      return post(nothing, 0, read);
    }
    // The peer's answer names the sink, so its STag must allow that (RFC 5040, section 5.2.2).
    int status =
        memory.check(
            silicon.stags.find(read.sinkStag()), TptEntry.LOCAL_WRITE | TptEntry.REMOTE_WRITE);
    if (status != Cqe.OK) {
      return status;
    }
    Region sink = silicon.stags.region(read.sinkStag());
    if (sink == null) {
      return Cqe.ERR_PBL_ADDR_BOUND;
    }
    long offset = read.sinkTo() - sink.taggedOffset();
    return offset < 0 || offset > sink.sizeBytes() - read.length()
        ? Cqe.ERR_BOUND
        : post(sink, offset, read);
  }

  private int post(Region sink, long offset, RiWork.Read read) {
    return verdict(
        stream.postRead(0, sink, offset, read.length(), read.sourceStag(), read.sourceTo()));
  }

  private static int verdict(Posted posted) {
    return switch (posted) {
      case ACCEPTED -> Cqe.OK;
      case QUEUE_FULL, STREAM_ENDED -> WAIT;
      case NO_ACCESS -> Cqe.ERR_PDID;
      default -> Cqe.ERR_INTERNAL;
    };
  }

  private int register(RiWork.FastRegister register) {
    MemorySegment at = silicon.stags.entryAt(register.stag());
    if (at == null || isForbidden() || !TptEntry.decode(at).valid()) {
      return Cqe.ERR_STAG;
    }
    if (!silicon.stags.writePages(TptEntry.decode(at).pageList(), register.pages())) {
      return Cqe.ERR_PBL_ADDR_BOUND;
    }
    TptEntry.enable(at, register, init.domain());
    silicon.stags.changed(register.stag() >>> STAG_KEY_BITS);
    return DONE;
  }

  private int register(RiWork.FastRegisterEntry register) {
    MemorySegment at = silicon.stags.entryAt(register.stag());
    TptEntry made = TptEntry.decode(register.entry());
    if (at == null || isForbidden() || made.key() != (register.stag() & 0xFF)) {
      return Cqe.ERR_STAG;
    }
    if (!silicon.stags.writePages(made.pageList(), register.pages())) {
      return Cqe.ERR_PBL_ADDR_BOUND;
    }
    MemorySegment.copy(register.entry(), 0, at, 0, TptEntry.BYTES);
    silicon.stags.changed(register.stag() >>> STAG_KEY_BITS);
    return DONE;
  }

  private boolean isForbidden() {
    return (init.capabilities() & RiWr.Init.CAN_FAST_REGISTER) == 0;
  }
}
