package dev.offramp.api.descriptor;

import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RemoteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apiguardian.api.API;

/**
 * A work request that travels: what {@link dev.offramp.api.rdma.WorkRequest} says, with STags in
 * place of regions. Immutable.
 *
 * @param id the application's own number
 * @param operation what is to be done
 * @param buffers local memory, in order; one for Reads and atomic operations, none for an immediate
 *     and a local invalidation
 * @param target the peer's memory; present for Writes, Reads and atomic operations, and only there
 * @param solicited for a Send or an immediate: whether the peer is asked to raise an event
 * @param invalidateStag for a Send: the peer's STag that it revokes, if any; for a local
 *     invalidation: the STag
 * @param operands 64-bit values: add and its mask; compare, its mask, swap and its mask; immediate
 *     data. Empty for other operations
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record PostedWork(
    long id,
    Operation operation,
    List<MemorySlice> buffers,
    Optional<RemoteBuffer> target,
    boolean solicited,
    OptionalInt invalidateStag,
    List<Long> operands) {
  static final int MAX_BUFFERS = 64;
  static final int MAX_OPERANDS = 4;

  public PostedWork {
    buffers = List.copyOf(buffers);
    operands = List.copyOf(operands);
    require(operandsOf(operation) == operands.size(), operation, operands.size() + " operands");
    require(hasTarget(operation) == target.isPresent(), operation, "target " + target);
    require(areBuffersRight(operation, buffers.size()), operation, buffers.size() + " buffers");
    require(
        !solicited || operation == Operation.SEND || operation == Operation.IMMEDIATE,
        operation,
        "a solicited event");
    require(
        operation == Operation.LOCAL_INVALIDATE
            ? invalidateStag.isPresent()
            : invalidateStag.isEmpty() || operation == Operation.SEND,
        operation,
        "invalidateStag " + invalidateStag);
    long total = 0;
    for (MemorySlice buffer : buffers) {
      require(Long.MAX_VALUE - total >= buffer.lengthBytes(), operation, "buffers beyond 2^63");
      total += buffer.lengthBytes();
    }
  }

  /** Payload bytes that the operation moves. */
  public long lengthBytes() {
    long total = 0;
    for (MemorySlice buffer : buffers) {
      total += buffer.lengthBytes();
    }
    return operation == Operation.IMMEDIATE ? Long.BYTES : total;
  }

  /** Whether the operation completes with the peer's response. */
  public boolean awaitsResponse() {
    return operation == Operation.READ || isAtomic(operation);
  }

  private static boolean isAtomic(Operation operation) {
    return operation == Operation.FETCH_ADD || operation == Operation.COMPARE_SWAP;
  }

  private static boolean hasTarget(Operation operation) {
    return operation == Operation.WRITE || operation == Operation.READ || isAtomic(operation);
  }

  private static int operandsOf(Operation operation) {
    return switch (operation) {
      case FETCH_ADD -> 2;
      case COMPARE_SWAP -> MAX_OPERANDS;
      case IMMEDIATE -> 1;
      case SEND, RECEIVE, WRITE, READ, LOCAL_INVALIDATE -> 0;
    };
  }

  private static boolean areBuffersRight(Operation operation, int count) {
    return switch (operation) {
      case READ, FETCH_ADD, COMPARE_SWAP -> count == 1;
      case IMMEDIATE, LOCAL_INVALIDATE -> count == 0;
      case SEND, RECEIVE, WRITE -> count <= MAX_BUFFERS;
    };
  }

  private static void require(boolean holds, Operation operation, String seen) {
    if (!holds) {
      throw new InvalidDescriptorException(
          "iwarp.work", operation + " with " + seen, "what the operation takes");
    }
  }
}
