package dev.offramp.models.chelsio;

import dev.offramp.iwarp.rdmap.Region;
import java.util.ArrayList;
import java.util.List;

/** A work request of the send queue, from the time it is fetched until it is done. */
final class SqEntry {
  private final RiWork work;
  private final int slots;
  private final boolean indication;

  /** Regions that exist for this request only. */
  private final List<Region> temporary = new ArrayList<>();

  /**
   * A request of the host's.
   *
   * @param slots how many slots of the ring become free when it is done
   */
  SqEntry(RiWork work, int slots) {
    this(work, slots, false);
  }

  private SqEntry(RiWork work, int slots, boolean indication) {
    this.work = work;
    this.slots = slots;
    this.indication = indication;
  }

  /** The ready-to-receive indication, which is in no ring. */
  static SqEntry indication(RiWork work) {
    return new SqEntry(work, 0, true);
  }

  boolean isIndication() {
    return indication;
  }

  boolean isRead() {
    return work instanceof RiWork.Read;
  }

  RiWork work() {
    return work;
  }

  int slots() {
    return slots;
  }

  void addTemporary(Region region) {
    temporary.add(region);
  }

  void forget(StagTable stags) {
    temporary.forEach(stags::forget);
    temporary.clear();
  }

  boolean wantsCompletion() {
    return (work.flags() & RiWork.COMPLETION_FLAG) != 0;
  }

  /** The opcode that completions have: what the wire has, or the local operation. */
  int opcode() {
    return switch (work) {
      case RiWork.Write w -> Cqe.WRITE;
      case RiWork.Send send -> send.sendOp();
      case RiWork.Read r -> Cqe.READ_REQ;
      case RiWork.LocalInvalidate i -> Cqe.LOCAL_INV;
      case RiWork.FastRegister f -> Cqe.FAST_REGISTER;
      case RiWork.FastRegisterEntry f -> Cqe.FAST_REGISTER;
      case RiWork.Receive r -> Cqe.SEND;
      case RiWork.WriteAndSend both -> Cqe.WRITE;
    };
  }
}
