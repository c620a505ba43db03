package dev.offramp.provider.chelsio.connection;

import dev.offramp.provider.chelsio.wire.RiWorkRequest;

/**
 * What users can set for connections.
 *
 * @param sendQueueEntries work requests in flight, Receives aside
 * @param receiveQueueEntries Receives posted
 * @param inlineBytes Sends and Writes up to this length carry their bytes in the work request
 * @param sendBufferBytes what the chip may keep for retransmission ({@code FW_FLOWC_MNEM_SNDBUF})
 * @param lingerNanos how long a close waits for the peer
 */
public record ConnectionSettings(
    int sendQueueEntries,
    int receiveQueueEntries,
    int inlineBytes,
    int sendBufferBytes,
    long lingerNanos) {
  /** The most that {@code inlineBytes} can be. */
  public static final int MAX_INLINE_BYTES = RiWorkRequest.MAX_INLINE_BYTES;
}
