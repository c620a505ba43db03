package dev.offramp.linux.net;

import java.util.List;
import java.util.Map;

/** What to do about failures of ip, tc and nsenter, by what they print. */
final class Remedies {
  private record Rule(String fragment, String remedy) {}

  // Texts of iproute2 6.1 and of Linux's extended acknowledgements (net/sched, net/core).
  private static final List<Rule> RULES =
      List.of(
          new Rule(
              "Operation not permitted",
              "CAP_NET_ADMIN (and for namespaces CAP_SYS_ADMIN) is missing: run as root or under"
                  + " [unshare -Urn]"),
          new Rule(
              "Failed to load TC action module",
              "the kernel lacks the action: mirred needs CONFIG_NET_ACT_MIRRED [modprobe"
                  + " act_mirred]"),
          new Rule(
              "TC classifier not found",
              "the kernel lacks the classifier: CONFIG_NET_CLS_U32 [modprobe cls_u32]"),
          new Rule(
              "Specified qdisc kind is unknown",
              "the kernel lacks clsact: CONFIG_NET_SCH_INGRESS [modprobe sch_ingress]"),
          new Rule(
              "Unknown device type",
              "the kernel lacks this kind of interface [modprobe veth]; see /proc/config.gz"),
          new Rule(
              "Exclusivity flag on",
              "somebody else has set up a clsact qdisc there: [tc qdisc del dev DEVICE clsact]"),
          new Rule("Cannot find device", "list what is there with [ip link]"),
          new Rule("IPv6 is disabled", "enable it: [sysctl net.ipv6.conf.all.disable_ipv6=0]"));

  private static final Map<String, String> PACKAGES =
      Map.of("ip", "iproute2", "tc", "iproute2", "nsenter", "util-linux");

  private Remedies() {}

  static String forOutput(String stderr) {
    return RULES.stream()
        .filter(rule -> stderr.contains(rule.fragment()))
        .map(Rule::remedy)
        .findFirst()
        .orElse("");
  }

  static String forMissing(String program) {
    return "install it: [apt-get install " + PACKAGES.getOrDefault(program, program) + "]";
  }
}
