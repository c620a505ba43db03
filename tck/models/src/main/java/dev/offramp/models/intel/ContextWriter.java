package dev.offramp.models.intel;

import static dev.offramp.models.intel.ContextFields.*;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpState;

/**
 * Writes the state of a stopped connection over the context that it was loaded from, for
 * UPLOAD_CONTEXT. The layout of what a device uploads is not public; that it is the layout it loads
 * is an <b>inference</b>, and the raw-format bit changes nothing here.
 */
final class ContextWriter {
  private ContextWriter() {}

  /** A copy of {@code loaded} with what TCP says now. */
  static long[] write(long[] loaded, IwarpConnectionDescriptor now) {
    long[] words = loaded.clone();
    put(words, SNDUNA, now.get(DescriptorFields.SND_UNA));
    put(words, SNDNXT, now.get(DescriptorFields.SND_NXT));
    put(words, SNDMAX, now.get(DescriptorFields.SND_MAX));
    put(words, SNDWND, now.get(DescriptorFields.SND_WND));
    put(words, SNDWL1, now.get(DescriptorFields.SND_WL1));
    put(words, SNDWL2, now.get(DescriptorFields.SND_UNA));
    put(words, RCVNXT, now.get(DescriptorFields.RCV_NXT));
    put(words, RCVWND, now.get(DescriptorFields.RCV_WND));
    put(words, CWND, now.get(DescriptorFields.CWND_BYTES));
    put(words, SSTHRESH, now.get(DescriptorFields.SSTHRESH_BYTES));
    long largest =
        Math.max(
            now.get(DescriptorFields.MAX_SND_WND).orElse(0L),
            Math.max(now.get(DescriptorFields.SND_WND).orElse(0L), MAXSNDWND.get(words)));
    MAXSNDWND.set(words, largest);
    TCPSTATE.set(
        words,
        now.get(DescriptorFields.TCP_STATE).orElse(TcpState.ESTABLISHED) == TcpState.CLOSE_WAIT
            ? ConnectionLoader.STATE_CLOSE_WAIT
            : ConnectionLoader.STATE_ESTABLISHED);
    // Units are not public, so nothing can be said.
    SRTT.set(words, 0);
    RTTVAR.set(words, 0);
    return words;
  }

  /** Whether queues of TCP hold bytes, which a context cannot say. */
  static boolean hasBytes(IwarpConnectionDescriptor now) {
    return !now.get(DescriptorFields.UNREAD).orElse(Octets.empty()).isEmpty()
        || !now.get(DescriptorFields.UNSENT).orElse(Octets.empty()).isEmpty()
        || !now.get(DescriptorFields.UNACKNOWLEDGED).orElse(Octets.empty()).isEmpty();
  }

  private static void put(long[] words, dev.offramp.models.intel.Field field, Field<Long> value) {
    if (value.isKnown()) {
      field.set(words, Math.min(value.value(), 0xFFFF_FFFFL));
    }
  }
}
