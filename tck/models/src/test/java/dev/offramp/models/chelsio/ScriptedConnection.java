package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.VlanTag;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;

/** A connection that a script moves to the adapter, step by step. */
final class ScriptedConnection {
  static final int DOMAIN = 0x21;
  static final int NEXT_HOP = 7;
  static final int COMPLETIONS = 0x201;
  static final int SENDS = 0x410;
  static final int RECEIVES = 0x411;
  static final int DEPTH = 8;

  private static final int NO_VLAN = 0xFFF;
  private static final int MTU_1500 = 8;
  private static final int ESTABLISHED = 4;
  private static final int TCP_DDP = 5;
  private static final int IMMEDIATE_MAX = 255;

  private final ScriptedDriver driver;
  private final IwarpConnectionDescriptor d;
  private final ScriptedQueue completions;
  private final ScriptedRing sends;
  private final ScriptedRing receives;
  private final int number;
  private int tid;

  ScriptedConnection(ScriptedDriver driver, IwarpConnectionDescriptor d) {
    this(driver, d, 0);
  }

  /** With numbers of queues that differ by the connection's own. */
  ScriptedConnection(ScriptedDriver driver, IwarpConnectionDescriptor d, int number) {
    this.driver = driver;
    this.d = d;
    this.number = number;
    this.completions = new ScriptedQueue(driver.board(), 64, 64, true);
    this.sends = new ScriptedRing(driver.board(), 5 * DEPTH + 1);
    this.receives = new ScriptedRing(driver.board(), 2 * DEPTH + 1);
    completions.setIds(COMPLETIONS + number, COMPLETIONS + number);
    sends.setId(SENDS + 2 * number);
    receives.setId(RECEIVES + 2 * number);
  }

  int tid() {
    return tid;
  }

  ScriptedQueue completions() {
    return completions;
  }

  ScriptedRing sends() {
    return sends;
  }

  ScriptedRing receives() {
    return receives;
  }

  InetAddress localAddress() {
    return d.value(DescriptorFields.LOCAL_ADDRESS).getAddress();
  }

  private boolean isIpv6() {
    return localAddress() instanceof Inet6Address;
  }

  // ---- TCP

  /** Everything up to a silent connection that the adapter owns, with its queues. */
  void takeOver() {
    nextHop();
    assertThat(open(connection())).isZero();
    loadTcb();
    assertThat(own()).isZero();
    flowc();
    assertThat(makeQueues()).isZero();
  }

  void nextHop() {
    int vlan = NO_VLAN;
    if (d.isKnown(DescriptorFields.VLAN_TAG)) {
      VlanTag tag = d.value(DescriptorFields.VLAN_TAG);
      vlan = tag.priority() << 13 | tag.id();
    }
    driver.writeNextHop(NEXT_HOP, vlan, d.value(DescriptorFields.NEXT_HOP_MAC).value());
    if (isIpv6()) {
      driver.clip(localAddress(), true);
    }
  }

  /** FW_OFLD_CONNECTION_WR. */
  Raw connection() {
    InetSocketAddress local = d.value(DescriptorFields.LOCAL_ADDRESS);
    InetSocketAddress peer = d.value(DescriptorFields.REMOTE_ADDRESS);
    int filter = ScriptedDriver.PORT << 1 | 6 << 21;
    if (d.isKnown(DescriptorFields.VLAN_TAG)) {
      VlanTag tag = d.value(DescriptorFields.VLAN_TAG);
      filter |= (1 << 16 | tag.priority() << 13 | tag.id()) << 4;
    }
    Raw wr =
        Raw.of(128)
            .u32(0, 0x2F << 24)
            .u32(4, 8)
            .u64(8, 0xC00C_1E00L + number)
            .u32(32, isIpv6() ? 1 << 31 : 0)
            .u32(36, filter)
            .u16(44, local.getPort())
            .u16(46, peer.getPort())
            .put(48, peer.getAddress().getAddress())
            .put(isIpv6() ? 64 : 52, local.getAddress().getAddress());
    int peerScale = d.get(DescriptorFields.SEND_WINDOW_SCALE).orElse(0);
    return wr.u32(80, ESTABLISHED << 28 | peerScale << 24 | 0x77)
        .u16(86, (int) (d.value(DescriptorFields.SND_WND) >>> peerScale))
        .u32(88, d.value(DescriptorFields.RCV_NXT))
        .u32(92, d.value(DescriptorFields.SND_UNA))
        .u64(96, opt0())
        .u32(104, opt2());
  }

  private long opt0() {
    return (long) MTU_1500 << 60
        | (long) d.get(DescriptorFields.RECEIVE_WINDOW_SCALE).orElse(0) << 50
        | (long) NEXT_HOP << 36
        | (long) driver.sourceMac() << 28
        | Math.min(1023, d.value(DescriptorFields.RCV_WND) >>> 10) << 12
        | TCP_DDP << 8
        | 1 << 7
        | ScriptedDriver.PORT << 2;
  }

  private int opt2() {
    return 1 << 31
        | (d.value(DescriptorFields.TIMESTAMPS) ? 1 << 29 : 0)
        | (d.value(DescriptorFields.WINDOW_SCALING) ? 1 << 28 : 0)
        | 1 << 10
        | driver.messages().absoluteId();
  }

  /** Posts it; firmware's answer. */
  int open(Raw wr) {
    driver.offload().post(wr);
    Raw reply = driver.messages().take(0xE0);
    assertThat(reply.u8(1)).isEqualTo(3);
    assertThat(reply.u64(8)).isEqualTo(0xC00C_1E00L + number);
    assertThat(reply.u8(20)).isEqualTo(wr.u8(80) >>> 4);
    tid = reply.u32(16);
    return reply.u8(21);
  }

  /** What the work request cannot say, as iw_cxgb4 or ch_ktls would write it. */
  void loadTcb() {
    set(9, 0, 32, d.value(DescriptorFields.SND_UNA));
    set(10, 0, 56, 0);
    set(11, 24, 28, 0);
    set(16, 10, 32, d.value(DescriptorFields.RCV_NXT));
    set(17, 10, 28, d.value(DescriptorFields.RCV_WND));
    set(
        19,
        2,
        28,
        d.value(DescriptorFields.RCV_NXT) - d.value(DescriptorFields.RCV_WUP) & 0xFFFF_FFFFL);
  }

  /** A field of the TCB, without an answer. */
  void set(int word, int shift, int width, long value) {
    driver.control().post(setTcb(word, ((1L << width) - 1) << shift, value << shift, false));
  }

  /** CPL_SET_TCB_FIELD. */
  Raw setTcb(int word, long mask, long value, boolean reply) {
    return ScriptedDriver.transport(24)
        .u32(16, 0x05 << 24 | tid)
        .u16(20, reply ? driver.messages().absoluteId() : 1 << 15)
        .u16(22, 5 << 5 | word)
        .u64(24, mask)
        .u64(32, value);
  }

  /** The same with an answer; its status. */
  int setAnswered(int word, long mask, long value) {
    driver.control().post(setTcb(word, mask, value, true));
    Raw reply = driver.messages().take(0x3A);
    assertThat(reply.u32(0) & 0xFF_FFFF).isEqualTo(tid);
    assertThat(reply.u8(6)).isEqualTo(5 << 5 | word);
    return reply.u8(7);
  }

  /** NON_OFFLOAD goes, both quiesce bits come: the adapter has the 4-tuple, and is silent. */
  int own() {
    return setAnswered(1, 1 << 1 | 3 << 14, 3 << 14);
  }

  /** The adapter speaks. */
  int activate() {
    return setAnswered(1, 3 << 14, 0);
  }

  int quiesce() {
    return setAnswered(1, 3 << 14, 3 << 14);
  }

  void flowc() {
    driver.offload().post(flowcRequest());
    Raw ack = driver.messages().take(0xC3);
    assertThat(ack.u32(0) & 0xFF_FFFF).isEqualTo(tid);
    assertThat(ack.u8(4)).isEqualTo(5);
    assertThat(ack.u8(7)).isEqualTo(4);
  }

  /** FW_FLOWC_WR. */
  Raw flowcRequest() {
    long[][] pairs = {
      {0, ScriptedDriver.FUNCTION << 8},
      {1, ScriptedDriver.PORT},
      {2, ScriptedDriver.PORT},
      {3, driver.messages().absoluteId()},
      {4, d.value(DescriptorFields.SND_UNA)},
      {5, d.value(DescriptorFields.RCV_NXT)},
      {6, 128 << 10},
      {7, d.value(DescriptorFields.SEND_MSS_BYTES)},
      {14, d.get(DescriptorFields.SEND_WINDOW_SCALE).orElse(0)}
    };
    Raw wr = Raw.of(80).u32(0, 0x0A << 24 | 1 << 21 | pairs.length).u32(4, tid << 8 | 5);
    for (int i = 0; i < pairs.length; i++) {
      wr.u8(8 + 8 * i, (int) pairs[i][0]).u32(12 + 8 * i, pairs[i][1]);
    }
    return wr;
  }

  /** Bytes of the streaming mode. */
  void stream(Octets bytes) {
    byte[] all = bytes.toByteArray();
    for (int at = 0; at < all.length; at += IMMEDIATE_MAX) {
      byte[] part = Arrays.copyOfRange(all, at, Math.min(all.length, at + IMMEDIATE_MAX));
      driver.offload().post(data(part));
      Raw ack = driver.messages().take(0xC3);
      assertThat(ack.u32(0) & 0xFF_FFFF).isEqualTo(tid);
      assertThat(ack.u8(4)).isEqualTo((16 + part.length + 15) / 16);
    }
  }

  /** FW_OFLD_TX_DATA_WR. */
  Raw data(byte[] bytes) {
    int units = (16 + bytes.length + 15) / 16;
    return Raw.of(16 * units)
        .u32(0, 0x0B << 24 | 1 << 21 | bytes.length)
        .u32(4, tid << 8 | units)
        .u32(8, bytes.length)
        .u32(12, 1 << 29 | 1 << 17)
        .put(16, bytes);
  }

  /** A message with nothing but its tid. */
  Raw message(int opcode, int bytes) {
    return ScriptedDriver.transport(bytes).u32(16, opcode << 24 | tid);
  }

  /** CPL_GET_TCB, answered: the image. */
  Tcb getTcb() {
    driver.control().post(message(0x06, 8).u16(20, driver.messages().absoluteId()).u16(22, 0x31));
    Raw reply = driver.messages().take(0x22);
    assertThat(reply.u32(0) & 0xFF_FFFF).isEqualTo(tid);
    assertThat(reply.u8(4)).isEqualTo(0x31);
    assertThat(reply.u8(5)).isZero();
    assertThat(reply.u16(6)).isEqualTo(128);
    return Tcb.of(Arrays.copyOfRange(reply.bytes(), 8, 136));
  }

  // ---- RDMA

  /** FW_RI_RES_WR: queues come. */
  int makeQueues() {
    return driver.result(driver.control(), resources(0));
  }

  /** FW_RI_RES_WR: queues go. */
  int freeQueues() {
    return driver.result(driver.control(), resources(1));
  }

  /** Three records, and the spare one that iw_cxgb4 leaves. Queues that use go first. */
  Raw resources(int operation) {
    Raw wr = Raw.of(208).u32(0, 0x0C << 24 | 1 << 21 | 3).u32(4, 13);
    int first = operation == 0 ? 16 : 112;
    wr.u8(first, 2)
        .u8(first + 1, operation)
        .u32(first + 4, completions.id())
        .u32(first + 16, 1 << 15 | 1 << 12 | driver.messages().absoluteId())
        .u16(first + 20, 1 << 15 | 2 << 12 | 2)
        .u16(first + 22, completions.size())
        .u64(first + 24, completions.address());
    int at = operation == 0 ? 64 : 16;
    work(wr, at, 0, operation, sends);
    work(wr, at + 48, 1, operation, receives);
    return wr;
  }

  private void work(Raw wr, int at, int type, int operation, ScriptedRing ring) {
    wr.u8(at, type)
        .u8(at + 1, operation)
        .u32(at + 4, ring.id())
        .u32(at + 16, completions.id())
        .u32(at + 20, 2 << 23 | 3 << 20 | ring.size())
        .u64(at + 24, ring.address());
  }

  /** FW_RI_WR INIT; firmware's answer. */
  int init(boolean initiator, int p2p, int attributes, int posted) {
    return driver.result(driver.offload(), initRequest(initiator, p2p, attributes, posted));
  }

  Raw initRequest(boolean initiator, int p2p, int attributes, int posted) {
    Octets unsent = d.get(DescriptorFields.UNSENT).orElse(Octets.empty());
    Octets unacknowledged = d.get(DescriptorFields.UNACKNOWLEDGED).orElse(Octets.empty());
    assertThat(unsent.isEmpty() || unacknowledged.isEmpty() || !initiator).isTrue();
    return Raw.of(128)
        .u32(0, 0x0D << 24 | 1 << 21)
        .u32(4, tid << 8 | 8)
        .u8(17, (initiator ? 1 << 7 : 0) | p2p)
        .u8(20, attributes)
        .u8(21, 7)
        .u16(22, posted)
        .u32(24, DOMAIN)
        .u32(28, sends.id())
        .u32(32, sends.id())
        .u32(36, receives.id())
        .u32(40, completions.id())
        .u32(44, completions.id())
        .u32(48, 8)
        .u32(52, 8)
        .u32(56, d.value(DescriptorFields.SND_UNA))
        .u32(60, d.value(DescriptorFields.RCV_NXT))
        .u32(64, 16)
        .u32(68, number * 1024L);
  }

  /** FW_RI_WR FINI or TERMINATE, with a message. */
  Raw change(int type, byte[] message) {
    return Raw.of(128)
        .u32(0, 0x0D << 24 | 1 << 21)
        .u32(4, tid << 8 | 8)
        .u8(16, type)
        .u32(20, message.length)
        .put(24, message);
  }
}
