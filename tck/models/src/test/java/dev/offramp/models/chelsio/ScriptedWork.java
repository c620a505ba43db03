package dev.offramp.models.chelsio;

/** Work requests of RDMA queues, as bytes. */
final class ScriptedWork {
  static final int COMPLETION = 1;
  static final int READ_FENCE = 8;
  static final int LOCAL_FENCE = 0x10;
  static final int READ_INVALIDATE = 0x20;

  static final int PLAIN = 3;
  static final int INVALIDATING = 4;
  static final int SOLICITED = 5;
  static final int SOLICITED_INVALIDATING = 6;

  private ScriptedWork() {}

  /** Part of a memory. */
  record Piece(int stag, long to, int length) {
    static Piece of(ScriptedMemory memory, long offset, int length) {
      return new Piece(memory.stag(), memory.address() + offset, length);
    }
  }

  private static Raw head(int opcode, int flags, int wrid, int bytes) {
    int units = (bytes + 15) / 16;
    return Raw.of(16 * units).u8(0, opcode).u8(1, flags).u16(2, wrid).u8(7, units);
  }

  private static Raw list(Raw wr, int at, Piece... pieces) {
    wr.u8(at, 0x83).u16(at + 2, pieces.length);
    for (int i = 0; i < pieces.length; i++) {
      wr.u32(at + 8 + 16 * i, pieces[i].stag)
          .u32(at + 12 + 16 * i, pieces[i].length)
          .u64(at + 16 + 16 * i, pieces[i].to);
    }
    return wr;
  }

  private static int total(Piece... pieces) {
    int sum = 0;
    for (Piece piece : pieces) {
      sum += piece.length;
    }
    return sum;
  }

  static Raw send(int wrid, int flags, int operation, int stag, Piece... pieces) {
    return list(
        head(0x15, flags, wrid, 40 + 16 * pieces.length)
            .u32(8, operation)
            .u32(12, stag)
            .u32(16, total(pieces)),
        32,
        pieces);
  }

  static Raw sendInline(int wrid, int flags, byte[] bytes) {
    return head(0x15, flags, wrid, 40 + bytes.length)
        .u32(8, PLAIN)
        .u32(16, bytes.length)
        .u8(32, 0x81)
        .u32(36, bytes.length)
        .put(40, bytes);
  }

  static Raw write(int wrid, int flags, int stag, long to, Piece... pieces) {
    return list(
        head(0x14, flags, wrid, 40 + 16 * pieces.length)
            .u32(16, total(pieces))
            .u32(20, stag)
            .u64(24, to),
        32,
        pieces);
  }

  static Raw read(int wrid, int flags, Piece sink, int stag, long to) {
    return head(0x16, flags, wrid, 48)
        .u32(16, sink.stag)
        .u64(20, sink.to)
        .u32(28, sink.length)
        .u32(32, stag)
        .u64(36, to);
  }

  static Raw receive(int wrid, Piece... pieces) {
    return list(head(0x17, 0, wrid, 16 + 16 * pieces.length), 8, pieces);
  }

  static Raw invalidate(int wrid, int flags, int stag) {
    return head(0x1A, flags, wrid, 16).u32(12, stag);
  }

  /** FW_RI_RDMA_WRITE_CMPL_WR: one piece written, and a Send of up to 16 bytes inline. */
  static Raw writeAndSend(int wrid, int stag, long to, Piece piece, int sendWrid, byte[] message) {
    Raw wr =
        head(0x21, COMPLETION, wrid, 88)
            .u8(9, COMPLETION)
            .u16(10, sendWrid)
            .u32(16, piece.length)
            .u32(20, stag)
            .u64(24, to)
            .u8(32, 0x81)
            .u8(39, message.length)
            .put(40, message);
    return list(wr, 64, piece);
  }
}
