package com.acme.offramp.model;

import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** Reads work requests and hands them to the engine. */
final class WorkReader {
  private final MemorySegment memory;
  private final MemoryTable stags;
  private final RdmapStream engine;
  private final int queuePair;
  private final LocalBuffers buffers = new LocalBuffers(1);

  WorkReader(MemorySegment memory, MemoryTable stags, RdmapStream engine, int queuePair) {
    this.memory = memory;
    this.stags = stags;
    this.engine = engine;
    this.queuePair = queuePair;
  }

  Posted send(int count) {
    long at = entry(QueueLayout.SENDS, count);
    int flags = Words.u32(memory, at + 12);
    int remoteStag = Words.u32(memory, at + 20);
    long remoteOffset = Words.u64(memory, at + 40);
    return switch (opcode(at)) {
      case QueueLayout.OP_SEND ->
          engine.postSend(
              id(at),
              buffers(at),
              (flags & QueueLayout.FLAG_SOLICITED) != 0,
              (flags & QueueLayout.FLAG_INVALIDATE) != 0,
              remoteStag);
      case QueueLayout.OP_WRITE -> engine.postWrite(id(at), buffers(at), remoteStag, remoteOffset);
      case QueueLayout.OP_READ ->
          engine.postRead(id(at), region(at), offset(at), length(at), remoteStag, remoteOffset);
      default -> Posted.NOT_OFFERED;
    };
  }

  Posted receive(int count) {
    long at = entry(QueueLayout.RECEIVES, count);
    return engine.postReceive(id(at), buffers(at));
  }

  /** Where a work request stands. */
  static long entry(long ring, int count) {
    return ring + (long) (count & QueueLayout.ENTRIES - 1) * QueueLayout.WORK_BYTES;
  }

  long id(long at) {
    return Words.u64(memory, at);
  }

  int opcode(long at) {
    return Words.u32(memory, at + 8);
  }

  private long offset(long at) {
    return Words.u64(memory, at + 24);
  }

  private long length(long at) {
    return Words.u64(memory, at + 32);
  }

  private LocalBuffers buffers(long at) {
    buffers.clear();
    if ((Words.u32(memory, at + 12) & QueueLayout.FLAG_BUFFER) != 0) {
      buffers.add(region(at), offset(at), length(at));
    }
    return buffers;
  }

  /** Work on memory whose STag was revoked still has to complete: with an error. */
  private Region region(long at) {
    int stag = Words.u32(memory, at + 16);
    Region region = stags.find(stag, queuePair);
    if (region != null && region.domain() == queuePair) {
      return region;
    }
    return Region.revoked(
        new RegisteredMemory(
            stag,
            0,
            offset(at) + length(at),
            Set.of(dev.offramp.api.rdma.Access.REMOTE_WRITE),
            false),
        queuePair);
  }
}
