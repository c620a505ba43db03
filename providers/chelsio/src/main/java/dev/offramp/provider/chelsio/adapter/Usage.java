package dev.offramp.provider.chelsio.adapter;

/**
 * What of an adapter's numbers and memory is in use.
 *
 * @param tids connections with a tid
 * @param opens connections without one yet
 * @param domains protection domains
 * @param workQueues numbers of send and receive queues
 * @param completionQueues numbers of completion queues
 * @param stags STags
 * @param pageLists pieces of page-list memory
 * @param receiveTables pieces of the table of posted Receives
 * @param nextHops entries of the next-hop table
 * @param sourceMacs entries of the table of source addresses
 * @param localAddresses IPv6 addresses
 * @param replies answers that are waited for
 * @param reads inbound Read depth
 */
public record Usage(
    int tids,
    int opens,
    int domains,
    int workQueues,
    int completionQueues,
    int stags,
    int pageLists,
    int receiveTables,
    int nextHops,
    int sourceMacs,
    int localAddresses,
    int replies,
    int reads) {
  /** Nothing. */
  public static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
