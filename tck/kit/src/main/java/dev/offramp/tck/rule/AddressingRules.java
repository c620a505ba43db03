package dev.offramp.tck.rule;

import java.util.List;

/** Leaks A: identity and addressing. */
public final class AddressingRules {
  private static final RuleSet SET = new RuleSet(Family.ADDRESSING);

  public static final Rule L01 =
      SET.must(
          "L01",
          "RFC 5044, 7.1; RFC 5041, 3",
          "An endpoint is named by the TCP 4-tuple with its family and scope; no 16-octet global"
              + " identifier (GID) is made of an IPv4 address.",
          "IPv4 addresses are written in 4 octets beside a family flag, never as ::ffff:a.b.c.d;"
              + " localAddress() and remoteAddress() return family, scope and port as given.");

  public static final Rule L02 =
      SET.must(
          "L02",
          "RFC 5041, 3; RFC 5040, 5",
          "A MAC address is only an Ethernet address: no adapter identity (GUID, GID) is made of"
              + " it, and nothing in the stream depends on it.",
          "Where sourceMac or nextHopMac goes: six octets in an Ethernet header or next-hop entry,"
              + " not padded to 16, not as modified EUI-64.");

  public static final Rule L03 =
      SET.must(
          "L03",
          "RFC 5044, 7.1",
          "No subnet addressing (LID, SL, path bits, port number of a switch) exists: neither names"
              + " nor settings of that kind change anything.",
          "Fields and settings named after local identifiers or service levels; the egress"
              + " interface and the neighbour come from the descriptor.");

  public static final Rule L04 =
      SET.must(
          "L04",
          "RFC 8200, 3; RFC 791, 3.1; DescriptorFields",
          "Hop limit, DSCP, ECN and flow label are those of the live connection, each with all its"
              + " bits, and not those of a global route header (GRH).",
          "hopLimit, dscp, ecnCodepoint and flowLabel reach the device unmerged; where one is not"
              + " consumed, it is not declared.");

  public static final Rule L05 =
      SET.must(
          "L05",
          "RFC 5044, 7.1.5",
          "The route is the host's: there is no path record and no step that resolves one.",
          "Names and texts of path records; settings that describe a path.");

  public static final Rule L06 =
      SET.must(
          "L06",
          "IEEE 802.1Q; DescriptorFields.VLAN_TAG",
          "A VLAN tag keeps identifier, priority and drop eligibility; no partition key (P_Key) is"
              + " made of it.",
          "Where vlanTag goes: 16 bits with PCP and DEI, not 0x8000 | identifier; two tags that"
              + " differ in priority must differ at the device.");

  public static final Rule L07 =
      SET.must(
          "L07",
          "RFC 5040, 1.1",
          "RDMAP has no datagram service: no Q_Key, no multicast identifier anywhere.",
          "Constants 0x01234567, 0x80010000, 0x80000000 in commands; names of datagram"
              + " addressing.");

  public static final Rule L08 =
      SET.must(
          "L08",
          "RFC 5044, 7.1",
          "The service is a TCP port and nothing else: no 64-bit service identifier is made of it.",
          "A port written beside 0x0106; the port belongs into 16 bits of a TCP header or"
              + " context.");

  public static final Rule L09 =
      SET.must(
          "L09",
          "RFC 5041, 3; RFC 5044, 7.1",
          "The identity of a connection is its LLP stream: no communication identifier exists"
              + " beside it, and a second connection with the same 4-tuple is served like the"
              + " first.",
          "Tables keyed by numbers of your own that outlive a connection; octets on the wire that"
              + " count connections.");

  public static final Rule L10 =
      SET.must(
          "L10",
          "RFC 5041, 4.3; RFC 5040, 5",
          "The peer never learns the number of a local endpoint: what is sent does not depend on"
              + " how many connections there were before.",
          "Queue or connection numbers in headers, private data or payload.");

  public static final Rule L11 =
      SET.must(
          "L11",
          "RFC 5044, 7.1",
          "Addresses are IPv4 or IPv6: no AF_IB, no IPoIB.",
          "Names such as sockaddr_ib, sib_sid, ARPHRD_INFINIBAND in the jar.");

  static final List<Rule> ALL = SET.all();

  private AddressingRules() {}
}
