package dev.offramp.runtime.move;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.StartedWork;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Completions that a descriptor carries, or that its work gets when there is no owner any more. */
final class Unpolled {
  private Unpolled() {}

  static List<Completion> of(IwarpConnectionDescriptor d) {
    return list(d, DescriptorFields.COMPLETIONS);
  }

  /** One for each request, in the order in which an owner flushes them. */
  static List<Completion> flushed(IwarpConnectionDescriptor d) {
    List<Completion> flushed = new ArrayList<>();
    for (StartedWork started : list(d, DescriptorFields.STARTED_WORK)) {
      boolean done = started.progress() == StartedWork.Progress.DONE;
      flushed.add(of(started.work(), done ? started.status() : CompletionStatus.FLUSHED));
    }
    for (PostedWork work : list(d, DescriptorFields.POSTED_WORK)) {
      flushed.add(of(work, CompletionStatus.FLUSHED));
    }
    for (PostedWork receive : list(d, DescriptorFields.POSTED_RECEIVES)) {
      flushed.add(of(receive, CompletionStatus.FLUSHED));
    }
    return flushed;
  }

  private static Completion of(PostedWork work, CompletionStatus status) {
    return new Completion(
        work.id(),
        work.operation(),
        status,
        status == CompletionStatus.SUCCESS ? work.lengthBytes() : 0,
        false,
        OptionalInt.empty(),
        OptionalLong.empty());
  }

  private static <T extends Object> List<T> list(
      IwarpConnectionDescriptor d, FieldKey<List<T>> key) {
    return d.get(key).orElse(List.of());
  }
}
