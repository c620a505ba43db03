package dev.offramp.api.descriptor;

import java.nio.charset.StandardCharsets;

/** One descriptor with a field of every kind, and its encoding, annotated. */
final class GoldenBytes {
  static final String VERSION_1 =
      String.join(
          "",
          "8201", // [1,
          "ac", // 12 fields:
          "01" + "83" + "6770726573656e74" + "6161" + "82" + "8144c0000201" + "1912b7",
          "02" + "83" + "6770726573656e74" + "6162" + "82" + "8144c0000202" + "199c40",
          "07" + "82" + "66616273656e74" + "6163",
          "0e" + "83" + "6764657269766564" + "60" + "6a686f73745f737461636b",
          "1820" + "83" + "6770726573656e74" + "60" + "6465746830",
          "1822" + "83" + "6770726573656e74" + "60" + "4602005e100001",
          "1823" + "83" + "6770726573656e74" + "60" + "8250fe8000000000000000000000000000011818",
          "1825" + "83" + "6770726573656e74" + "60" + "83190ffe07f5",
          "1841" + "83" + "6770726573656e74" + "60" + "1affffffff",
          "184d" + "83" + "6770726573656e74" + "60" + "1b7fffffffffffffff",
          "1854" + "83" + "6770726573656e74" + "60" + "4568656c6c6f",
          "18c0" + "83" + "6770726573656e74" + "60" + "f4");

  private GoldenBytes() {}

  static IwarpConnectionDescriptor version1() throws Exception {
    return IwarpConnectionDescriptor.builder()
        .present(DescriptorFields.LOCAL_ADDRESS, Descriptors.socket("192.0.2.1", 4791), "a")
        .present(DescriptorFields.REMOTE_ADDRESS, Descriptors.socket("192.0.2.2", 40000), "b")
        .absent(DescriptorFields.SEND_WINDOW_SCALE, "c")
        .derived(DescriptorFields.TCP_RESIDENCE, TcpResidence.HOST_STACK, "")
        .present(DescriptorFields.EGRESS_INTERFACE, "eth0", "")
        .present(DescriptorFields.SOURCE_MAC, new MacAddress(0x0200_5E10_0001L), "")
        .present(DescriptorFields.NEXT_HOP, Descriptors.scoped("fe80::1", 24), "")
        .present(DescriptorFields.VLAN_TAG, new VlanTag(4094, 7, true), "")
        .present(DescriptorFields.SND_UNA, 0xFFFF_FFFFL, "")
        .present(DescriptorFields.CWND_BYTES, Long.MAX_VALUE, "")
        .present(
            DescriptorFields.UNREAD, Octets.copyOf("hello".getBytes(StandardCharsets.UTF_8)), "")
        .present(DescriptorFields.NO_DELAY, false, "")
        .build();
  }
}
