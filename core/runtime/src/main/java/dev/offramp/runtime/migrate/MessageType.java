package dev.offramp.runtime.migrate;

/** Messages of a transfer, by their octet on the wire. */
final class MessageType {
  /** Sender: the descriptor in its binary form. */
  static final int OFFER = 1;

  /** Receiver: the connection is here, silent. */
  static final int PREPARED = 2;

  /** Receiver: it is not; why, as refusals and a text. */
  static final int REFUSED = 3;

  /** Sender: the old owner has let go. */
  static final int RELEASED = 4;

  /** Receiver: the connection runs here. */
  static final int ACTIVE = 5;

  /** Sender: the transfer is undone. */
  static final int ABANDON = 6;

  /** Sender: is the connection still there? */
  static final int CONFIRM = 7;

  /** Receiver: it is. */
  static final int CONFIRMED = 8;

  /** Sender: would a connection in RDMA mode be taken, and at rest in what? {@link ProfileForm}. */
  static final int ASK_NEEDS = 9;

  /** Receiver: names of {@link dev.offramp.api.transfer.Quiet}, and its limit of memory. */
  static final int NEEDS = 10;

  /** Sender: which memory the offer's regions have; see {@link MemoryPlan}. */
  static final int PLAN = 11;

  /** Receiver: there is memory. */
  static final int ALLOCATED = 12;

  /** Sender: a piece of it: u32 area, u64 offset, octets. */
  static final int MEMORY = 13;

  /** Sender: that was all. */
  static final int MEMORY_END = 14;

  private MessageType() {}
}
