package dev.offramp.provider.chelsio;

import dev.offramp.provider.chelsio.wire.TcbField;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Names of commands, and the fields of theirs that carry a connection's state. */
final class Commands {
  static final String SET_TCB = "CPL_SET_TCB_FIELD";
  private static final int CPL_AT = 16;

  /**
   * A field.
   *
   * @param command that it is in
   * @param firstBit where it begins; 0 is the most significant bit of the first byte
   * @param bits how long it is
   */
  record Field(String command, String name, int firstBit, int bits) {
    boolean has(int bit) {
      return bit >= firstBit && bit < firstBit + bits;
    }

    boolean isOf(String commandName) {
      return commandName.equals(command) || commandName.startsWith(command + " of ");
    }
  }

  private Commands() {}

  /** What a command is, by its first bytes. */
  static String name(byte[] bytes) {
    return switch (bytes[0] & 0xFF) {
      case 0x04 -> bytes[40] < 0 ? "FW_ULPTX_WR TPT" : "FW_ULPTX_WR PBL";
      case 0x05 -> cpl(bytes);
      case 0x0A -> "FW_FLOWC_WR";
      case 0x0B -> "FW_OFLD_TX_DATA_WR";
      case 0x0C -> bytes[3] == 1 ? "FW_RI_RES_WR cq" : "FW_RI_RES_WR sq";
      case 0x0D -> bytes[CPL_AT] == 0 ? "FW_RI_WR INIT" : "FW_RI_WR";
      case 0x14 -> "FW_RI_RDMA_WRITE_WR";
      case 0x15 -> "FW_RI_SEND_WR";
      case 0x16 -> "FW_RI_RDMA_READ_WR";
      case 0x17 -> "FW_RI_RECV_WR";
      case 0x2F -> "FW_OFLD_CONNECTION_WR";
      default -> "work request %#04x".formatted(bytes[0]);
    };
  }

  private static String cpl(byte[] bytes) {
    return switch (bytes[CPL_AT] & 0xFF) {
      case 0x05 -> SET_TCB + " of " + tcbField(bytes);
      case 0x12 -> "CPL_L2T_WRITE_REQ";
      case 0x14 -> "CPL_SMT_WRITE_REQ";
      default -> "message %#04x".formatted(bytes[CPL_AT]);
    };
  }

  private static String tcbField(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int word = buffer.getShort(22) & 0x1F;
    long mask = buffer.getLong(24);
    for (TcbField field : TcbField.values()) {
      if (field.word() == word && field.bits().mask() == mask) {
        return field.name();
      }
    }
    return "T_FLAGS";
  }

  /** The list in the test's resources. */
  static List<Field> fields() throws IOException {
    return rows("state-fields.txt").stream()
        .map(row -> new Field(row[0], row[1], Integer.parseInt(row[2]), Integer.parseInt(row[3])))
        .toList();
  }

  /** The rows of a table in the test's resources. */
  static List<String[]> rows(String table) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(Commands.class.getResourceAsStream(table), table)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" \\| ", -1))
          .toList();
    }
  }
}
