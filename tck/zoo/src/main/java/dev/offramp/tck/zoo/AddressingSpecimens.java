package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.spi.DriverContext;
import dev.offramp.tck.rule.AddressingRules;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Leaks A: identity and addressing. */
final class AddressingSpecimens {
  private AddressingSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "mapped-address",
            AddressingRules.L01,
            "writes IPv4 addresses as ::ffff:a.b.c.d",
            Base.E810,
            Memo.of(
                d -> mapped(d.value(DescriptorFields.REMOTE_ADDRESS).getAddress().getAddress()))),
        Specimen.wrong(
            "scope-lost",
            AddressingRules.L01,
            "forgets the scope of link-local addresses",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  InetSocketAddress address(InetSocketAddress honest) {
                    return withoutScope(honest);
                  }
                }),
        Specimen.wrong(
            "guid-of-mac",
            AddressingRules.L02,
            "names the adapter by its MAC address as EUI-64",
            Base.T6,
            Memo.of(d -> eui64(d.value(DescriptorFields.SOURCE_MAC).toByteArray()))),
        Specimen.wrong(
            "mac-on-the-wire",
            AddressingRules.L02,
            "sends its MAC address to the peer",
            Base.STREAM,
            Defects.stream(d ->
                Edits.preamble(
                    d, MpaRole.INITIATOR, d.value(DescriptorFields.SOURCE_MAC).toByteArray()))),
        Specimen.wrong(
            "service-level",
            AddressingRules.L03,
            "takes the traffic class from a service level in the settings",
            Base.T6,
            Settings.with(
                d -> Change.map(d, DescriptorFields.DSCP, v -> 5), "sl", "service-level")),
        Specimen.wrong(
            "dscp-as-service-level",
            AddressingRules.L04,
            "keeps four bits of DSCP",
            Base.T6,
            Defects.arriving(d -> Change.map(d, DescriptorFields.DSCP, v -> v >> 2 << 2))),
        Specimen.wrong(
            "hop-limit-constant",
            AddressingRules.L04,
            "uses a hop limit of its own",
            Base.STREAM,
            Defects.preparing(d -> Change.map(d, DescriptorFields.HOP_LIMIT, v -> 255))),
        Specimen.wrong(
            "path-record",
            AddressingRules.L05,
            "logs that it resolves a path record",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  void opened(DriverContext context) {
                    context.logger().log(System.Logger.Level.INFO, "path record resolved");
                  }
                }),
        Specimen.wrong(
            "priority-lost",
            AddressingRules.L06,
            "keeps the identifier of a VLAN tag only",
            Base.E810,
            Defects.arriving(
                d -> Change.map(d, DescriptorFields.VLAN_TAG, v -> new VlanTag(v.id(), 0, false)))),
        Specimen.wrong(
            "pkey-of-vlan",
            AddressingRules.L06,
            "makes a partition key of a VLAN",
            Base.E810,
            Memo.of(d ->
                d.isKnown(DescriptorFields.VLAN_TAG)
                    ? ByteBuffer.allocate(2)
                        .putShort((short) (0x8000 | d.value(DescriptorFields.VLAN_TAG).id()))
                        .array()
                    : new byte[2])),
        Specimen.wrong(
            "queue-key",
            AddressingRules.L07,
            "writes the queue key of datagrams",
            Base.T6,
            Memo.of(d -> Memo.word(0x0123_4567))),
        Specimen.wrong(
            "service-id",
            AddressingRules.L08,
            "writes the remote port as a 64-bit service identifier",
            Base.E810,
            Memo.of(d ->
                ByteBuffer.allocate(8)
                    .putLong(0x0106_0000L | d.value(DescriptorFields.REMOTE_ADDRESS).getPort())
                    .array())),
        Specimen.wrong(
            "counts-connections",
            AddressingRules.L09,
            "serves each 4-tuple once",
            Base.STREAM,
            Once::new),
        Specimen.wrong(
            "number-on-the-wire",
            AddressingRules.L10,
            "sends how many connections there were before",
            Base.STREAM,
            Counting::new));
  }

  private static InetSocketAddress withoutScope(InetSocketAddress end) {
    try {
      return new InetSocketAddress(
          java.net.InetAddress.getByAddress(end.getAddress().getAddress()), end.getPort());
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] mapped(byte[] address) {
    return address.length == Integer.BYTES
        ? ByteBuffer.allocate(16).putLong(0).putInt(0xFFFF).put(address).array()
        : address;
  }

  private static byte[] eui64(byte[] mac) {
    return new byte[] {
      (byte) (mac[0] ^ 2), mac[1], mac[2], (byte) 0xFF, (byte) 0xFE, mac[3], mac[4], mac[5]
    };
  }

  /** Keeps identities of its own beside the 4-tuple. */
  private static final class Once extends Defect {
    private final Set<InetSocketAddress> seen = new HashSet<>();

    @Override
    void activated(DriverContext context, IwarpConnectionDescriptor descriptor) {
      seen.add(descriptor.value(DescriptorFields.REMOTE_ADDRESS));
    }

    @Override
    IwarpConnectionDescriptor arriving(IwarpConnectionDescriptor descriptor)
        throws TransferException {
      if (seen.contains(descriptor.value(DescriptorFields.REMOTE_ADDRESS))) {
        throw TransferException.refused(
            TransferStep.PREPARE,
            List.of(
                new Refusal(
                    RefusalReason.NO_RESOURCES,
                    "an identifier in use",
                    "one that is free",
                    "try another")));
      }
      return descriptor;
    }
  }

  /** Numbers connections, and tells the peer. */
  private static final class Counting extends Defect {
    private int count;

    @Override
    StreamEdit stream(IwarpConnectionDescriptor descriptor) {
      int number = ++count;
      return new StreamEdit() {
        @Override
        boolean editsOutput() {
          return true;
        }

        @Override
        List<byte[]> out(byte[] ulpdu) {
          return List.of(
              Segment.opcode(ulpdu) == Segment.SEND && number > 1
                  ? Segment.with(ulpdu, Segment.ULP_WORD, number)
                  : ulpdu);
        }
      };
    }
  }
}
