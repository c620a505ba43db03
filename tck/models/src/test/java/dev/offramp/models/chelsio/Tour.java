package dev.offramp.models.chelsio;

import static dev.offramp.models.chelsio.ScriptedConnection.DOMAIN;
import static dev.offramp.models.chelsio.ScriptedMailbox.ALLOC;
import static dev.offramp.models.chelsio.ScriptedMailbox.EXEC;
import static dev.offramp.models.chelsio.ScriptedMailbox.FREE;
import static dev.offramp.models.chelsio.ScriptedMailbox.READ;
import static dev.offramp.models.chelsio.ScriptedMailbox.WRITE;
import static dev.offramp.models.chelsio.ScriptedMailbox.command;
import static dev.offramp.models.chelsio.ScriptedWork.COMPLETION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.chelsio.ScriptedWork.Piece;
import java.util.ArrayList;
import java.util.List;

/** A driver's life in which everything happens that a modelled adapter can do. */
final class Tour implements AutoCloseable {
  private static final int CRC_AND_IETF = 12;
  private static final int NO_INDICATION = 0xF;

  private final Rig rig;
  private final ScriptedDriver driver;
  private final List<GoldenPeer> peers = new ArrayList<>();
  private int connections;

  Tour(Rig rig) {
    this.rig = rig;
    this.driver = new ScriptedDriver(rig);
  }

  /** All of it. Fails as soon as something is not as it should be. */
  void run() {
    assertThat(rig.model().read32(0, 0x30B8) >>> 31).isZero();
    driver.initialize();
    commands();
    driver.makeQueues();
    tables();
    tcbOnly();
    errorAndTerminate();
    finish();
    reset();
    driver.stop();
  }

  private void commands() {
    ScriptedMailbox mailbox = driver.mailbox();
    int vi = driver.virtualInterface();
    mailbox.execute(command(0x01, READ | 0x10, 0, 64).u32(8, 0x140));
    mailbox.execute(command(0x09, WRITE | ScriptedDriver.FUNCTION << 8, 0, 32));
    assertThat(mailbox.parameter(1, 0x02)).isPositive();
    mailbox.execute(command(0x15, WRITE | vi, 0, 64).u16(8, 1 << 15 | 0x3FF).mac(10, 0x0200_0001L));
    mailbox.execute(command(0x16, WRITE | vi, 0, 16));
    assertThat(mailbox.execute(command(0x1B, READ | ScriptedDriver.PORT, 10 << 16, 32)).u32(8))
        .isNegative();
    mailbox.execute(command(0x20, WRITE | vi, 0, 64));
    mailbox.execute(command(0x22, WRITE, 0, 32));
    mailbox.execute(command(0x23, WRITE | vi, 0, 32));
  }

  private void tables() {
    ScriptedMailbox mailbox = driver.mailbox();
    ScriptedRing ethernet = new ScriptedRing(rig, 16);
    Raw eq =
        mailbox.execute(
            command(0x12, EXEC | WRITE, ALLOC, 48)
                .u32(16, driver.messages().id())
                .u32(20, ethernet.size())
                .u64(24, ethernet.address()));
    mailbox.execute(command(0x12, EXEC | WRITE, FREE, 48).u32(8, eq.u32(8) & 0xF_FFFF));
    byte[] address = {(byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9};
    mailbox.execute(command(0x28, WRITE, ALLOC, 32).put(8, address));
    mailbox.execute(command(0x28, WRITE, FREE, 32).put(8, address));
    driver
        .control()
        .post(
            ScriptedDriver.transport(32)
                .u32(16, 0x14 << 24 | driver.messages().absoluteId() << 14 | 20)
                .u32(20, 20 << 20)
                .mac(34, 0x0200_0000_0002L));
    assertThat(take(0x2E, 20).u8(4)).isZero();
  }

  /** ch_ktls: CPL_ACT_OPEN_REQ with NON_OFFLOAD. */
  private void tcbOnly() {
    boolean t5 = rig.chip() == ChelsioChip.T5;
    int bytes = t5 ? 40 : 48;
    driver
        .offload()
        .post(
            Raw.of(64)
                .u32(0, 0x05 << 24 | bytes)
                .u32(4, 4)
                .u32(16, 0x03 << 24 | driver.messages().absoluteId() << 14 | 0x99)
                .u16(20, 1)
                .u16(22, 2)
                .u32(24, 0x0A00_0001)
                .u32(28, 0x0A00_0002)
                .u64(32, 1 << 7)
                .u32(44, 1 << 10));
    Raw reply = driver.messages().take(0x25);
    assertThat(reply.u8(7)).isZero();
    assertThat(reply.u32(4) >>> 8).isEqualTo(0x99);
    int tid = reply.u32(0) & 0xFF_FFFF;
    driver.control().post(ScriptedDriver.transport(8).u32(16, (0x1A << 24) | tid));
    assertThat(rig.model().usage().tids()).isZero();
  }

  /** The next message, which has to be of this kind and about this. */
  private Raw take(int opcode, int tid) {
    Raw message = driver.messages().take(opcode);
    assertThat(message.u32(0) & 0xFF_FFFF).isEqualTo(tid);
    return message;
  }

  private ScriptedConnection connect() {
    SimulatedConnection connection =
        SimulatedConnection.builder(rig.link())
            .ports(7000 + connections, 8000 + connections)
            .build();
    peers.add(new GoldenPeer(rig.loop(), rig.clock(), connection.peer()));
    ScriptedConnection script =
        new ScriptedConnection(driver, connection.descriptor(), connections++);
    script.takeOver();
    return script;
  }

  private ScriptedConnection startRdma() {
    ScriptedConnection script = connect();
    peers.getLast().enterRdma(StreamConfig.builder(MpaRole.RESPONDER).readDepths(8, 8).build());
    assertThat(script.init(true, NO_INDICATION, CRC_AND_IETF, 0)).isZero();
    assertThat(script.activate()).isZero();
    return script;
  }

  private void errorAndTerminate() {
    ScriptedConnection script = startRdma();
    ScriptedMemory memory = ScriptedMemory.register(driver, 1, DOMAIN, ScriptedMemory.ALL, 2);
    GoldenPeer peer = peers.getLast();
    Region far = peer.register(100);
    peer.receive(1, far, 0, 50);
    peer.receive(2, far, 50, 50);
    script
        .sends()
        .post(ScriptedWork.send(1, COMPLETION, ScriptedWork.PLAIN, 0, Piece.of(memory, 0, 30)));
    Raw cqe = script.completions().take();
    assertThat(cqe.u32(0)).isEqualTo((script.sends().id() << 12) | 0x13);
    assertThat(cqe.u16(14)).isEqualTo(1);
    assertThat(cqe.u64(56) >>> 62 & 1).isZero();
    // The queue's state is told when a work request wants it.
    driver.control().post(Raw.of(16).u32(0, 0x04 << 24).u32(4, 3 << 30 | 1));
    Raw update = take(0xA5, driver.control().id());
    assertThat(update.u16(4)).isEqualTo(driver.control().next());
    script
        .sends()
        .post(
            ScriptedWork.send(
                2, COMPLETION, ScriptedWork.PLAIN, 0, new Piece(memory.stag() ^ 1, 0, 30)));
    assertThat(script.completions().take().u32(0) >>> 5 & 0x1F).isEqualTo(1);
    assertThat(driver.messages().take(0xE0).u8(1)).isEqualTo(2);
    peer.terminate(TerminateCause.RDMAP_LOCAL_CATASTROPHIC);
    assertThat(take(0xA2, script.tid()).u16(6)).isEqualTo(4);
    take(0x26, script.tid());
    driver.offload().post(script.message(0x08, 16));
    assertThat(take(0x32, script.tid()).u8(7)).isZero();
    memory.deregister();
    release(script);
  }

  private void finish() {
    ScriptedConnection script = startRdma();
    assertThat(driver.result(driver.offload(), script.change(1, new byte[0]))).isZero();
    assertThat(script.getTcb().get(TcbField.T_STATE)).isEqualTo(4);
    driver.offload().post(script.message(0x0A, 16));
    assertThat(take(0x2D, script.tid()).u8(7)).isZero();
    release(script);
  }

  private void reset() {
    ScriptedConnection script = connect();
    assertThat(script.activate()).isZero();
    script.stream(Octets.copyOf(new byte[10]));
    peers.getLast().stream(new byte[20]);
    assertThat(take(0x39, script.tid()).u16(6)).isEqualTo(20);
    peers.getLast().reset();
    assertThat(take(0x2B, script.tid()).u8(7)).isEqualTo(20);
    driver.offload().post(script.message(0x0B, 16).u8(25, 1));
    release(script);
  }

  private void release(ScriptedConnection script) {
    driver.control().post(script.message(0x1A, 8));
    assertThat(script.freeQueues()).isZero();
  }

  @Override
  public void close() {
    peers.forEach(GoldenPeer::close);
  }
}
