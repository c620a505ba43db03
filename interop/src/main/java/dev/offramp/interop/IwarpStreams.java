package dev.offramp.interop;

import dev.offramp.iwarp.mpa.FpduDecoder;
import dev.offramp.iwarp.mpa.MpaFrame;
import dev.offramp.iwarp.mpa.MpaFrameReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A captured connection as iWARP: the MPA frames, then the FPDUs of each end. Every check that MPA
 * has is made here, by the decoder that softiwarp itself uses.
 *
 * @param initiator frame and FPDUs of the end that sent the Request
 * @param responder of the other one
 * @param crc whether CRC32c is on
 * @param initiatorConnected whether the Initiator is the end that opened the TCP connection
 */
record IwarpStreams(
    List<byte[]> initiator, List<byte[]> responder, boolean crc, boolean initiatorConnected) {
  private static final int REQUEST_LETTER_OFFSET = 9;

  /**
   * Decodes one connection.
   *
   * @throws CaseFailure when something is wrong in it: which end, which FPDU
   */
  static IwarpStreams of(Capture.Connection connection) throws CaseFailure {
    byte[] forth = connection.forth().octets();
    byte[] back = connection.back().octets();
    // "MPA ID Req Frame"
    boolean connectedFirst =
        forth.length > REQUEST_LETTER_OFFSET && forth[REQUEST_LETTER_OFFSET] == 'q';
    byte[] request = connectedFirst ? forth : back;
    byte[] reply = connectedFirst ? back : forth;
    List<byte[]> initiator = new ArrayList<>();
    List<byte[]> responder = new ArrayList<>();
    MpaFrame requestFrame = frame(request, false, initiator);
    MpaFrame replyFrame = frame(reply, true, responder);
    boolean crc = requestFrame.crc() || replyFrame.crc();
    fpdus(request, replyFrame.markers(), crc, "the Initiator", initiator);
    fpdus(reply, requestFrame.markers(), crc, "the Responder", responder);
    return new IwarpStreams(initiator, responder, crc, connectedFirst);
  }

  private static MpaFrame frame(byte[] octets, boolean reply, List<byte[]> units)
      throws CaseFailure {
    MpaFrameReader reader = new MpaFrameReader(reply);
    ByteBuffer from = ByteBuffer.wrap(octets);
    MpaFrameReader.Verdict verdict = reader.receive(from);
    CaseFailure.require(
        verdict == MpaFrameReader.Verdict.COMPLETE,
        verdict + " " + reader.problem(),
        reply ? "an MPA Reply" : "an MPA Request");
    units.add(Arrays.copyOf(octets, from.position()));
    return reader.frame();
  }

  private static void fpdus(
      byte[] octets, boolean markers, boolean crc, String end, List<byte[]> units)
      throws CaseFailure {
    FpduDecoder decoder = new FpduDecoder(crc, markers, 0, 2 * FpduDecoder.MIN_STAGING_BYTES);
    ByteBuffer from = ByteBuffer.wrap(octets);
    int first = units.get(0).length;
    from.position(first);
    while (from.hasRemaining()) {
      ByteBuffer to = decoder.buffer();
      int count = Math.min(from.remaining(), to.remaining());
      to.put(from.slice(from.position(), count));
      from.position(from.position() + count);
      decoder.received(count);
      long before = decoder.position();
      FpduDecoder.Verdict verdict = decoder.next();
      while (verdict == FpduDecoder.Verdict.ULPDU) {
        units.add(
            Arrays.copyOfRange(octets, first + (int) before, first + (int) decoder.position()));
        before = decoder.position();
        verdict = decoder.next();
      }
      CaseFailure.require(
          verdict == FpduDecoder.Verdict.NEED_MORE,
          end + ", FPDU " + units.size() + ": " + verdict,
          "a valid FPDU");
    }
    CaseFailure.require(
        decoder.unfinishedBytes() == 0,
        end + ": " + decoder.unfinishedBytes() + " bytes of an unfinished FPDU",
        "whole FPDUs");
  }
}
