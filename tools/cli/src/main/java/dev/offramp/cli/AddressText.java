package dev.offramp.cli;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Addresses with ports as people write them: {@code 10.0.0.1:80}, {@code [fe80::1%eth0]:80}. */
final class AddressText {
  private static final int MAX_PORT = 65535;

  private AddressText() {}

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException says what was seen and expected
   */
  static InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon > 0) {
      String host = text.substring(0, colon);
      boolean bracketed = host.startsWith("[") && host.endsWith("]");
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        // Literals only: a name would be looked up, and the answer could be another address.
        if (port > 0 && port <= MAX_PORT && (bracketed || host.matches("[0-9.]+"))) {
          InetAddress address =
              InetAddress.getByName(bracketed ? host.substring(1, host.length() - 1) : host);
          return new InetSocketAddress(address, port);
        }
      } catch (NumberFormatException | UnknownHostException e) {
        // Reported below.
      }
    }
    throw new IllegalArgumentException(
        "seen [" + text + "], expected address:port such as 10.0.0.1:80 or [::1]:80");
  }

  static String format(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host)
        + ":"
        + address.getPort();
  }
}
