package dev.offramp.api.descriptor;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RemoteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Random regions, and work that stays inside them. */
final class RdmaModeValues {
  private static final int MAX_ITEMS = 3;

  private final RandomValues values;
  private final List<RegisteredMemory> regions;

  RdmaModeValues(RandomValues values) {
    this.values = values;
    this.regions = regions(values);
  }

  static List<RegisteredMemory> regions(RandomValues values) {
    List<RegisteredMemory> regions = new ArrayList<>();
    Set<Integer> stags = new HashSet<>();
    for (int i = values.range(0, MAX_ITEMS); i >= 0; i--) {
      int stag = (int) values.uint32();
      if (stags.add(stag)) {
        long size = values.bool() ? values.range(0, 1000) : values.uint63() >> 2;
        long to = values.bool() ? -size : values.uint63() >> 2;
        regions.add(new RegisteredMemory(stag, to, size, access(values), values.bool()));
      }
    }
    return regions;
  }

  private static Set<Access> access(RandomValues values) {
    Set<Access> rights = EnumSet.noneOf(Access.class);
    for (Access right : Access.values()) {
      if (values.bool()) {
        rights.add(right);
      }
    }
    return rights;
  }

  List<RegisteredMemory> regions() {
    return regions;
  }

  private MemorySlice slice() {
    RegisteredMemory region = regions.get(values.range(0, regions.size() - 1));
    long offset = Math.min(region.sizeBytes(), values.uint63() >> 2);
    return new MemorySlice(
        region.stag(), offset, Math.min(region.sizeBytes() - offset, values.range(0, 1000)));
  }

  PostedWork receive() {
    return work(Operation.RECEIVE);
  }

  PostedWork work() {
    Operation operation = values.choice(Operation.class);
    return work(operation == Operation.RECEIVE ? Operation.SEND : operation);
  }

  private PostedWork work(Operation operation) {
    int buffers =
        switch (operation) {
          case SEND, RECEIVE, WRITE -> values.range(0, MAX_ITEMS);
          case READ, FETCH_ADD, COMPARE_SWAP -> 1;
          case IMMEDIATE, LOCAL_INVALIDATE -> 0;
        };
    int operands =
        switch (operation) {
          case FETCH_ADD -> 2;
          case COMPARE_SWAP -> 4;
          case IMMEDIATE -> 1;
          default -> 0;
        };
    boolean targets = operands > 1 || operation == Operation.WRITE || operation == Operation.READ;
    boolean invalidates =
        operation == Operation.LOCAL_INVALIDATE || (operation == Operation.SEND && values.bool());
    return new PostedWork(
        values.uint64(),
        operation,
        many(buffers, this::slice),
        targets
            ? Optional.of(new RemoteBuffer((int) values.uint32(), values.uint64(), values.uint63()))
            : Optional.empty(),
        (operation == Operation.SEND || operation == Operation.IMMEDIATE) && values.bool(),
        invalidates ? OptionalInt.of((int) values.uint32()) : OptionalInt.empty(),
        many(operands, values::uint64));
  }

  List<StartedWork> startedWork() {
    List<StartedWork> started = new ArrayList<>();
    for (int i = values.range(0, MAX_ITEMS); i > 0; i--) {
      started.add(started(work(), i == 1));
    }
    return started;
  }

  private StartedWork started(PostedWork work, boolean last) {
    if (values.bool()) {
      return new StartedWork(
          work,
          StartedWork.Progress.DONE,
          0,
          values.uint32(),
          values.choice(CompletionStatus.class));
    }
    long some = Math.min(work.lengthBytes(), values.uint63());
    if (work.awaitsResponse()) {
      return new StartedWork(
          work,
          StartedWork.Progress.AWAITING_RESPONSE,
          some,
          values.uint32(),
          CompletionStatus.SUCCESS);
    }
    return last && values.bool()
        ? new StartedWork(
            work, StartedWork.Progress.SENDING, some, values.uint32(), CompletionStatus.SUCCESS)
        : new StartedWork(
            work, StartedWork.Progress.SENT, 0, values.uint32(), CompletionStatus.SUCCESS);
  }

  PeerRequest peerRequest() {
    boolean atomic = values.bool();
    MemorySlice source = atomic ? new MemorySlice((int) values.uint32(), 0, 0) : slice();
    return new PeerRequest(
        atomic,
        (int) values.uint32(),
        values.uint64(),
        source,
        Math.min(source.lengthBytes(), values.uint63()),
        (int) values.uint32(),
        values.uint64());
  }

  PartialMessage partialMessage(PostedWork receive) {
    return new PartialMessage(
        values.range(0, 15), Math.min(receive.lengthBytes(), values.uint32()));
  }

  Completion completion() {
    return new Completion(
        values.uint64(),
        values.choice(Operation.class),
        values.choice(CompletionStatus.class),
        values.uint63(),
        values.bool(),
        values.bool() ? OptionalInt.of((int) values.uint32()) : OptionalInt.empty(),
        values.bool() ? OptionalLong.of(values.uint64()) : OptionalLong.empty());
  }

  <T> List<T> some(java.util.function.Supplier<T> one) {
    return many(values.range(0, MAX_ITEMS), one);
  }

  private static <T> List<T> many(int count, java.util.function.Supplier<T> one) {
    List<T> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(one.get());
    }
    return all;
  }
}
