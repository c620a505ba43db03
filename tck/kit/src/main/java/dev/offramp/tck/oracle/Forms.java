package dev.offramp.tck.oracle;

import static dev.offramp.tck.rule.AddressingRules.L01;
import static dev.offramp.tck.rule.AddressingRules.L02;
import static dev.offramp.tck.rule.AddressingRules.L06;
import static dev.offramp.tck.rule.AddressingRules.L08;
import static dev.offramp.tck.rule.FrameRules.L36;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.tck.rule.Rule;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What the fields of a descriptor look like when somebody writes them as a connection manager of
 * another transport would (leak catalogue, section 0.2 CD). The values in a sample are drawn, so a
 * form that turns up is no accident.
 */
public final class Forms {
  private static final int MAPPED_BYTES = 16;

  private Forms() {}

  /**
   * One form of one field.
   *
   * @param field whose value it is
   * @param rule the class of leaks
   * @param words what it is
   * @param octets the form, in the order in which it would be sent
   */
  public record Form(String field, Rule rule, String words, Octets octets) {
    /** Its identity, apart from the value. */
    public String key() {
      return field + " " + words;
    }

    /** Forms of four octets and more are no accident in a single run. */
    public boolean isWide() {
      return octets.length() > Integer.BYTES;
    }

    static Form of(FieldKey<?> field, Rule rule, String words, byte[] octets) {
      return new Form(field.path(), rule, words, Octets.copyOf(octets));
    }
  }

  /** All forms of a descriptor. */
  public static List<Form> of(IwarpConnectionDescriptor d) {
    List<Form> forms = new ArrayList<>();
    for (FieldKey<InetSocketAddress> key :
        List.of(DescriptorFields.LOCAL_ADDRESS, DescriptorFields.REMOTE_ADDRESS)) {
      InetSocketAddress end = d.value(key);
      address(forms, key, end.getAddress());
      forms.add(
          Form.of(
              key,
              L08,
              "a 64-bit service identifier with the TCP port space 0x0106 before the port",
              ByteBuffer.allocate(Long.BYTES).putLong(0x0106_0000L | end.getPort()).array()));
      header(forms, key, d, end);
    }
    if (d.isKnown(DescriptorFields.NEXT_HOP)) {
      address(forms, DescriptorFields.NEXT_HOP, d.value(DescriptorFields.NEXT_HOP));
    }
    for (FieldKey<MacAddress> key :
        List.of(DescriptorFields.SOURCE_MAC, DescriptorFields.NEXT_HOP_MAC)) {
      if (d.isKnown(key)) {
        mac(forms, key, d.value(key));
      }
    }
    if (d.isKnown(DescriptorFields.VLAN_TAG)) {
      VlanTag tag = d.value(DescriptorFields.VLAN_TAG);
      forms.add(
          Form.of(
              DescriptorFields.VLAN_TAG,
              L06,
              "a partition key (P_Key): 0x8000 and the VLAN's identifier",
              ByteBuffer.allocate(Short.BYTES).putShort((short) (0x8000 | tag.id())).array()));
    }
    return forms;
  }

  private static void address(List<Form> forms, FieldKey<?> field, InetAddress address) {
    byte[] octets = address.getAddress();
    if (octets.length == Integer.BYTES) {
      forms.add(
          Form.of(
              field,
              L01,
              "a 16-octet global identifier (GID), the IPv4 address mapped as ::ffff:a.b.c.d",
              ByteBuffer.allocate(MAPPED_BYTES).putLong(0).putInt(0xFFFF).put(octets).array()));
    }
  }

  /** Modified EUI-64 (RFC 4291, appendix A), and EUI-64 without the inverted bit. */
  private static void mac(List<Form> forms, FieldKey<?> field, MacAddress mac) {
    long bits = mac.value();
    for (boolean inverted : new boolean[] {true, false}) {
      long high = bits >>> 24 ^ (inverted ? 0x02_0000 : 0);
      long guid = high << 40 | 0xFF_FE00_0000L | (bits & 0xFF_FFFF);
      forms.add(
          Form.of(
              field,
              L02,
              "an adapter's identity (GUID): the MAC address as EUI-64",
              ByteBuffer.allocate(Long.BYTES).putLong(guid).array()));
    }
  }

  /** What rdma_cm puts before private data: version, IP version, port, two addresses. */
  private static void header(
      List<Form> forms, FieldKey<?> field, IwarpConnectionDescriptor d, InetSocketAddress end) {
    byte[] local = d.value(DescriptorFields.LOCAL_ADDRESS).getAddress().getAddress();
    ByteBuffer header = ByteBuffer.allocate(4 + MAPPED_BYTES);
    header.put((byte) 0).put((byte) (local.length == Integer.BYTES ? 0x40 : 0x60));
    header.putShort((short) end.getPort());
    header.position(header.capacity() - local.length);
    header.put(local);
    forms.add(
        Form.of(
            field,
            L36,
            "the header of rdma_cm before private data: IP version, port, 16-octet addresses",
            header.array()));
  }
}
