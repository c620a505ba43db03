package dev.offramp.iwarp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.rdma.Terminate;
import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.ddp.DdpControl;
import dev.offramp.iwarp.ddp.TaggedHeader;
import dev.offramp.iwarp.ddp.UntaggedHeader;
import dev.offramp.iwarp.mpa.FpduDecoder;
import dev.offramp.iwarp.mpa.FpduEncoder;
import dev.offramp.iwarp.mpa.MpaFrame;
import dev.offramp.iwarp.mpa.MpaFrameReader;
import dev.offramp.iwarp.mpa.TransmitBatch;
import dev.offramp.iwarp.rdmap.Opcode;
import dev.offramp.iwarp.rdmap.ReadRequestHeader;
import dev.offramp.iwarp.rdmap.TerminateCodec;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Linux siw put on the wire is decoded, understood and encoded to the same bytes. */
final class CaptureReplayTest {
  private static final int NO_TERMINATE = -1;

  @ParameterizedTest
  @CsvSource({
    "kill9-busy-server.pcap, 171, -1",
    "kill9-client.pcap, 0, -1",
    "kill9-server.pcap, 0, -1",
    "peer-client-crc.pcap, 14, -1",
    "peer-client-lost-wakeup.pcap, 1, -1",
    "peer-server-crc.pcap, 14, -1",
    "peer-server-reject.pcap, 0, -1",
    "peer-server.pcap, 14, -1",
    "rping-5000-bytes.pcap, 26, -1",
    "rping-crc.pcap, 7, -1",
    "rping-loopback-40000-bytes.pcap, 9, -1",
    "rping-p2p-offer-both.pcap, 8, -1",
    "rping-p2p-read-rtr-crc.pcap, 9, -1",
    "rping-p2p-write-rtr-crc.pcap, 8, -1",
    "rping-rev1-crc.pcap, 1, -1",
    "rping-rev1.pcap, 1, -1",
    "rping.pcap, 21, -1",
    "siwx-private.pcap, 1, -1",
    "siwx-read.pcap, 3, -1",
    "siwx-reject.pcap, 0, -1",
    "siwx-send.pcap, 1, -1",
    "siwx-sendinv.pcap, 1, -1",
    "siwx-sendse.pcap, 1, -1",
    "siwx-serverfirst.pcap, 1, -1",
    "siwx-write.pcap, 2, -1",
    "terminate-badread.pcap, 2, 0x0100",
    "terminate-badstag.pcap, 2, 0x1100",
    "terminate-bounds.pcap, 2, 0x1101",
    "terminate-norecv.pcap, 2, 0x1202"
  })
  @Rows({6, 27, 34, 54, 63, 77, 78, 96, 99, 119})
  void everyFrameAndFpduIsReproduced(String name, int fpdus, String terminate) {
    byte[][] streams = Pcap.streams(name);
    ByteBuffer fromInitiator = ByteBuffer.wrap(streams[0]);
    ByteBuffer fromResponder = ByteBuffer.wrap(streams[1]);
    MpaFrame request = frame(fromInitiator, false);
    MpaFrame reply = frame(fromResponder, true);
    boolean crc = request.crc() || reply.crc();
    List<byte[]> ulpdus = new ArrayList<>();
    replay(fromInitiator, crc, ulpdus);
    replay(fromResponder, crc, ulpdus);
    assertThat(ulpdus).hasSize(fpdus);
    int seen = NO_TERMINATE;
    for (byte[] ulpdu : ulpdus) {
      seen = Math.max(seen, understand(ByteBuffer.wrap(ulpdu)));
    }
    assertThat(seen).isEqualTo(Integer.decode(terminate));
  }

  private static MpaFrame frame(ByteBuffer stream, boolean reply) {
    MpaFrameReader reader = new MpaFrameReader(reply);
    assertThat(reader.receive(stream)).isEqualTo(MpaFrameReader.Verdict.COMPLETE);
    MpaFrame frame = reader.frame();
    byte[] original = new byte[stream.position()];
    stream.get(0, original);
    assertThat(frame.encode()).isEqualTo(ByteBuffer.wrap(original));
    return frame;
  }

  private static void replay(ByteBuffer stream, boolean crc, List<byte[]> ulpdus) {
    byte[] wire = new byte[stream.remaining()];
    stream.get(wire);
    FpduDecoder decoder = new FpduDecoder(crc, false, 0, FpduDecoder.MIN_STAGING_BYTES);
    TransmitBatch batch = new TransmitBatch();
    FpduEncoder encoder = new FpduEncoder(batch, crc, false, 0);
    ByteArrayOutputStream again = new ByteArrayOutputStream();
    int at = 0;
    while (at < wire.length) {
      ByteBuffer buffer = decoder.buffer();
      int count = Math.min(wire.length - at, Math.min(buffer.remaining(), 777));
      buffer.put(wire, at, count);
      decoder.received(count);
      at += count;
      FpduDecoder.Verdict verdict = decoder.next();
      while (verdict == FpduDecoder.Verdict.ULPDU) {
        byte[] ulpdu = new byte[decoder.ulpduLength()];
        decoder.bytes().get(decoder.ulpduOffset(), ulpdu);
        ulpdus.add(ulpdu);
        encode(encoder, batch, ulpdu, again);
        verdict = decoder.next();
      }
      assertThat(verdict).isEqualTo(FpduDecoder.Verdict.NEED_MORE);
    }
    assertThat(decoder.unfinishedBytes()).isZero();
    assertThat(again.toByteArray()).isEqualTo(wire);
  }

  private static void encode(
      FpduEncoder encoder, TransmitBatch batch, byte[] ulpdu, ByteArrayOutputStream out) {
    encoder.begin(ulpdu.length);
    encoder.header(ByteBuffer.wrap(ulpdu), ulpdu.length);
    encoder.end();
    encoder.flush();
    for (int i = 0; i < batch.length(); i++) {
      ByteBuffer buffer = batch.buffers()[batch.offset() + i];
      byte[] some = new byte[buffer.remaining()];
      buffer.get(some);
      out.writeBytes(some);
    }
    batch.dropWritten();
  }

  /** Builds the headers again out of what the flyweights say; returns a Terminate's triple. */
  private static int understand(ByteBuffer ulpdu) {
    byte control = ulpdu.get(0);
    byte rdmap = ulpdu.get(TaggedHeader.ULP_OFFSET);
    int opcode = Opcode.of(rdmap);
    boolean last = DdpControl.isLast(control);
    assertThat(DdpControl.version(control)).isOne();
    assertThat(Opcode.version(rdmap)).isOne();
    ByteBuffer again = ByteBuffer.allocate(ulpdu.remaining()).put(ulpdu.duplicate());
    if (DdpControl.isTagged(control)) {
      again.put(0, new byte[TaggedHeader.BYTES]);
      TaggedHeader.put(
          again,
          0,
          last,
          Opcode.control(opcode),
          TaggedHeader.stag(ulpdu, 0),
          TaggedHeader.taggedOffset(ulpdu, 0));
    } else {
      again.put(0, new byte[UntaggedHeader.BYTES]);
      UntaggedHeader.put(
          again,
          0,
          last,
          Opcode.control(opcode),
          UntaggedHeader.ulpWord(ulpdu, 0),
          UntaggedHeader.queueNumber(ulpdu, 0),
          UntaggedHeader.msn(ulpdu, 0),
          (int) UntaggedHeader.messageOffset(ulpdu, 0));
    }
    int payload = UntaggedHeader.BYTES;
    if (opcode == Opcode.READ_REQUEST) {
      again.put(payload, new byte[ReadRequestHeader.BYTES]);
      ReadRequestHeader.put(
          again,
          payload,
          ReadRequestHeader.sinkStag(ulpdu, payload),
          ReadRequestHeader.sinkOffset(ulpdu, payload),
          (int) ReadRequestHeader.size(ulpdu, payload),
          ReadRequestHeader.sourceStag(ulpdu, payload),
          ReadRequestHeader.sourceOffset(ulpdu, payload));
    }
    assertThat(again.clear()).isEqualTo(ulpdu.duplicate().clear());
    if (opcode != Opcode.TERMINATE) {
      return NO_TERMINATE;
    }
    Terminate terminate = TerminateCodec.decode(ulpdu, payload, ulpdu.limit() - payload);
    return (terminate.layer() << 12) | (terminate.type() << 8) | terminate.code();
  }
}
