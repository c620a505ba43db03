package dev.offramp.linux.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.Field;
import org.junit.jupiter.api.Test;

class SysctlFactsTest {
  @Test
  void eachNamespaceHasItsOwn() throws Exception {
    try (NetworkNamespace one = NetworkNamespace.create();
        NetworkNamespace two = NetworkNamespace.create()) {
      one.call(() -> {
        Sysctl.write("net.ipv4.tcp_timestamps", "0");
        Sysctl.write("net.ipv4.tcp_sack", "0");
        return true;
      });
      assertThat(SysctlFacts.read(one).tcpTimestamps())
          .isEqualTo(Field.present(0, "sysctl net.ipv4.tcp_timestamps"));
      assertThat(SysctlFacts.read(one).tcpSack().value()).isZero();
      assertThat(SysctlFacts.read(two).tcpTimestamps().value()).isNotZero();
      assertThat(SysctlFacts.read(two).tcpSack().value()).isEqualTo(1);
      assertThat(SysctlFacts.read(two).ipv6Forwarding().isKnown()).isTrue();
    }
  }

  @Test
  void theNicForwardsNothingItself() throws Exception {
    try (Topology topology = Topology.create()) {
      SysctlFacts facts = SysctlFacts.read(topology.nicNamespace());
      assertThat(facts.ipv4Forwarding().value()).isZero();
      assertThat(facts.ipv6Forwarding().value()).isZero();
    }
  }
}
