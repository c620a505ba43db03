package dev.offramp.iwarp.rdmap;

import dev.offramp.api.descriptor.MemorySlice;
import dev.offramp.api.descriptor.PeerRequest;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.StartedWork;
import dev.offramp.api.rdma.Operation;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Fills an engine's empty queues from what another engine said of its own. */
final class StateReader {
  private final IntFunction<@Nullable Region> regions;

  /**
   * A reader.
   *
   * @param regions the region of an STag on this connection, valid or not
   */
  StateReader(IntFunction<@Nullable Region> regions) {
    this.regions = regions;
  }

  /** Takes over a request that has begun; returns it when it is the half-sent one. */
  @Nullable SendRequest restore(StartedWork started, SendQueue requests, OutboundReads reads) {
    PostedWork work = started.work();
    if (requests.isFull()) {
      throw new IllegalArgumentException(
          "work request [" + work.id() + "] begun, and no room in the send queue for it");
    }
    SendRequest request = requests.claim();
    request.reset(work.id(), work.operation());
    fill(request, work);
    request.msn = (int) started.msn();
    switch (started.progress()) {
      case SENDING -> {
        request.state = SendRequest.State.SENDING;
        request.sent = started.doneBytes();
        request.seek(request.sent);
        requests.commit();
        return request;
      }
      case SENT -> {
        request.state = SendRequest.State.SENT;
        request.length = started.doneBytes();
        request.sent = request.length;
      }
      case AWAITING_RESPONSE -> {
        request.state = SendRequest.State.SENT;
        request.received = started.doneBytes();
        reads.add(request);
      }
      case DONE -> request.finish(started.status());
    }
    request.endPosition = 0; // what was sent is TCP's
    requests.commit();
    requests.advance();
    return null;
  }

  private void fill(SendRequest request, PostedWork work) {
    add(work, request.buffers);
    request.length = work.lengthBytes();
    work.target()
        .ifPresent(target -> {
          request.remoteStag = target.stag();
          request.remoteOffset = target.taggedOffset();
        });
    work.invalidateStag().ifPresent(stag -> request.remoteStag = stag);
    switch (work.operation()) {
      case SEND ->
          request.opcode = Opcode.send(work.solicited(), work.invalidateStag().isPresent());
      case IMMEDIATE -> {
        request.opcode = work.solicited() ? Opcode.IMMEDIATE_SE : Opcode.IMMEDIATE;
        request.data = work.operands().get(0);
      }
      case FETCH_ADD -> {
        request.data = work.operands().get(0);
        request.mask = work.operands().get(1);
        request.compare = 0;
        request.compareMask = 0;
      }
      case COMPARE_SWAP -> {
        request.compare = work.operands().get(0);
        request.compareMask = work.operands().get(1);
        request.data = work.operands().get(2);
        request.mask = work.operands().get(3);
      }
      case WRITE, READ, LOCAL_INVALIDATE -> {}
      case RECEIVE -> throw new IllegalArgumentException("a Receive among begun requests");
    }
  }

  void restore(PostedWork receive, int maxBuffers, ReceiveQueue receives) {
    if (receive.operation() != Operation.RECEIVE || receives.isFull()) {
      throw new IllegalArgumentException(
          receive.operation() + " [" + receive.id() + "] where a Receive with room is expected");
    }
    LocalBuffers buffers = new LocalBuffers(maxBuffers);
    add(receive, buffers);
    receives.post(receive.id(), buffers);
  }

  void restore(PeerRequest request, InboundReads answers) {
    if (answers.isFull()) {
      throw new IllegalArgumentException("more requests of the peer's than the IRD");
    }
    MemorySlice source = request.source();
    InboundRead answer = answers.add();
    answer.atomic = request.atomic();
    answer.sinkStag = request.sinkStag();
    answer.sinkOffset = request.sinkTaggedOffset();
    answer.source = source.lengthBytes() == 0 ? null : region(source.stag());
    answer.sourceOffset = source.offsetBytes();
    answer.length = source.lengthBytes();
    answer.sent = request.sentBytes();
    answer.request = request.requestId();
    answer.original = request.original();
  }

  private void add(PostedWork work, LocalBuffers to) {
    for (MemorySlice slice : work.buffers()) {
      to.add(region(slice.stag()), slice.offsetBytes(), slice.lengthBytes());
    }
  }

  private Region region(int stag) {
    Region region = regions.apply(stag);
    if (region == null) {
      throw new IllegalArgumentException("STag [%08x]: no such region here".formatted(stag));
    }
    return region;
  }
}
