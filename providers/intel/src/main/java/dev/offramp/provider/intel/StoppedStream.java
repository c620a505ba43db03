package dev.offramp.provider.intel;

import static dev.offramp.api.descriptor.DescriptorFields.ATOMIC_RESPONSE_MSN;
import static dev.offramp.api.descriptor.DescriptorFields.COMPLETIONS;
import static dev.offramp.api.descriptor.DescriptorFields.IWARP_PHASE;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_RECEIVE_START;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_SEND_START;
import static dev.offramp.api.descriptor.DescriptorFields.PARTIAL_MESSAGE;
import static dev.offramp.api.descriptor.DescriptorFields.PEER_ATOMIC_RESPONSE_MSN;
import static dev.offramp.api.descriptor.DescriptorFields.PEER_HEARD;
import static dev.offramp.api.descriptor.DescriptorFields.PEER_REQUESTS;
import static dev.offramp.api.descriptor.DescriptorFields.POSTED_RECEIVES;
import static dev.offramp.api.descriptor.DescriptorFields.POSTED_WORK;
import static dev.offramp.api.descriptor.DescriptorFields.READY_TO_RECEIVE_AWAITED;
import static dev.offramp.api.descriptor.DescriptorFields.READY_TO_RECEIVE_SENT;
import static dev.offramp.api.descriptor.DescriptorFields.READ_REQUEST_MSN;
import static dev.offramp.api.descriptor.DescriptorFields.READ_RESPONSE_MSN;
import static dev.offramp.api.descriptor.DescriptorFields.RECEIVED_OCTETS;
import static dev.offramp.api.descriptor.DescriptorFields.RECEIVE_MSN;
import static dev.offramp.api.descriptor.DescriptorFields.REGIONS;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_MSN;
import static dev.offramp.api.descriptor.DescriptorFields.SENT_OCTETS;
import static dev.offramp.api.descriptor.DescriptorFields.STARTED_WORK;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import java.util.List;
import java.util.Map;

/**
 * What the next owner of a connection is told of its iWARP stream.
 *
 * <p>The context has no field for an MSN. What this end sent, and what it received on queue 0, is
 * known from completions. How many Reads the peer has sent only the device knows, so the number of
 * the next one is absent where the peer may have sent any: TCP loses nothing, so the next owner
 * learns it from the first that comes.
 */
final class StoppedStream {
  private static final String SOURCE = "the driver's count of completions";
  private static final String NO_ATOMICS = "the device has no atomic operations";
  private static final long UINT32 = 0xFFFF_FFFFL;

  private StoppedStream() {}

  /** Describes a connection that the device has frozen. */
  static IwarpConnectionDescriptor describe(IntelConnection connection, UploadedContext uploaded) {
    connection.enterAnyway();
    try {
      // What came until the device froze.
      connection.drain();
      IwarpConnectionDescriptor then = connection.descriptor();
      IwarpConnectionDescriptor.Builder to = then.toBuilder();
      uploaded.describe(to);
      long sent = uploaded.sndMax() - then.value(MPA_SEND_START) & UINT32;
      long received = uploaded.rcvNxt() - then.value(MPA_RECEIVE_START) & UINT32;
      boolean isUntouched =
          sent == 0
              && received == 0
              && connection.traffic().isNone()
              && connection.intake().messages() == 0;
      if (isUntouched) {
        to.present(IWARP_PHASE, IwarpPhase.STARTED, "no octet has been sent or received");
        DescriptorFields.streamPosition().forEach(key -> to.absent(key, "before the first FPDU"));
      } else {
        describe(connection, sent, received, to);
      }
      describeWork(connection, to);
      return to.build();
    } finally {
      connection.exit();
    }
  }

  private static void describe(
      IntelConnection connection, long sent, long received, IwarpConnectionDescriptor.Builder to) {
    // The device freezes where an FPDU ends, so one octet is an FPDU.
    boolean heard = received != 0 || connection.intake().messages() > 0;
    boolean ready =
        connection.mpa().role() == MpaRole.RESPONDER
            || connection.mpa().rtr() == RtrKind.NONE
            || sent != 0
            || !connection.traffic().isNone();
    to.present(IWARP_PHASE, IwarpPhase.RDMA, SOURCE)
        .derived(SENT_OCTETS, sent, "SND.MAX less the first FPDU's, modulo 2^32")
        .derived(RECEIVED_OCTETS, received, "RCV.NXT less the first FPDU's, modulo 2^32")
        .derived(PEER_HEARD, heard, "RCV.NXT")
        .derived(READY_TO_RECEIVE_SENT, ready, "SND.MAX, or none is due")
        .derived(READY_TO_RECEIVE_AWAITED, false, "the device freezes when all is answered");
    describeNumbers(connection, heard, to);
  }

  /**
   * The numbers that the driver knows, of a connection that runs or is stopped. Under the lock.
   *
   * @param heard whether the peer may have sent an FPDU
   */
  static void describeNumbers(
      IntelConnection connection, boolean heard, IwarpConnectionDescriptor.Builder to) {
    to.present(SEND_MSN, connection.workLog().sendMsn() & UINT32, SOURCE)
        .present(READ_REQUEST_MSN, connection.workLog().readMsn() & UINT32, SOURCE)
        .present(RECEIVE_MSN, 1 + connection.intake().messages() & UINT32, SOURCE)
        .present(ATOMIC_RESPONSE_MSN, 1L, NO_ATOMICS)
        .present(PEER_ATOMIC_RESPONSE_MSN, 1L, NO_ATOMICS);
    MpaResult mpa = connection.mpa();
    boolean readIndicates = mpa.role() == MpaRole.RESPONDER && mpa.rtr() == RtrKind.READ;
    if (!heard) {
      to.derived(READ_RESPONSE_MSN, 1L, "the peer has sent nothing");
    } else if (mpa.ird() == 0) {
      // A Read of nothing as indication needs no IRD (RFC 6581, section 9).
      to.derived(READ_RESPONSE_MSN, readIndicates ? 2L : 1L, "the peer may not send Reads");
    } else {
      to.absent(READ_RESPONSE_MSN, "how many Reads the peer has sent, only the device knows");
    }
  }

  /** What has completed and was not polled, and what waits for messages of the peer's. */
  private static void describeWork(
      IntelConnection connection, IwarpConnectionDescriptor.Builder to) {
    Map<Integer, RegisteredMemory> regions = connection.regions().describe();
    List<PostedWork> receives = connection.receiveLog().describe(regions);
    to.present(POSTED_RECEIVES, receives, "the driver's receive queue")
        .present(COMPLETIONS, connection.completionStore().describe(), "the driver's queue")
        .present(REGIONS, List.copyOf(regions.values()), "the driver's table")
        .absent(STARTED_WORK, "all that was begun is done")
        .absent(POSTED_WORK, "all that was posted is done")
        .absent(PEER_REQUESTS, "the device freezes when all is answered")
        .absent(PARTIAL_MESSAGE, "the device freezes between two messages");
  }
}
