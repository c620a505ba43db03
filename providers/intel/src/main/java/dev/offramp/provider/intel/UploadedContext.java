package dev.offramp.provider.intel;

import static dev.offramp.api.descriptor.DescriptorFields.CWND_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.MAX_SND_WND;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WND;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WUP;
import static dev.offramp.api.descriptor.DescriptorFields.RTO_MICROS;
import static dev.offramp.api.descriptor.DescriptorFields.RTTVAR_MICROS;
import static dev.offramp.api.descriptor.DescriptorFields.SND_MAX;
import static dev.offramp.api.descriptor.DescriptorFields.SND_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.SND_UNA;
import static dev.offramp.api.descriptor.DescriptorFields.SND_WL1;
import static dev.offramp.api.descriptor.DescriptorFields.SND_WND;
import static dev.offramp.api.descriptor.DescriptorFields.SRTT_MICROS;
import static dev.offramp.api.descriptor.DescriptorFields.SSTHRESH_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.UNACKNOWLEDGED;
import static dev.offramp.api.descriptor.DescriptorFields.UNREAD;
import static dev.offramp.api.descriptor.DescriptorFields.UNSENT;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.provider.intel.layout.QpContext;
import dev.offramp.provider.intel.layout.TcpContext;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * What a device says of a frozen connection's TCP. <b>Inference:</b> that it has the layout of a
 * context that is loaded, and that queues are empty when the device freezes.
 */
final class UploadedContext {
  private static final String SOURCE = "the uploaded context";

  private final TcpContext now = new TcpContext();

  /**
   * Reads and checks it.
   *
   * @param uploaded 256 bytes
   * @param loaded the context that the connection was loaded from, at {@code offset}
   * @throws CommandException when it is not this connection's, or TCP is no longer established
   */
  UploadedContext(MemorySegment uploaded, MemorySegment loaded, long offset)
      throws CommandException {
    TcpContext then = new TcpContext();
    QpContext.readTcp(loaded, offset, then);
    QpContext.readTcp(uploaded, 0, now);
    if (now.localPort != then.localPort
        || now.remotePort != then.remotePort
        || now.ipv4 != then.ipv4
        || !Arrays.equals(now.localAddress, then.localAddress)
        || !Arrays.equals(now.remoteAddress, then.remoteAddress)) {
      throw new CommandException(
          "the uploaded context is of local port [%d], remote port [%d], expected [%d], [%d] and the addresses of this connection; reset the adapter"
              .formatted(now.localPort, now.remotePort, then.localPort, then.remotePort));
    }
    if (now.tcpState != TcpContext.ESTABLISHED || now.sndUna != now.sndMax) {
      throw new CommandException(
          "the uploaded context has TCP state [%d], SND.UNA [%08x], SND.MAX [%08x], expected state [%d] and nothing unacknowledged"
              .formatted(now.tcpState, now.sndUna, now.sndMax, TcpContext.ESTABLISHED));
    }
  }

  /** Puts TCP's part into a descriptor that has the rest. */
  void describe(IwarpConnectionDescriptor.Builder to) {
    to.present(SND_UNA, unsigned(now.sndUna), SOURCE)
        .present(SND_NXT, unsigned(now.sndMax), SOURCE)
        .present(SND_MAX, unsigned(now.sndMax), SOURCE)
        .present(SND_WND, unsigned(now.sndWnd), SOURCE)
        .present(SND_WL1, unsigned(now.sndWl1), SOURCE)
        .present(MAX_SND_WND, unsigned(now.maxSndWnd), SOURCE)
        .present(RCV_NXT, unsigned(now.rcvNxt), SOURCE)
        .present(RCV_WND, unsigned(now.rcvWnd), SOURCE)
        .derived(RCV_WUP, unsigned(now.rcvNxt), "RCV.NXT: all is acknowledged")
        .present(CWND_BYTES, unsigned(now.cwnd), SOURCE)
        .present(SSTHRESH_BYTES, unsigned(now.ssthresh), SOURCE)
        .absent(SRTT_MICROS, "the unit of the context is not public")
        .absent(RTTVAR_MICROS, "the unit of the context is not public")
        .absent(RTO_MICROS, "not in the context")
        .derived(UNSENT, Octets.empty(), "the device freezes with empty queues")
        .derived(UNACKNOWLEDGED, Octets.empty(), "SND.UNA is SND.MAX")
        .derived(UNREAD, Octets.empty(), "the device freezes with empty queues");
  }

  long sndMax() {
    return unsigned(now.sndMax);
  }

  long rcvNxt() {
    return unsigned(now.rcvNxt);
  }

  private static long unsigned(int number) {
    return Integer.toUnsignedLong(number);
  }
}
