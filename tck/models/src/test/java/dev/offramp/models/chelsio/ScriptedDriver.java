package dev.offramp.models.chelsio;

import static dev.offramp.models.chelsio.ScriptedMailbox.ALLOC;
import static dev.offramp.models.chelsio.ScriptedMailbox.EXEC;
import static dev.offramp.models.chelsio.ScriptedMailbox.FREE;
import static dev.offramp.models.chelsio.ScriptedMailbox.READ;
import static dev.offramp.models.chelsio.ScriptedMailbox.WRITE;
import static dev.offramp.models.chelsio.ScriptedMailbox.command;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;

/** A driver as a script of register accesses: brings the adapter up, makes its queues. */
final class ScriptedDriver {
  static final int FUNCTION = 4;
  static final int PORT = 1;
  static final int VECTOR = 3;

  private static final int START = 1 << 28;
  private static final int STATUS_PAGE = 2 << 20;
  private static final int RING_SLOTS = 64;

  private final Board board;
  private final ScriptedMailbox mailbox;
  private final ScriptedQueue messages;
  private final ScriptedRing freeList;
  private final ScriptedRing control;
  private final ScriptedRing offload;
  private int virtualInterface;
  private long cookie = 0x1122_3344_5566_0000L;

  ScriptedDriver(Board board) {
    this.board = board;
    this.mailbox = new ScriptedMailbox(board);
    this.messages = new ScriptedQueue(board, 128, 64, false);
    this.freeList = new ScriptedRing(board, 17);
    this.control = new ScriptedRing(board, RING_SLOTS);
    this.offload = new ScriptedRing(board, RING_SLOTS);
  }

  /** From power-up to queues. */
  static ScriptedDriver started(Board board) {
    ScriptedDriver driver = new ScriptedDriver(board);
    driver.start();
    return driver;
  }

  void start() {
    initialize();
    makeQueues();
  }

  void initialize() {
    mailbox.execute(command(0x03, WRITE, 0, 16).u32(8, 3));
    Raw hello = mailbox.execute(command(0x04, WRITE, 0, 16));
    assertThat(hello.u32(12) >>> 24).isEqualTo(1);
    Raw capabilities = mailbox.execute(command(0x07, READ, 0, 48));
    assertThat(capabilities.u16(26) & 1).isEqualTo(1);
    assertThat(capabilities.u16(28) & 3).isEqualTo(3);
    mailbox.execute(
        Raw.on(capabilities.bytes().clone()).u32(0, 0x07 << 24 | 1 << 23 | WRITE).u32(4, 3));
    mailbox.execute(command(0x06, WRITE, 0, 16));
    Raw made = mailbox.execute(command(0x14, EXEC | WRITE, ALLOC, 64).u8(16, PORT << 4));
    virtualInterface = made.u16(8) & 0xFFF;
    mailbox.execute(command(0x17, EXEC | virtualInterface, 3 << 30, 16));
  }

  void makeQueues() {
    Raw iq =
        mailbox.execute(
            command(0x10, EXEC | WRITE | FUNCTION << 8, ALLOC | START, 64)
                .u32(16, VECTOR)
                .u16(20, 2)
                .u16(22, messages.size())
                .u64(24, messages.address())
                .u16(38, freeList.size())
                .u64(40, freeList.address()));
    messages.setIds(iq.u16(10), iq.u16(8));
    freeList.setId(iq.u16(12));
    messages.fill(freeList, 8);
    Raw eq =
        mailbox.execute(
            command(0x13, EXEC | WRITE | FUNCTION << 8, ALLOC | START, 32)
                .u32(8, messages.id() << 20)
                .u32(16, STATUS_PAGE | messages.id())
                .u32(20, control.size())
                .u64(24, control.address()));
    control.setId(eq.u32(8) & 0xF_FFFF);
    eq =
        mailbox.execute(
            command(0x21, EXEC | WRITE | FUNCTION << 8, ALLOC | START, 32)
                .u32(16, STATUS_PAGE | messages.id())
                .u32(20, offload.size())
                .u64(24, offload.address()));
    offload.setId(eq.u32(8) & 0xF_FFFF);
  }

  /** Gives everything back. */
  void stop() {
    mailbox.execute(command(0x21, EXEC | WRITE | FUNCTION << 8, FREE, 32).u32(8, offload.id()));
    mailbox.execute(command(0x13, EXEC | WRITE | FUNCTION << 8, FREE, 32).u32(8, control.id()));
    mailbox.execute(
        command(0x10, EXEC | WRITE | FUNCTION << 8, FREE, 64)
            .u16(10, messages.id())
            .u16(12, freeList.id())
            .u16(14, 0xFFFF));
    mailbox.execute(command(0x14, EXEC | WRITE, FREE, 64).u16(8, virtualInterface));
    mailbox.execute(command(0x05, WRITE, 0, 16));
  }

  /** FW_CLIP_CMD: a local IPv6 address comes or goes. */
  void clip(InetAddress address, boolean add) {
    mailbox.execute(command(0x28, WRITE, add ? ALLOC : FREE, 32).put(8, address.getAddress()));
  }

  /** CPL_L2T_WRITE_REQ, answered. */
  void writeNextHop(int index, int vlan, long mac) {
    control.post(
        transport(16)
            .u32(16, 0x12 << 24 | messages.absoluteId() << 14 | 1 << 12 | index)
            .u16(20, PORT << 8)
            .u16(22, index)
            .u16(24, vlan)
            .mac(26, mac));
    Raw reply = messages.take(0x23);
    assertThat(reply.u32(0) & 0xFF_FFFF).isEqualTo(index);
    assertThat(reply.u8(4)).isZero();
  }

  /** FW_TP_WR with room for a message of so many bytes. */
  static Raw transport(int messageBytes) {
    int units = (16 + messageBytes + 15) / 16;
    return Raw.of(16 * units).u32(0, 0x05 << 24 | messageBytes).u32(4, units);
  }

  /** Posts a firmware work request that wants an answer, and returns its result. */
  int result(ScriptedRing ring, Raw wr) {
    cookie++;
    ring.post(wr.u64(8, cookie));
    Raw reply = messages.take(0xE0);
    assertThat(reply.u8(1)).isEqualTo(1);
    assertThat(reply.u64(16)).isEqualTo(cookie);
    return (int) (reply.u64(8) >>> 8) & 0xFF;
  }

  /** The source MAC's number in opt0: T5 has two in a row. */
  int sourceMac() {
    int number = virtualInterface & 0x7F;
    return board.chip() == ChelsioChip.T5 ? 2 * number : number;
  }

  Board board() {
    return board;
  }

  ScriptedMailbox mailbox() {
    return mailbox;
  }

  ScriptedQueue messages() {
    return messages;
  }

  ScriptedRing control() {
    return control;
  }

  ScriptedRing offload() {
    return offload;
  }

  int virtualInterface() {
    return virtualInterface;
  }
}
