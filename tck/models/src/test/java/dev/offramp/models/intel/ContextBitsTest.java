package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.intel.RawConnection.Memory;
import dev.offramp.models.intel.RawDriver.Done;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every bit of the context, flipped: the load is refused, the connection breaks, or the field is
 * one of those that the model does without and says so ({@link ConnectionLoader}).
 */
final class ContextBitsTest {
  private static final int BYTES = 4000;

  /** Fields whose bits make no difference, each with its reason. */
  private static final Set<Field> UNUSED =
      Set.of(
          // Reads in which the sink needs no remote right: not modelled.
          ContextFields.IBRDENABLE,
          // Nagle, keep-alive and what is done with SYN, duplicates, options: nothing on this wire.
          ContextFields.NONAGLE,
          ContextFields.KEEPALIVE,
          ContextFields.LIMIT,
          ContextFields.DROPOOOSEG,
          ContextFields.DUPACK_THRESH,
          ContextFields.AVOIDSTRETCHACK,
          ContextFields.SYN_RST_HANDLING,
          ContextFields.IGNORE_TCP_OPT,
          ContextFields.IGNORE_TCP_UNS_OPT,
          ContextFields.KEEPALIVE_INTERVAL,
          ContextFields.KALIVE_TIMER_MAX_PROBES,
          ContextFields.REXMIT_THRESH,
          // Marks in IP headers that a simulated link does not look at.
          ContextFields.TOS,
          ContextFields.TTL,
          ContextFields.ECN_EN,
          ContextFields.VLANTAG,
          ContextFields.FLOWLABEL,
          ContextFields.MACADDRESS,
          // DCTCP, Timely, units that are not public.
          ContextFields.DC_TCP_EN,
          ContextFields.TIMELYENABLE,
          ContextFields.THIGH,
          ContextFields.TLOW,
          ContextFields.SRTT,
          ContextFields.RTTVAR,
          ContextFields.RTOMIN,
          ContextFields.TIMESTAMP_RECENT,
          ContextFields.TIMESTAMP_AGE,
          // Growth of the window from here on: a matter of speed.
          ContextFields.CWND,
          ContextFields.SSTHRESH,
          ContextFields.MAXSNDWND,
          // Memory, hints, queues for others.
          ContextFields.ERR_RQ_IDX,
          ContextFields.ERR_RQ_IDX_VALID,
          ContextFields.RCVTPHEN,
          ContextFields.XMITTPHEN,
          ContextFields.RQTPHEN,
          ContextFields.SQTPHEN,
          ContextFields.SQTPHVAL,
          ContextFields.RQTPHVAL,
          ContextFields.PPIDX,
          ContextFields.PMENA,
          ContextFields.QSHANDLE,
          ContextFields.EXCEPTION_LAN_QUEUE,
          ContextFields.STAT_INDEX,
          ContextFields.USESTATSINSTANCE,
          ContextFields.LASTBYTESENT,
          ContextFields.ALIGNHDRS,
          ContextFields.BINDEN,
          ContextFields.FASTREGEN,
          // A privileged QP may use STag 0; this one does not.
          ContextFields.PRIVEN,
          // Markers are off.
          ContextFields.SNDMARKOFFSET,
          ContextFields.RCVMARKOFFSET,
          // Fewer or more Reads at once than this exchange has.
          ContextFields.ORDSIZE,
          ContextFields.IRDSIZE,
          // Smaller segments and windows are slower, and larger ones than the peer's are not used;
          // a few kilobytes fill no window, whatever its scale.
          ContextFields.SNDSCALE,
          ContextFields.RCVSCALE,
          ContextFields.SNDMSS,
          ContextFields.SNDWND,
          ContextFields.RCVWND,
          ContextFields.SNDWL1,
          ContextFields.SNDWL2);

  static List<AdapterModelFactory> kinds() {
    return Bench.kinds();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyBit(AdapterModelFactory kind) {
    Set<String> survivors = new TreeSet<>();
    for (Field field : ContextVectorsTest.allFields()) {
      for (int bit = field.low(); bit <= field.high(); bit++) {
        if (survives(kind, field.word(), bit)) {
          if (!UNUSED.contains(field) && !isOfOtherChip(kind, field)) {
            survivors.add("word %d, bit %d, %s".formatted(field.word(), bit, field));
          }
        }
      }
    }
    assertThat(survivors).isEmpty();
  }

  private static boolean isOfOtherChip(AdapterModelFactory kind, Field field) {
    return field.equals(
        kind.device().name().equals("e810")
            ? ContextFields.GEN1_SRCMACADDRIDX
            : ContextFields.MACADDRESS);
  }

  /** Whether bytes still go both ways, and the host hears of it under the right name. */
  private static boolean survives(AdapterModelFactory kind, int word, int bit) {
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      SimulatedConnection connection = TakeoverTest.connect(bench, false);
      RawConnection raw = new RawConnection(bench.driver, 3, connection.descriptor());
      GoldenPeer peer = bench.peer(connection, MpaRole.RESPONDER);
      Memory mine = raw.register(BYTES);
      Region theirs = peer.register(BYTES);
      peer.receive(1, theirs, 0, BYTES);
      raw.claim();
      raw.writeContext();
      raw.put(word, raw.get(word) ^ (1L << bit));
      try (raw) {
        if (raw.toRts().error()) {
          return false;
        }
        raw.receive(mine, 0, BYTES);
        raw.send(mine, 0, BYTES);
        return exchange(bench, raw, peer, theirs);
      }
    }
  }

  private static boolean exchange(Bench bench, RawConnection raw, GoldenPeer peer, Region theirs) {
    // The simulated link has no delays: when the loop has nothing to do, nothing more will come.
    settle(bench);
    Done sent = raw.driver.poll(raw.sendCq);
    if (sent == null
        || sent.error()
        || sent.q1() != raw.completionContext()
        || peer.completionCount() != 1
        || !peer.isRunning()) {
      return false;
    }
    peer.take();
    peer.send(2, theirs, 0, BYTES);
    settle(bench);
    Done received = raw.driver.poll(raw.receiveCq);
    return received != null
        && !received.error()
        && received.q1() == raw.completionContext()
        && received.bytes() == BYTES
        && raw.driver.pollEvent() == null
        && peer.isRunning();
  }

  private static void settle(Bench bench) {
    for (int i = 0; i < 20; i++) {
      bench.loop.run(() -> {});
    }
  }
}
