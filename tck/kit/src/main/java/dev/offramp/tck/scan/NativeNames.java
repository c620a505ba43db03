package dev.offramp.tck.scan;

import java.util.Optional;
import java.util.regex.Pattern;

/** Symbols, libraries and device nodes of other RDMA stacks. */
final class NativeNames {
  /**
   * Connection managers and verbs, by their C names (librdmacm, libibverbs, libibcm, libibumad).
   */
  private static final Pattern SYMBOL =
      Pattern.compile(
          "(_?ibv_\\w+|ib_cm_\\w+|ibcm_\\w+|umad_\\w+|mad_rpc\\w*|ucma_\\w+|"
              + "rdma_(create|destroy|bind|resolve|connect|accept|reject|listen|disconnect|get|"
              + "ack|migrate|notify|join|leave|init|set|event|getaddrinfo|freeaddrinfo|establish|"
              + "reg_msgs|dereg_mr|post_send|post_recv|create_qp|destroy_qp)(_\\w+)?)");

  private static final Pattern LIBRARY =
      Pattern.compile("lib(ibverbs|rdmacm|ibcm|ibumad|ibmad|mlx\\d|efa|fabric|ucp|uct)\\b.*");

  private static final Pattern NODE =
      Pattern.compile(".*(/dev/infiniband|/sys/class/infiniband|NETLINK_RDMA).*");

  private NativeNames() {}

  /** What a text is the name of; empty when it is none. */
  static Optional<String> symbol(String text) {
    if (NODE.matcher(text).matches()) {
      return Optional.of("a device node or interface of another RDMA stack");
    }
    if (LIBRARY.matcher(text).matches()) {
      return Optional.of("a library of another RDMA stack");
    }
    return SYMBOL.matcher(text).matches()
        ? Optional.of("a symbol of another RDMA stack")
        : Optional.empty();
  }
}
