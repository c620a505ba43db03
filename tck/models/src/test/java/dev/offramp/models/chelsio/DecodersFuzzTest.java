package dev.offramp.models.chelsio;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;

/** Work requests and messages of any bytes: a value, or the one exception that there is for it. */
final class DecodersFuzzTest {
  /** First octet: which decoder. */
  @FuzzTest
  @Tag("fuzz")
  void decode(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    MemorySegment rest = MemorySegment.ofArray(Arrays.copyOfRange(bytes, 1, bytes.length));
    try {
      decode(bytes[0] & 0xF, rest);
    } catch (MalformedException e) {
      if (e.seen().isEmpty() || e.expected().isEmpty()) {
        throw new AssertionError("says nothing: " + e, e);
      }
    }
  }

  private static void decode(int which, MemorySegment wr) throws MalformedException {
    switch (which) {
      case 0 -> WrHeader.decode(wr);
      case 1 -> OfldConnectionWr.decode(wr);
      case 2 -> actOpen(wr, ChelsioChip.T5);
      case 3 -> actOpen(wr, ChelsioChip.T6);
      case 4 -> FlowcWr.decode(wr);
      case 5 -> txData(wr);
      case 6 -> RiWr.decode(wr);
      case 7 -> RiResource.decode(wr);
      case 8 -> riWork(wr);
      case 9 -> ulptx(wr);
      case 10 -> CplRequest.decode(wr, ChelsioChip.T5);
      case 11 -> CplRequest.decode(wr, ChelsioChip.T6);
      case 12 -> TxDataWr.Dsgl.decode(wr, 0);
      default -> {
        if (wr.byteSize() >= TptEntry.BYTES) {
          TptEntry.decode(wr);
        }
      }
    }
  }

  /** The opcode has been seen before one of these is decoded. */
  private static void actOpen(MemorySegment wr, ChelsioChip chip) throws MalformedException {
    WrHeader.require(wr, "any", WrHeader.BYTES + 4);
    ActOpenReq.decode(wr, chip);
  }

  private static void txData(MemorySegment wr) throws MalformedException {
    TxDataWr data = TxDataWr.decode(wr);
    long carried =
        data.immediate().byteSize()
            + data.gather().stream().mapToLong(TxDataWr.HostPiece::length).sum();
    if (carried != Integer.toUnsignedLong(data.length())) {
      throw new AssertionError(data + " carries " + carried);
    }
  }

  private static void riWork(MemorySegment wr) throws MalformedException {
    RiWork work = RiWork.decode(wr);
    int pieces =
        switch (work) {
          case RiWork.Send send -> send.data().pieces().size();
          case RiWork.Write write -> write.data().pieces().size();
          case RiWork.Receive receive -> receive.pieces().size();
          default -> 0;
        };
    if (pieces * 16L > wr.byteSize()) {
      throw new AssertionError(work + " out of " + wr.byteSize() + " bytes");
    }
  }

  private static void ulptx(MemorySegment wr) throws MalformedException {
    long commands = UlptxCommand.decode(wr).size();
    if (commands * 16 > wr.byteSize()) {
      throw new AssertionError(commands + " commands out of " + wr.byteSize() + " bytes");
    }
  }
}
