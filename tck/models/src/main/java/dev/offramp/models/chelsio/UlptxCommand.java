package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A command inside FW_ULPTX_WR (t4_msg.h, ULP_TX_*).
 *
 * <pre>
 * MEM_WRITE 3: cmd 0, len16 4, dlen 8 (4:0, units of 32), lock 31 and addr 26:0 12 (units of 32),
 *              then a sub-command: SC_IMM 0x81 with its length and bytes, or SC_DSGL 0x82
 * PKT       4: cmd and dest 0, len16 4, then SC_IMM with its length and a CPL; SC_NOOP 0x80 pads
 * </pre>
 */
sealed interface UlptxCommand {
  int MEM_WRITE = 3;
  int PKT = 4;
  int SC_NOOP = 0x80;
  int SC_IMM = 0x81;
  int SC_DSGL = 0x82;

  /** Memory and addresses are in units of 32 bytes. */
  int MEMORY_UNIT = 32;

  /**
   * A write to the adapter's memory.
   *
   * @param address bytes
   * @param length bytes
   * @param data the bytes; empty when they are in the host's memory
   */
  record MemoryWrite(long address, long length, MemorySegment data, List<TxDataWr.HostPiece> gather)
      implements UlptxCommand {
    public MemoryWrite {
      gather = List.copyOf(gather);
    }
  }

  /**
   * A CPL message to be carried out.
   *
   * @param destination 0 for TP
   */
  record Packet(int destination, int channel, int functionId, MemorySegment cpl)
      implements UlptxCommand {}

  /** The commands of a work request, behind its 16-byte header. */
  static List<UlptxCommand> decode(MemorySegment wr) throws MalformedException {
    WrHeader.require(wr, "FW_ULPTX_WR", WrHeader.BYTES);
    return decodeFrom(wr, WrHeader.BYTES);
  }

  /** The commands that begin at {@code at}. */
  static List<UlptxCommand> decodeFrom(MemorySegment wr, long at) throws MalformedException {
    List<UlptxCommand> commands = new ArrayList<>();
    long next = at;
    while (next + 8 <= wr.byteSize()) {
      int word = Be.get32(wr, next);
      int code = Be.bits(word, 24, 8);
      switch (code) {
        case SC_NOOP -> next += 8 + Be.getU32(wr, next + 4);
        case 0 -> {
          // Zeros behind the last command, up to a multiple of 16 bytes.
          return commands;
        }
        case MEM_WRITE, PKT -> {
          long bytes = Be.getU32(wr, next + 4) * WrHeader.UNIT_BYTES;
          if (bytes == 0 || bytes > wr.byteSize() - next) {
            throw new MalformedException(
                "a ULP_TX command of " + bytes + " bytes",
                "1.." + (wr.byteSize() - next) + ", what is left of the work request");
          }
          MemorySegment command = wr.asSlice(next, bytes);
          commands.add(code == PKT ? packet(command, word) : memoryWrite(command));
          next += bytes;
        }
        default ->
            throw new MalformedException(
                "ULP_TX command [%02x]".formatted(code), "MEM_WRITE 3, PKT 4 or SC_NOOP 80");
      }
    }
    return commands;
  }

  private static MemoryWrite memoryWrite(MemorySegment command) throws MalformedException {
    WrHeader.require(command, "ULP_TX_MEM_WRITE", 24);
    long length = (Be.get32(command, 8) & 0x1FL) * MEMORY_UNIT;
    long address = (Be.get32(command, 12) & 0x7FF_FFFFL) * MEMORY_UNIT;
    int sub = Be.bits(Be.get32(command, 16), 24, 8);
    return switch (sub) {
      case SC_IMM -> {
        long bytes = Be.getU32(command, 20);
        WrHeader.require(command, "ULP_TX_SC_IMM of " + bytes + " bytes", 24 + bytes);
        requireSame(length, bytes);
        yield new MemoryWrite(address, length, command.asSlice(24, bytes), List.of());
      }
      case SC_DSGL -> {
        List<TxDataWr.HostPiece> gather = TxDataWr.Dsgl.decode(command, 16);
        requireSame(length, gather.stream().mapToLong(TxDataWr.HostPiece::length).sum());
        yield new MemoryWrite(address, length, command.asSlice(0, 0), gather);
      }
      default ->
          throw new MalformedException(
              "ULP_TX_MEM_WRITE with sub-command [%02x]".formatted(sub), "SC_IMM or SC_DSGL");
    };
  }

  private static void requireSame(long declared, long carried) throws MalformedException {
    if (declared != carried) {
      throw new MalformedException(
          "ULP_TX_MEM_WRITE of " + declared + " bytes", carried + ", what it carries");
    }
  }

  private static Packet packet(MemorySegment command, int word) throws MalformedException {
    WrHeader.require(command, "ULP_TX_PKT", 16);
    int sub = Be.bits(Be.get32(command, 8), 24, 8);
    long bytes = Be.getU32(command, 12);
    if (sub != SC_IMM || bytes < 4) {
      throw new MalformedException(
          "ULP_TX_PKT with sub-command [%02x] of %d bytes".formatted(sub, bytes),
          "SC_IMM of 4 bytes at least");
    }
    WrHeader.require(command, "ULP_TX_PKT with a CPL of " + bytes + " bytes", 16 + bytes);
    return new Packet(
        Be.bits(word, 16, 2),
        Be.bits(word, 22, 1),
        Be.bits(word, 4, 11),
        command.asSlice(16, bytes));
  }
}
