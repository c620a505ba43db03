package dev.offramp.models.chelsio;

import static dev.offramp.models.chelsio.ScriptedConnection.DOMAIN;
import static dev.offramp.models.chelsio.ScriptedWork.COMPLETION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.chelsio.ScriptedWork.Piece;
import java.util.ArrayList;
import java.util.List;

/** Several connections of one adapter, in RDMA mode. */
final class Crowd implements AutoCloseable {
  private static final int CRC_AND_IETF = 12;
  private static final int NO_INDICATION = 0xF;
  private static final int MESSAGE_BYTES = 5000;

  private final Rig rig;
  private final int size;
  private final ScriptedDriver driver;
  private final List<Member> members = new ArrayList<>();
  private int ports;

  private record Member(
      ScriptedConnection script, GoldenPeer peer, ScriptedMemory memory, Region far) {}

  Crowd(Rig rig, int size) {
    this.rig = rig;
    this.size = size;
    this.driver = ScriptedDriver.started(rig);
  }

  void start() {
    for (int i = 0; i < size; i++) {
      members.add(connect(i));
    }
    assertThat(members.stream().map(member -> member.script.tid()).distinct()).hasSize(size);
  }

  private Member connect(int number) {
    SimulatedConnection connection =
        SimulatedConnection.builder(rig.link()).ports(7000 + ports, 9000 + ports).build();
    ports++;
    GoldenPeer peer = new GoldenPeer(rig.loop(), rig.clock(), connection.peer());
    ScriptedConnection script = new ScriptedConnection(driver, connection.descriptor(), number);
    script.takeOver();
    peer.enterRdma(StreamConfig.builder(MpaRole.RESPONDER).build());
    assertThat(script.init(true, NO_INDICATION, CRC_AND_IETF, 0)).isZero();
    assertThat(script.activate()).isZero();
    ScriptedMemory memory =
        ScriptedMemory.register(driver, 1 + number, DOMAIN, ScriptedMemory.ALL, 2);
    return new Member(script, peer, memory, peer.register(MESSAGE_BYTES));
  }

  /** A message each, all under way together; each end gets its own. */
  void exchange() {
    for (int i = 0; i < size; i++) {
      Member member = members.get(i);
      member.memory.segment().fill((byte) (i + 1));
      member.peer.receive(i, member.far, 0, MESSAGE_BYTES);
      member
          .script
          .sends()
          .post(ScriptedWork.send(i, COMPLETION, 3, 0, Piece.of(member.memory, 0, MESSAGE_BYTES)));
    }
    for (int i = 0; i < size; i++) {
      Member member = members.get(i);
      assertThat(member.script.completions().take().u16(14)).isEqualTo(i);
      assertThat(member.peer.take().bytes()).isEqualTo(MESSAGE_BYTES);
      assertThat(member.far.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
          .containsOnly(i + 1);
    }
  }

  /** One ends, and another takes its queues' numbers. */
  void replace(int index) {
    end(members.get(index));
    members.set(index, connect(index));
  }

  void end() {
    members.forEach(this::end);
  }

  private void end(Member member) {
    driver.offload().post(member.script.message(0x0A, 16));
    assertThat(driver.messages().take(0x2D).u8(7)).isZero();
    driver.control().post(member.script.message(0x1A, 8));
    assertThat(member.script.freeQueues()).isZero();
    member.memory.deregister();
    member.peer.close();
  }

  @Override
  public void close() {
    rig.settle();
  }
}
