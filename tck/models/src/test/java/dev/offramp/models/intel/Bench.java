package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.ModelClock;
import dev.offramp.models.ModelLoop;
import dev.offramp.models.ModelWindow;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.SimulatedLink;

/** A model on a simulated link, with a raw driver, a connection and a peer. */
final class Bench implements AutoCloseable {
  final ModelLoop loop = new ModelLoop("model");
  final ModelClock clock = new ModelClock();
  final SimulatedLink link = new SimulatedLink(loop, clock);
  final ModelWindow window;
  final RawDriver driver;

  Bench(AdapterModelFactory kind) {
    this(kind, Faults.NONE);
  }

  Bench(AdapterModelFactory kind, Faults faults) {
    window = new ModelWindow(kind, loop, link, clock, faults);
    driver = new RawDriver(window, loop::failures);
  }

  /** Both kinds. */
  static java.util.List<AdapterModelFactory> kinds() {
    return java.util.List.of(new X722Factory(), new E810Factory());
  }

  IntelModel model() {
    return (IntelModel) window.model();
  }

  /** The peer of a connection, in RDMA mode. */
  GoldenPeer peer(SimulatedConnection connection, MpaRole role) {
    GoldenPeer peer = new GoldenPeer(loop, clock, connection.peer());
    peer.enterRdma(config(role));
    return peer;
  }

  static StreamConfig config(MpaRole role) {
    return StreamConfig.builder(role).readDepths(16, 16).emss(1448).build();
  }

  /** Nothing is held, and no rule was broken. */
  void assertClean() {
    assertThat(model().violations()).isEmpty();
    assertThat(model().resources()).isEqualTo(IntelResources.NONE);
    assertThat(link.claimCount()).isZero();
    assertThat(loop.failures()).isEmpty();
  }

  @Override
  public void close() {
    window.close();
    driver.close();
    loop.close();
    for (Throwable failure : loop.failures()) {
      throw new AssertionError("on the model's loop", failure);
    }
  }
}
