package dev.offramp.provider.softiwarp;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.Offramp;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.FutureTask;

/**
 * Two connected iWARP streams; either end may speak first.
 *
 * @param initiator made from {@code near}
 * @param responder made from {@code far}
 */
record RdmaPair(RdmaConnection initiator, RdmaConnection responder) implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  static RdmaPair open(Offramp offramp) throws Exception {
    TcpPair tcp = TcpPair.open();
    return open(
        offramp, tcp.near(), ConnectionSetup.NONE, offramp, tcp.far(), ConnectionSetup.NONE);
  }

  static RdmaPair open(
      Offramp initiating,
      SocketChannel near,
      ConnectionSetup nearSetup,
      Offramp responding,
      SocketChannel far,
      ConnectionSetup farSetup)
      throws Exception {
    FutureTask<RdmaConnection> responder =
        TcpPair.start(() -> responding.offload(far, Mpa.responder().build(), farSetup));
    RdmaConnection initiator =
        initiating.offload(
            near, Mpa.initiator().peerToPeer(Set.of(RtrKind.WRITE)).build(), nearSetup);
    return new RdmaPair(initiator, TcpPair.join(responder));
  }

  /** The next completion of a connection, which has to be a success. */
  static Completion next(RdmaConnection connection, Operation operation) throws Exception {
    Completion completion =
        connection
            .completions()
            .poll(PATIENCE)
            .orElseThrow(() -> new AssertionError("no completion of " + operation));
    if (completion.operation() != operation || !completion.isSuccess()) {
      throw new AssertionError("expected the success of " + operation + ", got " + completion);
    }
    return completion;
  }

  @Override
  public void close() {
    initiator.abort();
    responder.abort();
    initiator.close();
    responder.close();
  }
}
