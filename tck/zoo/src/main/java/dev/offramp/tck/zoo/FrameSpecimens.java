package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.tck.rule.FrameRules;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Leaks D: private data and frames. */
final class FrameSpecimens {
  private FrameSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "private-data-56",
            FrameRules.L33,
            "cuts private data after 56 octets",
            Base.STREAM,
            data(p -> Arrays.copyOf(p, Math.min(p.length, 56)))),
        Specimen.wrong(
            "private-data-196",
            FrameRules.L33,
            "cuts private data after 196 octets",
            Base.STREAM,
            data(p -> Arrays.copyOf(p, Math.min(p.length, 196)))),
        Specimen.wrong(
            "length-of-8-bits",
            FrameRules.L34,
            "keeps the length of private data in 8 bits",
            Base.STREAM,
            data(p -> Arrays.copyOf(p, p.length & 0xFF))),
        Specimen.wrong(
            "length-signed",
            FrameRules.L34,
            "keeps the length of private data in a signed octet",
            Base.STREAM,
            data(p -> Arrays.copyOf(p, Math.max(0, (byte) p.length)))),
        Specimen.wrong(
            "padded-to-92",
            FrameRules.L35,
            "pads private data to 92 octets",
            Base.STREAM,
            data(p -> Arrays.copyOf(p, Math.max(p.length, 92)))),
        Specimen.wrong(
            "zeros-stripped",
            FrameRules.L35,
            "strips octets of zero from the end of private data",
            Base.STREAM,
            data(FrameSpecimens::stripped)),
        Specimen.wrong(
            "cma-header",
            FrameRules.L36,
            "puts a header of 36 octets before private data",
            Base.STREAM,
            data(p ->
                ByteBuffer.allocate(36 + p.length)
                    .put(new byte[] {0, 0x40})
                    .position(36)
                    .put(p)
                    .array())),
        Specimen.wrong(
            "cma-header-in-memory",
            FrameRules.L36,
            "writes the header of rdma_cm into memory",
            Base.T6,
            Memo.of(d ->
                ByteBuffer.allocate(36)
                    .put((byte) 0)
                    .put((byte) 0x40)
                    .putShort((short) d.value(DescriptorFields.LOCAL_ADDRESS).getPort())
                    .position(16)
                    .put(d.value(DescriptorFields.LOCAL_ADDRESS).getAddress().getAddress())
                    .array())),
        Specimen.wrong(
            "mad-image",
            FrameRules.L37,
            "keeps a datagram of a connection manager for each connection",
            Base.T6,
            Memo.of(
                d -> ByteBuffer.allocate(32).putInt(0x0107_0203).putInt(16, 0x0010_0000).array())),
        Specimen.wrong(
            "reply-rewritten",
            FrameRules.L38,
            "writes the Reply's depths in the other octet order",
            Base.STREAM,
            Defects.preparing(d -> Change.map(d, DescriptorFields.UNSENT, FrameSpecimens::turned))),
        Specimen.wrong(
            "depths-in-private-data",
            FrameRules.L39,
            "hides depths in four octets before private data",
            Base.STREAM,
            data(p ->
                ByteBuffer.allocate(4 + p.length)
                    .putShort((short) 4)
                    .putShort((short) 4)
                    .put(p)
                    .array())));
  }

  private static Supplier<Defect> data(java.util.function.UnaryOperator<byte[]> change) {
    return Defects.mpa(m ->
        new MpaResult(
            m.role(),
            m.revision(),
            m.crc(),
            m.sendMarkers(),
            m.receiveMarkers(),
            m.ird(),
            m.ord(),
            m.peerIrd(),
            m.peerOrd(),
            m.rtr(),
            Octets.copyOf(change.apply(m.privateData().toByteArray()))));
  }

  private static byte[] stripped(byte[] data) {
    int length = data.length;
    while (length > 0 && data[length - 1] == 0) {
      length--;
    }
    return Arrays.copyOf(data, length);
  }

  private static Octets turned(Octets unsent) {
    byte[] octets = unsent.toByteArray();
    if (octets.length >= 24) {
      byte first = octets[20];
      octets[20] = octets[21];
      octets[21] = first;
    }
    return Octets.copyOf(octets);
  }
}
