package dev.offramp.api.descriptor;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.EnumSet;
import java.util.Locale;

/** The kinds of values that a descriptor's fields can have. */
final class FieldTypes {
  static final FieldType<Long> UINT32 = new Unsigned(0xFFFF_FFFFL);
  static final FieldType<Long> UINT63 = new Unsigned(Long.MAX_VALUE);
  static final FieldType<Boolean> BOOL = new Bool();
  static final FieldType<InetSocketAddress> SOCKET_ADDRESS = new SocketAddressType();
  static final FieldType<InetAddress> ADDRESS = new AddressType();
  static final FieldType<MacAddress> MAC = new MacType();
  static final FieldType<VlanTag> VLAN = new VlanType();

  private FieldTypes() {}

  static FieldType<Integer> range(int min, int max) {
    return new Range(min, max);
  }

  static <E extends Enum<E>> FieldType<E> choice(Class<E> type) {
    return new Choice<>(type);
  }

  /** The names of an enum's constants as a choice. */
  static <E extends Enum<E>> String choiceCddl(Class<E> type) {
    StringBuilder names = new StringBuilder();
    for (E constant : EnumSet.allOf(type)) {
      names.append(names.isEmpty() ? "" : " / ");
      names.append('"').append(constant.name().toLowerCase(Locale.ROOT)).append('"');
    }
    return names.toString();
  }

  static FieldType<String> text(int maxBytes) {
    return new Text(maxBytes);
  }

  static FieldType<Octets> octets(int maxBytes) {
    return new OctetsType(maxBytes);
  }

  private record Unsigned(long max) implements FieldType<Long> {
    @Override
    public void check(String path, Long value) {
      Checks.range(path, value, 0, max);
    }

    @Override
    public void write(CborWriter out, Long value) {
      out.unsigned(value);
    }

    @Override
    public Long read(CborReader in) throws IOException {
      return in.unsigned();
    }

    @Override
    public String cddl() {
      return "0.." + max;
    }
  }

  private record Range(int min, int max) implements FieldType<Integer> {
    @Override
    public void check(String path, Integer value) {
      Checks.range(path, value, min, max);
    }

    @Override
    public void write(CborWriter out, Integer value) {
      out.unsigned(value);
    }

    @Override
    public Integer read(CborReader in) throws IOException {
      return in.unsignedInt();
    }

    @Override
    public String cddl() {
      return min + ".." + max;
    }
  }

  private record Bool() implements FieldType<Boolean> {
    @Override
    public void check(String path, Boolean value) {}

    @Override
    public void write(CborWriter out, Boolean value) {
      out.bool(value);
    }

    @Override
    public Boolean read(CborReader in) throws IOException {
      return in.bool();
    }

    @Override
    public String cddl() {
      return "bool";
    }
  }

  /** Written by name, so that reordering an enum can never change what stored bytes mean. */
  private record Choice<E extends Enum<E>>(Class<E> type) implements FieldType<E> {
    private static final int MAX_NAME_BYTES = 64;

    @Override
    public void check(String path, E value) {}

    @Override
    public void write(CborWriter out, E value) {
      out.text(value.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public E read(CborReader in) throws IOException {
      String name = in.text(MAX_NAME_BYTES);
      for (E candidate : EnumSet.allOf(type)) {
        if (candidate.name().toLowerCase(Locale.ROOT).equals(name)) {
          return candidate;
        }
      }
      throw new DescriptorFormatException(
          in.position(), "the name [" + name + "]", "one of " + cddl());
    }

    @Override
    public String cddl() {
      return choiceCddl(type);
    }
  }

  private record Text(int maxBytes) implements FieldType<String> {
    @Override
    public void check(String path, String value) {
      Checks.text(path, value, 1, maxBytes);
    }

    @Override
    public void write(CborWriter out, String value) {
      out.text(value);
    }

    @Override
    public String read(CborReader in) throws IOException {
      return in.text(maxBytes);
    }

    @Override
    public String cddl() {
      return "tstr .size (1.." + maxBytes + ")";
    }
  }

  private record OctetsType(int maxBytes) implements FieldType<Octets> {
    @Override
    public void check(String path, Octets value) {
      if (value.length() > maxBytes) {
        throw new InvalidDescriptorException(
            path, value.length() + " bytes", "0.." + maxBytes + " bytes");
      }
    }

    @Override
    public void write(CborWriter out, Octets value) {
      out.bytes(value.toByteArray());
    }

    @Override
    public Octets read(CborReader in) throws IOException {
      return Octets.copyOf(in.bytes(maxBytes));
    }

    @Override
    public String cddl() {
      return "bstr .size (0.." + maxBytes + ")";
    }
  }

  private record AddressType() implements FieldType<InetAddress> {
    private static final int IPV6_BYTES = 16;

    @Override
    public void check(String path, InetAddress value) {
      // Inet6Address.getByAddress with a scope makes these; one address has one form here.
      Checks.require(
          !(value instanceof Inet6Address v6) || !isV4Mapped(v6.getAddress()),
          path,
          "a v4-mapped IPv6 address",
          "the Inet4Address");
    }

    private static boolean isV4Mapped(byte[] address) {
      for (int i = 0; i < 10; i++) {
        if (address[i] != 0) {
          return false;
        }
      }
      return address[10] == -1 && address[11] == -1;
    }

    @Override
    public boolean isSame(InetAddress one, InetAddress other) {
      return one.equals(other) && scope(one) == scope(other);
    }

    private static int scope(InetAddress address) {
      return address instanceof Inet6Address v6 ? v6.getScopeId() : 0;
    }

    @Override
    public void write(CborWriter out, InetAddress value) {
      int scope = scope(value);
      out.array(scope == 0 ? 1 : 2);
      out.bytes(value.getAddress());
      if (scope != 0) {
        out.unsigned(scope);
      }
    }

    @Override
    public InetAddress read(CborReader in) throws IOException {
      int length = in.array(1, 2);
      byte[] address = in.bytes(IPV6_BYTES);
      if (length == 1) {
        return unscoped(in, address);
      }
      long scope = in.unsigned();
      if (address.length != IPV6_BYTES || scope < 1 || scope > Integer.MAX_VALUE) {
        throw new DescriptorFormatException(
            in.position(),
            "scope id " + scope + " on an address of " + address.length + " bytes",
            "a scope id from 1 to 2147483647, and only on an IPv6 address");
      }
      unscoped(in, address);
      return scoped(address, (int) scope);
    }

    @SuppressWarnings("nullness:argument") // The JDK takes null for "no name"; its stub does not.
    private static InetAddress scoped(byte[] address, int scope) throws UnknownHostException {
      return Inet6Address.getByAddress(null, address, scope);
    }

    private static InetAddress unscoped(CborReader in, byte[] address) throws IOException {
      try {
        InetAddress result = InetAddress.getByAddress(address);
        if (result.getAddress().length != address.length) {
          // The JDK turns ::ffff:a.b.c.d into an Inet4Address; one address has one encoding here.
          throw new DescriptorFormatException(
              in.position(), "a v4-mapped IPv6 address", "the IPv4 address in 4 bytes");
        }
        return result;
      } catch (UnknownHostException e) {
        throw new DescriptorFormatException(
            in.position(), "an address of " + address.length + " bytes", "4 or 16 bytes");
      }
    }

    @Override
    public String cddl() {
      return "ip-address";
    }
  }

  private record SocketAddressType() implements FieldType<InetSocketAddress> {
    @Override
    public void check(String path, InetSocketAddress value) {
      if (value.isUnresolved()) {
        throw new InvalidDescriptorException(path, value.toString(), "a resolved address");
      }
      if (value.getPort() == 0) {
        throw new InvalidDescriptorException(path + ".port", "0", "1..65535");
      }
      ADDRESS.check(path, value.getAddress());
      if (value.getAddress().isAnyLocalAddress() || value.getAddress().isMulticastAddress()) {
        throw new InvalidDescriptorException(path, value.toString(), "a unicast address");
      }
    }

    @Override
    public boolean isSame(InetSocketAddress one, InetSocketAddress other) {
      return one.equals(other) && ADDRESS.isSame(one.getAddress(), other.getAddress());
    }

    @Override
    public void write(CborWriter out, InetSocketAddress value) {
      out.array(2);
      ADDRESS.write(out, value.getAddress());
      out.unsigned(value.getPort());
    }

    @Override
    public InetSocketAddress read(CborReader in) throws IOException {
      in.array(2, 2);
      InetAddress address = ADDRESS.read(in);
      int port = in.unsignedInt();
      if (port > 0xFFFF) {
        throw new DescriptorFormatException(in.position(), "port " + port, "1..65535");
      }
      return new InetSocketAddress(address, port);
    }

    @Override
    public String cddl() {
      return "socket-address";
    }
  }

  private record MacType() implements FieldType<MacAddress> {
    @Override
    public void check(String path, MacAddress value) {}

    @Override
    public void write(CborWriter out, MacAddress value) {
      out.bytes(value.toByteArray());
    }

    @Override
    public MacAddress read(CborReader in) throws IOException {
      byte[] octets = in.bytes(6);
      if (octets.length != 6) {
        throw new DescriptorFormatException(in.position(), octets.length + " octets", "6 octets");
      }
      return MacAddress.of(octets);
    }

    @Override
    public String cddl() {
      return "bstr .size 6";
    }
  }

  private record VlanType() implements FieldType<VlanTag> {
    @Override
    public void check(String path, VlanTag value) {}

    @Override
    public void write(CborWriter out, VlanTag value) {
      out.array(3);
      out.unsigned(value.id());
      out.unsigned(value.priority());
      out.bool(value.dropEligible());
    }

    @Override
    public VlanTag read(CborReader in) throws IOException {
      in.array(3, 3);
      return new VlanTag(in.unsignedInt(), in.unsignedInt(), in.bool());
    }

    @Override
    public String cddl() {
      return "[id: 1..4094, priority: 0..7, drop-eligible: bool]";
    }
  }
}
