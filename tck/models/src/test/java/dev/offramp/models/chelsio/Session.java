package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.iwarp.mpa.MpaFrame;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import java.util.Set;

/** A connection between a modelled adapter and a golden peer, in RDMA mode unless said. */
final class Session implements AutoCloseable {
  private static final int NO_INDICATION = 0xF;

  /** What a connection is like. */
  record Shape(
      ChelsioChip chip,
      boolean initiator,
      boolean ipv6,
      boolean tagged,
      boolean markers,
      boolean crc,
      RtrKind rtr) {
    static Shape plain(ChelsioChip chip, boolean initiator) {
      return new Shape(chip, initiator, false, false, false, true, RtrKind.NONE);
    }
  }

  private final Shape shape;
  private final Rig rig;
  private final SimulatedConnection connection;
  private final GoldenPeer peer;
  private final ScriptedDriver driver;
  private final ScriptedConnection script;
  private final MpaFrame reply;

  /** Nothing but an adapter that is up and a connection that the host has stopped. */
  Session(Shape shape) {
    this(shape, Faults.NONE, new byte[0]);
  }

  /** The same with faults, and with bytes that the host had sent in vain. */
  Session(Shape shape, Faults faults, byte[] lost) {
    this.shape = shape;
    this.rig = new Rig(shape.chip, faults);
    this.reply =
        new MpaFrame(
            true,
            shape.markers,
            shape.crc,
            false,
            false,
            1,
            -1,
            -1,
            false,
            Set.of(),
            Octets.copyOf(new byte[] {1, 2, 3, 4, 5}));
    SimulatedConnection.Builder b = SimulatedConnection.builder(rig.link());
    if (shape.ipv6) {
      b.ipv6();
    }
    if (shape.tagged) {
      b.vlan(new VlanTag(77, 3, false));
    }
    if (lost.length > 0) {
      b.unacknowledged(lost, true);
    }
    this.connection = b.build();
    this.peer = new GoldenPeer(rig.loop(), rig.clock(), connection.peer());
    this.driver = ScriptedDriver.started(rig);
    this.script = new ScriptedConnection(driver, connection.descriptor());
  }

  /** Moves the connection to the adapter, with so many Receives posted before INIT. */
  static Session started(Shape shape) {
    Session session = new Session(shape);
    session.start();
    return session;
  }

  void start() {
    script.takeOver();
    assertThat(init()).isZero();
    goLive(new byte[0]);
  }

  /** FW_RI_WR INIT with what the shape says; firmware's answer. */
  int init() {
    return script.init(shape.initiator, indication(), attributes(), 0);
  }

  int attributes() {
    return (shape.markers ? 3 : 0) | (shape.crc ? 4 : 0) | 8;
  }

  int indication() {
    return switch (shape.rtr) {
      case NONE -> NO_INDICATION;
      case WRITE -> 0;
      case READ -> 1;
      case SEND -> 3;
    };
  }

  /**
   * The adapter speaks, and the peer enters RDMA mode.
   *
   * @param lost what was in TCP's send queue before
   */
  void goLive(byte[] lost) {
    if (shape.initiator) {
      peer.enterRdma(peerConfig());
    }
    assertThat(script.activate()).isZero();
    if (!shape.initiator) {
      script.stream(Octets.copyOf(lost).concat(Octets.copyOf(reply.encode())));
      assertThat(peer.awaitReply(lost.length)).isEqualTo(reply);
      peer.enterRdma(peerConfig());
    }
  }

  StreamConfig peerConfig() {
    return StreamConfig.builder(shape.initiator ? MpaRole.RESPONDER : MpaRole.INITIATOR)
        .crc(shape.crc)
        .markers(shape.markers, shape.markers)
        .readDepths(8, 8)
        .rtr(shape.rtr)
        .build();
  }

  /** Ends the connection by a RST of the adapter's, gives all back, and finds nothing left. */
  void abortAndFree() {
    driver.offload().post(script.message(0x0A, 16));
    assertThat(driver.messages().take(0x2D).u8(7)).isZero();
    free();
  }

  /** Gives all back of a connection that is over. */
  void free() {
    driver.control().post(script.message(0x1A, 8));
    assertThat(script.freeQueues()).isZero();
    assertClean();
  }

  /** What is left is the driver's own. */
  void assertClean() {
    if (shape.ipv6) {
      driver.clip(script.localAddress(), false);
    }
    assertThat(rig.model().violations()).isEmpty();
    ChelsioUsage usage = rig.model().usage();
    assertThat(usage.tids()).isZero();
    assertThat(usage.claims()).isZero();
    assertThat(usage.workQueues()).isZero();
    assertThat(usage.completionQueues()).isZero();
    assertThat(usage.rdmaStreams()).isZero();
    assertThat(usage.localIpv6Addresses()).isZero();
    assertThat(rig.link().claimCount()).isZero();
    driver.stop();
    usage = rig.model().usage();
    assertThat(usage.egressQueues() + usage.ingressQueues() + usage.freeLists()).isZero();
    assertThat(usage.virtualInterfaces()).isZero();
    assertThat(driver.messages().poll()).isNull();
  }

  Rig rig() {
    return rig;
  }

  SimulatedConnection connection() {
    return connection;
  }

  IwarpConnectionDescriptor descriptor() {
    return connection.descriptor();
  }

  GoldenPeer peer() {
    return peer;
  }

  ScriptedDriver driver() {
    return driver;
  }

  ScriptedConnection script() {
    return script;
  }

  MpaFrame reply() {
    return reply;
  }

  @Override
  public void close() {
    peer.close();
    rig.close();
  }
}
