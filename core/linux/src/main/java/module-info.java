/**
 * The operating-system service: takes a live TCP connection out of the kernel, and puts one in.
 *
 * <p>The only module of Offramp that makes native calls: it needs {@code
 * --enable-native-access=dev.offramp.linux}, and CAP_NET_ADMIN for what changes a connection. What
 * is missing is reported as a value, never as an error at start-up.
 */
module dev.offramp.linux {
  requires transitive dev.offramp.api;
  requires static transitive org.apiguardian.api;
  requires static transitive org.jspecify;

  exports dev.offramp.linux;
  exports dev.offramp.linux.helper;
  exports dev.offramp.linux.net;
}
