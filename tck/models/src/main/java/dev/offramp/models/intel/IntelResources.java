package dev.offramp.models.intel;

/**
 * What a driver holds of the chip. All zero again when it has given everything back.
 *
 * @param queuePairs QPs, raw packets' ones too
 * @param completionQueues CQs, the control queue's too
 * @param completionEventQueues CEQs
 * @param asyncEventQueues 0 or 1
 * @param stags STags allocated or registered
 * @param arpEntries entries of the ARP table
 * @param localMacs entries of the local MAC table
 * @param acceleratedPorts ports of the APBVT
 * @param quads 4-tuples of the quad hash; each is a claim on the link
 * @param listeners SYN entries of the quad hash
 */
public record IntelResources(
    int queuePairs,
    int completionQueues,
    int completionEventQueues,
    int asyncEventQueues,
    int stags,
    int arpEntries,
    int localMacs,
    int acceleratedPorts,
    int quads,
    int listeners) {
  /** Nothing. */
  public static final IntelResources NONE = new IntelResources(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
