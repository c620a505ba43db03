package dev.offramp.benchmarks.posting;

import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RemoteBuffer;

/** A connection whose device stands still while a batch is posted. For one thread. */
interface PostingDevice extends AutoCloseable {
  /** Its kind: {@code t6}. */
  String name();

  RdmaConnection connection();

  /** What is sent and written from. */
  MemoryRegion source();

  /** What is written to. */
  RemoteBuffer target();

  /** The most buffers of a Send or Write. */
  int gatherEntries();

  /** The longest message that this driver puts into the work request itself. */
  int inlineBytes();

  /** Makes room at the peer for so many messages, and holds the device still. */
  void hold(int messages);

  /** Lets the device go on; returns how many register writes were held back. */
  int release();

  /** The peer has nothing left of the last batch. */
  void settle(int messages);

  @Override
  void close() throws Exception;
}
