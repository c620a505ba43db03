package dev.offramp.benchmarks.softiwarp;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.RdmaConnection;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.SocketChannel;

/** Takes a TCP connection and makes it carry RDMA. */
interface Owner extends AutoCloseable {
  RdmaConnection offload(SocketChannel tcp, MpaRole role, boolean crc, ConnectionSetup setup)
      throws IOException;

  /** Memory that an application registered: what moves to and from it is not copied. */
  default void watch(MemorySegment memory) {}

  @Override
  void close();
}
