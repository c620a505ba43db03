package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Drivers that look suspicious and are right: a kit that fails one of them is wrong itself. */
final class Honest {
  private static final List<Refusal> NO_IPV6 =
      List.of(new Refusal(RefusalReason.ADDRESS_FAMILY, "IPv6", "IPv4", "connect through IPv4"));

  private Honest() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.honest("plain-host", "stays on the host's sockets", Base.HOST, Defect::new),
        Specimen.honest(
            "no-atomics",
            "offers no atomic operations, and refuses them",
            Base.STREAM,
            set(Map.of("atomics", "0"))),
        Specimen.honest(
            "no-immediate-data",
            "offers no immediate data, and refuses it",
            Base.STREAM,
            set(Map.of("immediate-data", "0"))),
        Specimen.honest(
            "minimal",
            "offers neither atomics nor immediate data",
            Base.HOST,
            set(Map.of("atomics", "0", "immediate-data", "0"))),
        Specimen.honest(
            "short-queue",
            "has room for 64 Receives",
            Base.STREAM,
            set(Map.of("receive-queue-entries", "64"))),
        Specimen.honest(
            "bare-terminates",
            "is not told the headers of bad segments, says so, and copies none",
            Base.STREAM,
            BareTerminates::new),
        Specimen.honest("no-ipv6", "takes IPv4 only, and says so", Base.STREAM, OnlyIpv4::new),
        Specimen.honest(
            "short-segments",
            "sends segments of 256 octets, though more would fit",
            Base.STREAM,
            Defects.outs(() -> ulpdu -> Recut.to(ulpdu, 256))),
        Specimen.honest(
            "zero-based",
            "has regions that begin at tagged offset 0, and says of what lies before them that it"
                + " wraps",
            Base.STREAM,
            ZeroBased::new),
        Specimen.honest(
            "talkative", "logs words that resemble others", Base.STREAM, Talkative::new),
        Specimen.honest(
            "slow",
            "looks at the clock for a while before it takes a connection",
            Base.STREAM,
            Slow::new),
        Specimen.honest(
            "big-endian",
            "writes a sequence number once more, in the other octet order",
            Base.T6,
            Memo.of(d ->
                Memo.word(Integer.reverseBytes(d.value(DescriptorFields.SND_UNA).intValue())))),
        Specimen.honest(
            "shared-registers",
            "has a RoCE half in its context, and leaves it zero",
            Base.T6,
            Memo.of(d -> new byte[64])),
        Specimen.honest(
            "ethernet-header",
            "writes a whole Ethernet header, with octets of zero behind",
            Base.T6,
            Memo.of(d ->
                ByteBuffer.allocate(32)
                    .put(d.value(DescriptorFields.NEXT_HOP_MAC).toByteArray())
                    .put(d.value(DescriptorFields.SOURCE_MAC).toByteArray())
                    .array())),
        Specimen.honest(
            "wide-address-field",
            "has one field of 16 octets for both families, IPv4 in the first four",
            Base.T6,
            Memo.of(d ->
                ByteBuffer.allocate(16)
                    .put(d.value(DescriptorFields.REMOTE_ADDRESS).getAddress().getAddress())
                    .array())),
        Specimen.honest(
            "priority-of-dscp",
            "derives an Ethernet priority of the DSCP, and carries the DSCP as well",
            Base.T6,
            Memo.of(d -> Memo.word(d.value(DescriptorFields.DSCP) >> 3))),
        Specimen.honest(
            "stag-mask",
            "masks with 24 and with 8 bits, where STags are concerned",
            Base.T6,
            Memo.of(d -> Memo.word(0x0034_5678))),
        Specimen.honest(
            "random-cookie",
            "writes a cookie that is another each time",
            Base.T6,
            Memo.of(d -> Memo.word((int) System.nanoTime()))));
  }

  private static Supplier<Defect> set(Map<String, String> settings) {
    return () ->
        new Defect() {
          @Override
          DriverContext context(DriverContext context) {
            return new ContextWith(context, settings);
          }
        };
  }

  /** Refuses by type, and the same way at both places. */
  private static final class OnlyIpv4 extends Defect {
    private static boolean isIpv6(ConnectionProfile profile) {
      return profile.get(DescriptorFields.LOCAL_ADDRESS).isKnown()
          && profile.get(DescriptorFields.LOCAL_ADDRESS).value().getAddress()
              instanceof Inet6Address;
    }

    @Override
    Admission admits(DriverContext context, ConnectionProfile profile, Rnic inner) {
      return isIpv6(profile) ? Admission.refused(NO_IPV6) : inner.admits(profile);
    }

    @Override
    IwarpConnectionDescriptor arriving(IwarpConnectionDescriptor descriptor)
        throws TransferException {
      if (isIpv6(ConnectionProfile.of(descriptor))) {
        throw TransferException.refused(TransferStep.PREPARE, NO_IPV6);
      }
      return descriptor;
    }
  }

  /** Words of iWARP and TCP that share letters with others. */
  private static final class Talkative extends Defect {
    @Override
    void opened(DriverContext context) {
      for (String line :
          List.of(
              "queue pair 7 of service [rdma] is valid, path MTU 1500",
              "TCP retransmission timeout 200 ms, receive queue not full",
              "STag index has 24 bits, its key 8; segment size 4096",
              "route through port 4791 of the switch, partition of buffers",
              "lidar, grid, madness and a remote peer")) {
        context.logger().log(System.Logger.Level.INFO, line);
      }
    }
  }

  /** Takes its time, by the context's clock. */
  private static final class Slow extends Defect {
    @Override
    void arrived(DriverContext context, IwarpConnectionDescriptor descriptor) {
      long end = context.nanoTime() + 1_000_000;
      while (context.nanoTime() < end) {
        Thread.onSpinWait();
      }
    }
  }
}
