package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.provider.chelsio.adapter.Parameters;
import dev.offramp.provider.chelsio.wire.RiWorkRequest;
import dev.offramp.spi.RnicCapabilities;
import java.util.Set;

/** What the chip declares. */
public final class ChipCapabilities {
  private ChipCapabilities() {}

  /**
   * The declaration of one adapter.
   *
   * @param parameters what its firmware offers
   */
  public static RnicCapabilities of(Parameters parameters, ConnectionSettings settings) {
    return new RnicCapabilities(
        ChelsioConnection.OPERATIONS,
        TcpResidence.NEW_OWNER,
        Set.of(1, Limits.ENHANCED_REVISION),
        /* sendMarkers= */ true,
        /* receiveMarkers= */ true,
        /* crcCanBeOff= */ true,
        parameters.maxReadDepth(),
        parameters.maxReadDepth(),
        Limits.maxPrivateDataBytes(Limits.ENHANCED_REVISION),
        RiWorkRequest.MAX_SQ_SGE,
        RiWorkRequest.MAX_RQ_SGE,
        settings.sendQueueEntries(),
        settings.receiveQueueEntries(),
        /* needsDrainedSendQueue= */ true,
        // A CQE that reports an error has no header in it (t4.h, t4_cqe), and the vendor's own
        // driver announces none (iw_cxgb4/qp.c, build_term_codes and post_terminate).
        /* copiesBadSegments= */ false,
        ConnectionPlan.CONSUMES,
        ConnectionPlan.DEFAULTS);
  }
}
