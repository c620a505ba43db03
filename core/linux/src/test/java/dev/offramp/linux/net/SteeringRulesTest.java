package dev.offramp.linux.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class SteeringRulesTest {
  @Test
  void ipv4() throws Exception {
    FourTuple tuple = tuple("10.77.0.1", "10.77.0.2");
    assertThat(SteeringRules.steer("wire", 1000, tuple))
        .isEqualTo(
            "filter add dev wire ingress protocol ip pref 1000 u32"
                + " match u8 0x45 0xff at 0 match u16 0 0x1fff at 6"
                + " match ip src 10.77.0.2/32 match ip dst 10.77.0.1/32 match ip protocol 6 0xff"
                + " match ip sport 5001 0xffff match ip dport 7001 0xffff flowid 1:1");
    assertThat(SteeringRules.guard("wire", "sink", 1001, tuple))
        .isEqualTo(
            "filter add dev wire egress protocol ip pref 1001 u32"
                + " match u8 0x45 0xff at 0 match u16 0 0x1fff at 6"
                + " match ip src 10.77.0.1/32 match ip dst 10.77.0.2/32 match ip protocol 6 0xff"
                + " match ip sport 7001 0xffff match ip dport 5001 0xffff"
                + " match u8 0x04 0x04 at 33 action mirred egress redirect dev sink");
  }

  @Test
  void ipv6WithoutItsScope() throws Exception {
    FourTuple tuple = tuple("fe80::1%3", "fe80::2%3");
    assertThat(SteeringRules.guard("wire", "sink", 1, tuple))
        .isEqualTo(
            "filter add dev wire egress protocol ipv6 pref 1 u32"
                + " match ip6 src fe80:0:0:0:0:0:0:1/128 match ip6 dst fe80:0:0:0:0:0:0:2/128"
                + " match ip6 protocol 6 0xff"
                + " match ip6 sport 7001 0xffff match ip6 dport 5001 0xffff"
                + " match u8 0x04 0x04 at 53 action mirred egress redirect dev sink");
  }

  @Test
  void endsThatAreNoneAreRefused() {
    assertThatThrownBy(() -> tuple("10.0.0.1", "fd00::1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("different families");
    assertThatThrownBy(() -> tuple("0.0.0.0", "10.0.0.1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("local end");
  }

  private static FourTuple tuple(String local, String remote) throws Exception {
    return new FourTuple(
        new InetSocketAddress(InetAddress.getByName(local), 7001),
        new InetSocketAddress(InetAddress.getByName(remote), 5001));
  }
}
