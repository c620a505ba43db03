package dev.offramp.api.rdma;

import java.util.Map;

/** The registered layer/type/code triples: RFC 6580, sections 3.1 to 3.3; RFC 6581; RFC 7306. */
final class TerminateNames {
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          name(0x00_00, "local catastrophic error"),
          name(0x01_00, "invalid STag"),
          name(0x01_01, "base or bounds violation"),
          name(0x01_02, "access rights violation"),
          name(0x01_03, "STag not associated with the stream"),
          name(0x01_04, "tagged offset wrap"),
          name(0x01_09, "STag cannot be invalidated"),
          name(0x01_ff, "unspecified protection error"),
          name(0x02_05, "invalid RDMAP version"),
          name(0x02_06, "unexpected opcode"),
          name(0x02_07, "catastrophic error, localized to the stream, or atomic misalignment"),
          name(0x02_08, "catastrophic error, global"),
          name(0x02_09, "STag cannot be invalidated"),
          name(0x02_ff, "unspecified remote operation error"),
          name(0x10_00, "local catastrophic error"),
          name(0x11_00, "invalid STag"),
          name(0x11_01, "base or bounds violation"),
          name(0x11_02, "STag not associated with the stream"),
          name(0x11_03, "tagged offset wrap"),
          name(0x11_04, "invalid DDP version"),
          name(0x12_01, "invalid queue number"),
          name(0x12_02, "invalid MSN: no buffer available"),
          name(0x12_03, "invalid MSN: out of range"),
          name(0x12_04, "invalid message offset"),
          name(0x12_05, "message too long for the available buffer"),
          name(0x12_06, "invalid DDP version"),
          name(0x20_01, "TCP connection closed, terminated or lost"),
          name(0x20_02, "MPA CRC error"),
          name(0x20_03, "MPA marker and length mismatch"),
          name(0x20_04, "invalid MPA Request or Reply frame"),
          name(0x20_05, "local catastrophic error"),
          name(0x20_06, "insufficient IRD"),
          name(0x20_07, "no matching ready-to-receive indication"));

  private TerminateNames() {}

  static String of(int layer, int type, int code) {
    return NAMES.getOrDefault(layer << 12 | type << 8 | code, "");
  }

  private static Map.Entry<Integer, String> name(int triple, String name) {
    return Map.entry(triple, name);
  }
}
