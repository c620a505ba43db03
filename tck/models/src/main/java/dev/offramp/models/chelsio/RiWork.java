package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A work request of an RDMA queue (t4fw_ri_api.h). Each begins with opcode, flags, the host's
 * number (2 bytes, in the host's order and only echoed), 3 zeros and its length in units of 16.
 *
 * <pre>
 * RDMA_WRITE 0x14: immediate data 8, plen 16, stag 20, to 24, data 32
 * SEND       0x15: sendop 8 (3:0), stag_inv 12, plen 16, data 32
 * RDMA_READ  0x16: sink stag 16, to 20/24, plen 28, source stag 32, to 36/40
 * RECV       0x17: list 8
 * FR_NSMR    0x19: flags 8, page shift 9, type 10, perm 11, stag 12, len 16/20, va 24/28, pages 32
 * INV_LSTAG  0x1a: stag 12
 * FR_NSMR_TPTE 0x20: stag 12, TPT entry 16, two pages 48
 * WRITE_CMPL 0x21: send flags 9, number 10, stag_inv 12, plen 16, stag 20, to 24, send 32, data 64
 * </pre>
 */
sealed interface RiWork {
  int RDMA_WRITE = 0x14;
  int SEND = 0x15;
  int RDMA_READ = 0x16;
  int RECV = 0x17;
  int BIND_MW = 0x18;
  int FR_NSMR = 0x19;
  int INV_LSTAG = 0x1A;
  int FR_NSMR_TPTE = 0x20;
  int WRITE_CMPL = 0x21;

  int COMPLETION_FLAG = 0x01;
  int SOLICITED_FLAG = 0x04;
  int READ_FENCE_FLAG = 0x08;
  int LOCAL_FENCE_FLAG = 0x10;
  int READ_INVALIDATE_FLAG = 0x20;
  int IMMEDIATE_FLAG = 0x40;

  /** T4_MAX_SEND_SGE and T4_MAX_RECV_SGE. */
  int MAX_SEND_PIECES = 17;

  int MAX_RECEIVE_PIECES = 4;

  int flags();

  /** The host's number, as though big-endian. */
  int wrid();

  /** Local memory. */
  record Sge(int stag, long length, long to) {}

  /**
   * What is sent.
   *
   * @param inline the bytes, or null when there is a list
   */
  record Data(@org.jspecify.annotations.Nullable MemorySegment inline, List<Sge> pieces) {
    public Data {
      pieces = List.copyOf(pieces);
    }

    long length() {
      return inline != null ? inline.byteSize() : pieces.stream().mapToLong(Sge::length).sum();
    }
  }

  record Write(int flags, int wrid, int immediate, long length, int stag, long to, Data data)
      implements RiWork {}

  /** With {@code sendOp} 3 plain, 4 invalidating, 5 solicited, 6 both. */
  record Send(int flags, int wrid, int sendOp, int invalidate, long length, Data data)
      implements RiWork {}

  record Read(
      int flags, int wrid, int sinkStag, long sinkTo, long length, int sourceStag, long sourceTo)
      implements RiWork {}

  record Receive(int wrid, List<Sge> pieces) implements RiWork {
    public Receive {
      pieces = List.copyOf(pieces);
    }

    @Override
    public int flags() {
      return 0;
    }
  }

  record LocalInvalidate(int flags, int wrid, int stag) implements RiWork {}

  /** Takes the place of its page list from the entry that is there. */
  record FastRegister(
      int flags,
      int wrid,
      int stag,
      int pageShift,
      boolean zeroBased,
      int permissions,
      long length,
      long address,
      MemorySegment pages)
      implements RiWork {}

  record FastRegisterEntry(int flags, int wrid, int stag, MemorySegment entry, MemorySegment pages)
      implements RiWork {}

  /** A Write and the Send that tells of it, in one. */
  record WriteAndSend(Write write, Send send) implements RiWork {
    @Override
    public int flags() {
      return write.flags | send.flags;
    }

    @Override
    public int wrid() {
      return write.wrid;
    }
  }

  /**
   * Reads one.
   *
   * @param wr exactly its {@code len16} units; what is kept of it is a view
   */
  static RiWork decode(MemorySegment wr) throws MalformedException {
    WrHeader.require(wr, "an RDMA work request", 16);
    int opcode = Be.get8(wr, 0);
    int flags = Be.get8(wr, 1);
    int wrid = Be.get16(wr, 2);
    return switch (opcode) {
      case RDMA_WRITE -> write(wr, flags, wrid);
      case SEND -> send(wr, flags, wrid);
      case RDMA_READ -> read(wr, flags, wrid);
      case RECV -> new Receive(wrid, Pieces.list(wr, 8, MAX_RECEIVE_PIECES));
      case FR_NSMR -> fastRegister(wr, flags, wrid);
      case INV_LSTAG -> new LocalInvalidate(flags, wrid, Be.get32(wr, 12));
      case FR_NSMR_TPTE -> {
        WrHeader.require(wr, "FW_RI_FR_NSMR_TPTE_WR", 64);
        yield new FastRegisterEntry(
            flags, wrid, Be.get32(wr, 12), wr.asSlice(16, TptEntry.BYTES), wr.asSlice(48, 16));
      }
      case WRITE_CMPL -> writeAndSend(wr, flags, wrid);
      default ->
          throw new MalformedException(
              "RDMA work request opcode [%02x]".formatted(opcode), "one of FW_RI_*_WR");
    };
  }

  private static Write write(MemorySegment wr, int flags, int wrid) throws MalformedException {
    WrHeader.require(wr, "FW_RI_RDMA_WRITE_WR", 32 + 8);
    return new Write(
        flags,
        wrid,
        Be.get32(wr, 8),
        Be.getU32(wr, 16),
        Be.get32(wr, 20),
        Be.get64(wr, 24),
        Pieces.data(wr, 32, MAX_SEND_PIECES));
  }

  private static Send send(MemorySegment wr, int flags, int wrid) throws MalformedException {
    WrHeader.require(wr, "FW_RI_SEND_WR", 32 + 8);
    return new Send(
        flags,
        wrid,
        Be.bits(Be.get32(wr, 8), 0, 4),
        Be.get32(wr, 12),
        Be.getU32(wr, 16),
        Pieces.data(wr, 32, MAX_SEND_PIECES));
  }

  private static Read read(MemorySegment wr, int flags, int wrid) throws MalformedException {
    WrHeader.require(wr, "FW_RI_RDMA_READ_WR", 48);
    return new Read(
        flags,
        wrid,
        Be.get32(wr, 16),
        Be.get64(wr, 20),
        Be.getU32(wr, 28),
        Be.get32(wr, 32),
        Be.get64(wr, 36));
  }

  private static FastRegister fastRegister(MemorySegment wr, int flags, int wrid)
      throws MalformedException {
    WrHeader.require(wr, "FW_RI_FR_NSMR_WR", 32 + 8);
    return new FastRegister(
        flags,
        wrid,
        Be.get32(wr, 12),
        Be.get8(wr, 9) & 0x1F,
        Be.get8(wr, 10) == 0,
        Be.get8(wr, 11) & 0xF,
        Be.getU32(wr, 16) << 32 | Be.getU32(wr, 20),
        Be.get64(wr, 24),
        Pieces.immediate(wr, 32));
  }

  private static WriteAndSend writeAndSend(MemorySegment wr, int flags, int wrid)
      throws MalformedException {
    WrHeader.require(wr, "FW_RI_RDMA_WRITE_CMPL_WR", 64 + 8);
    int invalidate = Be.get32(wr, 12);
    int form = Be.get8(wr, 32);
    Data message;
    if (form == Pieces.IMMEDIATE) {
      int bytes = Be.get8(wr, 39);
      if (bytes > 16) {
        throw new MalformedException("an inline Send of " + bytes + " bytes", "16 at most");
      }
      message = new Data(wr.asSlice(40, bytes), List.of());
    } else {
      message = new Data(null, Pieces.list(wr.asSlice(0, 56), 32, 1));
    }
    Write write =
        new Write(
            flags,
            wrid,
            0,
            Be.getU32(wr, 16),
            Be.get32(wr, 20),
            Be.get64(wr, 24),
            Pieces.data(wr, 64, 4));
    Send send =
        new Send(
            Be.get8(wr, 9),
            Be.get16(wr, 10),
            invalidate == 0 ? 3 : 4,
            invalidate,
            message.length(),
            message);
    return new WriteAndSend(write, send);
  }

  /** The data part: op, and then a list of SGEs or bytes. */
  final class Pieces {
    static final int IMMEDIATE = 0x81;
    static final int LIST = 0x83;

    private static final int HEADER_BYTES = 8;
    private static final int SGE_BYTES = 16;

    private Pieces() {}

    static Data data(MemorySegment wr, long at, int max) throws MalformedException {
      return Be.get8(wr, at) == IMMEDIATE
          ? new Data(immediate(wr, at), List.of())
          : new Data(null, list(wr, at, max));
    }

    static MemorySegment immediate(MemorySegment wr, long at) throws MalformedException {
      requireForm(wr, at, IMMEDIATE);
      long bytes = Be.getU32(wr, at + 4);
      WrHeader.require(wr, "immediate data of " + bytes + " bytes", at + HEADER_BYTES + bytes);
      return wr.asSlice(at + HEADER_BYTES, bytes);
    }

    static List<Sge> list(MemorySegment wr, long at, int max) throws MalformedException {
      requireForm(wr, at, LIST);
      int count = Be.get16(wr, at + 2);
      if (count > max) {
        throw new MalformedException("a list of " + count + " SGEs", max + " at most");
      }
      WrHeader.require(
          wr, "a list of " + count + " SGEs", at + HEADER_BYTES + (long) count * SGE_BYTES);
      List<Sge> pieces = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        long sge = at + HEADER_BYTES + (long) i * SGE_BYTES;
        pieces.add(new Sge(Be.get32(wr, sge), Be.getU32(wr, sge + 4), Be.get64(wr, sge + 8)));
      }
      return pieces;
    }

    private static void requireForm(MemorySegment wr, long at, int form) throws MalformedException {
      WrHeader.require(wr, "a data part", at + HEADER_BYTES);
      int seen = Be.get8(wr, at);
      if (seen != form) {
        throw new MalformedException(
            "a data part [%02x]".formatted(seen), "[%02x]".formatted(form));
      }
    }
  }
}
