package dev.offramp.cli.demo;

import java.net.InetSocketAddress;
import java.util.Map;

/**
 * What both parties of a demonstration have to know.
 *
 * @param address where the peer listens; port 0 lets the system choose
 * @param bytes how many each way by each RDMA operation, a multiple of 8
 * @param plainBytes how many each way before the move, a multiple of 8
 * @param loadBytes how many each way under refused moves, a multiple of 8
 * @param rnic the RNIC that takes the host's connection
 * @param settings settings for the runtime
 * @param modelled whether that RNIC is a model of an adapter
 */
public record PartyPlan(
    InetSocketAddress address,
    long bytes,
    long plainBytes,
    long loadBytes,
    String rnic,
    Map<String, String> settings,
    boolean modelled) {
  /**
   * Each way, in a first conversation that is not reported: a JVM loads and compiles in its first
   * one what an application at work has loaded long ago.
   */
  static final long REHEARSAL_BYTES = 1L << 20;
}
