package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.models.ModelLoop;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.SimulatedLink;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What UPLOAD_CONTEXT writes, MODIFY_QP reads again: any state, same meaning. */
final class ContextRoundTripTest {
  private static final int ROUNDS = 2000;
  private static final long UINT32 = 0xFFFF_FFFFL;
  private static final int PORT = 7471;
  private static final int ARP_INDEX = 9;

  private static final List<FieldKey<Long>> STATE =
      List.of(
          DescriptorFields.SND_UNA,
          DescriptorFields.SND_NXT,
          DescriptorFields.SND_MAX,
          DescriptorFields.SND_WND,
          DescriptorFields.SND_WL1,
          DescriptorFields.RCV_NXT,
          DescriptorFields.RCV_WND,
          DescriptorFields.CWND_BYTES,
          DescriptorFields.SSTHRESH_BYTES);

  @Test
  void stateSurvives() throws Exception {
    long seed = Long.getLong("offramp.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    try (ModelLoop loop = new ModelLoop("round trip")) {
      SimulatedLink link = new SimulatedLink(loop, System::nanoTime);
      IwarpConnectionDescriptor known = SimulatedConnection.builder(link).build().descriptor();
      for (int round = 0; round < ROUNDS; round++) {
        IwarpConnectionDescriptor state = state(random, known);
        IwarpConnectionDescriptor again =
            loader().load(new ConnectionContext(ContextWriter.write(template(), state)));
        for (FieldKey<Long> key : STATE) {
          assertThat(again.value(key))
              .as("%s in round %d, -Dofframp.seed=%d", key, round, seed)
              .isEqualTo(state.value(key));
        }
      }
    }
  }

  private static IwarpConnectionDescriptor state(
      SplittableRandom random, IwarpConnectionDescriptor known) {
    long una = random.nextLong(UINT32 + 1);
    long rcvNxt = random.nextLong(UINT32 + 1);
    return known.toBuilder()
        .present(DescriptorFields.SND_UNA, una, "test")
        .present(DescriptorFields.SND_NXT, una, "test")
        .present(DescriptorFields.SND_MAX, una, "test")
        .present(DescriptorFields.SND_WND, random.nextLong(65_535L << 7), "test")
        .present(DescriptorFields.SND_WL1, (rcvNxt - random.nextLong(1 << 20)) & UINT32, "test")
        .present(DescriptorFields.RCV_NXT, rcvNxt, "test")
        .present(DescriptorFields.RCV_WUP, rcvNxt, "test")
        .present(DescriptorFields.RCV_WND, random.nextLong(65_535L << 9), "test")
        .present(DescriptorFields.CWND_BYTES, 1 + random.nextLong(1L << 30), "test")
        .present(DescriptorFields.SSTHRESH_BYTES, 1 + random.nextLong(1L << 30), "test")
        .build();
  }

  private static ConnectionLoader loader() throws CommandException {
    LocalTables tables = new LocalTables();
    long[] arp = new long[CommandFields.WORDS];
    CommandFields.ARP_INDEX.set(arp, ARP_INDEX);
    CommandFields.ARP_MAC.set(arp, 0x0200_0000_0001L);
    CommandFields.ARP_VALID.set(arp, true);
    tables.manageArp(arp);
    long[] port = new long[CommandFields.WORDS];
    CommandFields.PORT.set(port, PORT);
    CommandFields.ADDPORT.set(port, true);
    tables.managePort(port);
    return new ConnectionLoader(IntelChip.E810, tables);
  }

  /** What belongs to the connection and not to its state. */
  private static long[] template() {
    long[] words = new long[ContextFields.WORDS];
    ContextFields.DDP_VER.set(words, 1);
    ContextFields.RDMAP_VER.set(words, 1);
    ContextFields.IPV4.set(words, true);
    ContextFields.IWARPMODE.set(words, true);
    ContextFields.WRRDRSPOK.set(words, true);
    ContextFields.RDOK.set(words, true);
    ContextFields.TTL.set(words, 64);
    ContextFields.SRCPORTNUM.set(words, PORT);
    ContextFields.DESTPORTNUM.set(words, 40_001);
    ContextFields.LOCAL_IPADDR3.set(words, 0x0A4D_0301);
    ContextFields.DESTIPADDR3.set(words, 0x0A4D_0302);
    ContextFields.SNDMSS.set(words, 1448);
    ContextFields.ARPIDX.set(words, ARP_INDEX);
    ContextFields.REMENDPOINTIDX.set(words, ARP_INDEX);
    ContextFields.WSCALE.set(words, true);
    ContextFields.SNDSCALE.set(words, 7);
    ContextFields.RCVSCALE.set(words, 9);
    ContextFields.REXMIT_THRESH.set(words, 8);
    ContextFields.MACADDRESS.set(words, 0x0200_0000_0002L);
    return words;
  }
}
