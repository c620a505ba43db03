package dev.offramp.iwarp.rdmap;

import dev.offramp.api.descriptor.MemorySlice;
import dev.offramp.api.descriptor.PeerRequest;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.descriptor.StartedWork;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RemoteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Describes an engine's queues, changing nothing, and notes which regions they name. */
final class StateWriter {
  private static final long UINT32 = 0xFFFF_FFFFL;

  private final Map<Integer, RegisteredMemory> regions = new LinkedHashMap<>();

  /** The regions that were named so far. */
  List<RegisteredMemory> regions() {
    return List.copyOf(regions.values());
  }

  List<StartedWork> started(SendQueue requests) {
    List<StartedWork> started = new ArrayList<>();
    for (int i = 0; i < requests.pendingCount(); i++) {
      SendRequest request = requests.pending(i);
      if (request.state != SendRequest.State.QUEUED) {
        started.add(started(request));
      }
    }
    return started;
  }

  List<PostedWork> posted(SendQueue requests) {
    List<PostedWork> posted = new ArrayList<>();
    for (int i = 0; i < requests.pendingCount(); i++) {
      SendRequest request = requests.pending(i);
      if (request.state == SendRequest.State.QUEUED) {
        posted.add(work(request));
      }
    }
    return posted;
  }

  List<PostedWork> receives(ReceiveQueue receives) {
    List<PostedWork> posted = new ArrayList<>();
    for (int i = 0; i < receives.postedCount(); i++) {
      posted.add(
          new PostedWork(
              receives.postedId(i),
              Operation.RECEIVE,
              slices(receives.posted(i)),
              Optional.empty(),
              false,
              OptionalInt.empty(),
              List.of()));
    }
    return posted;
  }

  List<PeerRequest> peerRequests(InboundReads answers) {
    List<PeerRequest> requests = new ArrayList<>();
    for (int i = 0; i < answers.count(); i++) {
      InboundRead answer = answers.get(i);
      Region source = answer.source;
      requests.add(
          new PeerRequest(
              answer.atomic,
              answer.sinkStag,
              answer.sinkOffset,
              source == null
                  ? new MemorySlice(0, 0, 0)
                  : slice(source, answer.sourceOffset, answer.length),
              answer.sent,
              answer.request,
              answer.original));
    }
    return requests;
  }

  private StartedWork started(SendRequest request) {
    return switch (request.state) {
      case SENDING -> started(request, StartedWork.Progress.SENDING, request.sent);
      case SENT ->
          request.awaitsResponse()
              ? started(request, StartedWork.Progress.AWAITING_RESPONSE, request.received)
              : started(request, StartedWork.Progress.SENT, request.length);
      case DONE -> started(request, StartedWork.Progress.DONE, 0);
      case QUEUED -> throw new AssertionError("not started");
    };
  }

  private StartedWork started(SendRequest request, StartedWork.Progress progress, long doneBytes) {
    boolean done = progress == StartedWork.Progress.DONE;
    return new StartedWork(
        work(request),
        progress,
        doneBytes,
        request.operation == Operation.WRITE ? 0 : request.msn & UINT32,
        done ? request.status : CompletionStatus.SUCCESS);
  }

  private PostedWork work(SendRequest request) {
    boolean immediate = request.operation == Operation.IMMEDIATE;
    boolean message = immediate || request.operation == Operation.SEND;
    return new PostedWork(
        request.id,
        request.operation,
        slices(request.buffers),
        target(request),
        message && Opcode.isSolicited(request.opcode),
        isInvalidating(request) ? OptionalInt.of(request.remoteStag) : OptionalInt.empty(),
        operands(request));
  }

  private static boolean isInvalidating(SendRequest request) {
    return request.operation == Operation.LOCAL_INVALIDATE
        || (request.operation == Operation.SEND && Opcode.isInvalidating(request.opcode));
  }

  private static Optional<RemoteBuffer> target(SendRequest request) {
    return switch (request.operation) {
      case WRITE, READ, FETCH_ADD, COMPARE_SWAP ->
          Optional.of(new RemoteBuffer(request.remoteStag, request.remoteOffset, request.length));
      case SEND, RECEIVE, LOCAL_INVALIDATE, IMMEDIATE -> Optional.empty();
    };
  }

  private static List<Long> operands(SendRequest request) {
    return switch (request.operation) {
      case FETCH_ADD -> List.of(request.data, request.mask);
      case COMPARE_SWAP ->
          List.of(request.compare, request.compareMask, request.data, request.mask);
      case IMMEDIATE -> List.of(request.data);
      case SEND, RECEIVE, WRITE, READ, LOCAL_INVALIDATE -> List.of();
    };
  }

  private List<MemorySlice> slices(LocalBuffers buffers) {
    List<MemorySlice> slices = new ArrayList<>();
    for (int i = 0; i < buffers.count(); i++) {
      slices.add(slice(buffers.region(i), buffers.offset(i), buffers.length(i)));
    }
    return slices;
  }

  private MemorySlice slice(Region region, long offset, long length) {
    regions.putIfAbsent(region.stag(), region.describe());
    return new MemorySlice(region.stag(), offset, length);
  }
}
