package dev.offramp.models.intel;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.StreamPosition;
import java.util.OptionalInt;

/** Makes the engine of a loaded connection: everything that it is told is in the context. */
final class EngineFactory {
  /** Parts that one quantum of the send queue can make at most, with room to spare. */
  private static final int PARTS_PER_QUANTUM = 4;

  private static final int FIRST_MSN = 1;

  private final DeviceState device;
  private final ConnectionContext context;
  private final int ord;

  /**
   * A factory for one connection.
   *
   * @param ord outstanding Reads; 0 when the command did not say that the context's is valid
   */
  EngineFactory(DeviceState device, ConnectionContext context, int ord) {
    this.device = device;
    this.context = context;
    this.ord = ord;
  }

  /**
   * An engine at the first FPDU.
   *
   * @param role this end's in MPA start-up
   * @param streamedBytes what this end sends in streaming mode before
   * @param segmentBytes TCP's effective segment size
   * @param sendQuanta of the send queue
   * @param receives of the receive queue
   */
  RdmapStream create(
      MpaRole role, int streamedBytes, int segmentBytes, int sendQuanta, int receives) {
    boolean sendMarkers = context.isSet(ContextFields.SNDMARKERS);
    boolean receiveMarkers = context.isSet(ContextFields.RCVMARKERS);
    Integer ird = context.ird();
    return new RdmapStream(
        StreamConfig.builder(role)
            .crc(!context.isSet(ContextFields.RCVNOMPACRC))
            .markers(sendMarkers, receiveMarkers)
            .readDepths(ird == null ? 0 : ird, ord)
            .emss(segmentBytes)
            .queueDepths(PARTS_PER_QUANTUM * sendQuanta, receives)
            .maxBuffers(WorkPoster.maxBuffers())
            .domain(context.domain())
            .start(
                position(
                    sendMarkers
                        ? context.sendMarkerLag(
                            context.getInt(ContextFields.SNDNXT) + streamedBytes)
                        : 0,
                    receiveMarkers
                        ? context.receiveMarkerLag(context.getInt(ContextFields.RCVNXT))
                        : 0))
            .build(),
        device.stags.memory(),
        device.buffers);
  }

  /** The beginning, but with markers where the context has them. */
  private static StreamPosition position(int sentOctets, int receivedOctets) {
    return new StreamPosition(
        FIRST_MSN,
        FIRST_MSN,
        FIRST_MSN,
        FIRST_MSN,
        OptionalInt.of(FIRST_MSN),
        FIRST_MSN,
        sentOctets,
        receivedOctets,
        false);
  }
}
