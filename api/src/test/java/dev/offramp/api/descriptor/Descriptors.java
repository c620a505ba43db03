package dev.offramp.api.descriptor;

import dev.offramp.api.mpa.MpaRole;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Descriptors that tests start from. */
final class Descriptors {
  static final String SOURCE = "test";

  private Descriptors() {}

  /** The two fields that every descriptor needs. */
  static IwarpConnectionDescriptor.Builder minimal() {
    return IwarpConnectionDescriptor.builder()
        .present(DescriptorFields.LOCAL_ADDRESS, socket("192.0.2.1", 4791), SOURCE)
        .present(DescriptorFields.REMOTE_ADDRESS, socket("192.0.2.2", 40000), SOURCE);
  }

  /** The same over IPv6. */
  static IwarpConnectionDescriptor.Builder minimalV6() {
    return IwarpConnectionDescriptor.builder()
        .present(DescriptorFields.LOCAL_ADDRESS, socket("2001:db8::1", 4791), SOURCE)
        .present(DescriptorFields.REMOTE_ADDRESS, socket("2001:db8::2", 40000), SOURCE);
  }

  /** A Responder in {@code phase} with all that the rules ask for. */
  static IwarpConnectionDescriptor.Builder started(IwarpPhase phase) {
    return minimal()
        .present(DescriptorFields.IWARP_PHASE, phase, SOURCE)
        .present(DescriptorFields.MPA_ROLE, MpaRole.RESPONDER, SOURCE)
        .present(DescriptorFields.MPA_REVISION, 2, SOURCE)
        .present(DescriptorFields.MPA_CRC, true, SOURCE)
        .present(DescriptorFields.MPA_SEND_MARKERS, false, SOURCE)
        .present(DescriptorFields.MPA_RECEIVE_MARKERS, false, SOURCE);
  }

  static InetSocketAddress socket(String address, int port) {
    return new InetSocketAddress(address(address), port);
  }

  static InetAddress address(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  static InetAddress scoped(String literal, int scope) throws UnknownHostException {
    return scopedBytes(address(literal).getAddress(), scope);
  }

  static InetAddress scopedBytes(byte[] address, int scope) throws UnknownHostException {
    return Inet6Address.getByAddress(null, address, scope);
  }
}
