package dev.offramp.iwarp.rdmap;

import dev.offramp.iwarp.mpa.FpduDecoder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/** A scripted peer's FPDUs, made and read with nothing of the engine's encoder. */
final class Wire {
  private Wire() {}

  /** An FPDU with a right CRC and without markers. */
  static byte[] fpdu(byte[] ulpdu) {
    int pad = -(2 + ulpdu.length) & 3;
    ByteBuffer bytes = ByteBuffer.allocate(2 + ulpdu.length + pad + 4);
    bytes.putShort((short) ulpdu.length).put(ulpdu).position(bytes.capacity() - 4);
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), 0, bytes.capacity() - 4);
    return bytes.putInt(Integer.reverseBytes((int) crc.getValue())).array();
  }

  static byte[] fpdu(String ulpdu) {
    return fpdu(HexFormat.of().parseHex(ulpdu.replace(" ", "")));
  }

  static String send(int msn, int mo, String payload) {
    return untagged(0x41, 0x43, 0, 0, msn, mo, payload);
  }

  static String untagged(int ddp, int rdmap, int word, int queue, int msn, int mo, String payload) {
    return "%02x%02x%08x%08x%08x%08x%s".formatted(ddp, rdmap, word, queue, msn, mo, payload);
  }

  static String tagged(int ddp, int rdmap, int stag, long offset, String payload) {
    return "%02x%02x%08x%016x%s".formatted(ddp, rdmap, stag, offset, payload);
  }

  static String write(int stag, long offset, String payload) {
    return tagged(0xC1, 0x40, stag, offset, payload);
  }

  static String readRequest(int msn, int sinkStag, long sinkOffset, int size, int stag, long to) {
    return untagged(
        0x41,
        0x41,
        0,
        1,
        msn,
        0,
        "%08x%016x%08x%08x%016x".formatted(sinkStag, sinkOffset, size, stag, to));
  }

  /** Takes everything that a stream wants to send. */
  static byte[] take(RdmapStream stream) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (!stream.pollTransmit(0).isEmpty()) {
      var batch = stream.pollTransmit(0);
      for (int i = 0; i < batch.length(); i++) {
        ByteBuffer buffer = batch.buffers()[batch.offset() + i];
        byte[] some = new byte[buffer.remaining()];
        buffer.get(some);
        out.writeBytes(some);
      }
      stream.transmitted();
    }
    return out.toByteArray();
  }

  /** The ULPDUs of a stretch of whole FPDUs, in hex. */
  static List<String> ulpdus(byte[] bytes) {
    FpduDecoder decoder = new FpduDecoder(true, false, 0, FpduDecoder.MIN_STAGING_BYTES);
    List<String> found = new ArrayList<>();
    int at = 0;
    while (at < bytes.length) {
      int count = Math.min(bytes.length - at, decoder.buffer().remaining());
      decoder.buffer().put(bytes, at, count);
      decoder.received(count);
      at += count;
      FpduDecoder.Verdict verdict = decoder.next();
      while (verdict == FpduDecoder.Verdict.ULPDU) {
        byte[] ulpdu = new byte[decoder.ulpduLength()];
        decoder.bytes().get(decoder.ulpduOffset(), ulpdu);
        found.add(HexFormat.of().formatHex(ulpdu));
        verdict = decoder.next();
      }
      if (verdict != FpduDecoder.Verdict.NEED_MORE) {
        throw new AssertionError(verdict);
      }
    }
    if (decoder.unfinishedBytes() != 0) {
      throw new AssertionError(decoder.unfinishedBytes() + " bytes of an unfinished FPDU");
    }
    return found;
  }
}
