package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.failover.Failover;
import dev.offramp.api.failover.FailoverListener;
import dev.offramp.api.failover.FailoverPolicy;
import dev.offramp.api.failover.FailoverReport;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.linux.net.Topology;
import dev.offramp.runtime.stream.DetachedNics;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * All connections of an RNIC that fails, or is drained, go on at another one, on the real kernel:
 * between stacks, where TCP travels, and inside one. Needs root or {@code unshare -Urn}.
 */
@Timeout(120)
class FailoverIT {
  private static final String HOST = OfframpOptions.HOST_RESIDENT;
  private static final String SECOND = HOST + ":2";
  private static final String DETACHED = OfframpOptions.DETACHED;
  private static final int CONNECTIONS = 12;
  private static final int BYTES = 10_000;
  private static final Duration PAUSE_LIMIT = Duration.ofSeconds(30);

  private final BlockingQueue<FailoverReport> reports = new LinkedBlockingQueue<>();
  private final List<RdmaPair> pairs = new ArrayList<>();
  private Topology topology;
  private DetachedNics.Registration nic;

  @BeforeEach
  void build() throws Exception {
    topology = Topology.create();
    nic = DetachedNics.provide("failover", topology.nic(), topology.nicNamespace());
  }

  @AfterEach
  void dismantle() throws Exception {
    nic.close();
    topology.close();
  }

  private FailoverPolicy policy(String... rnics) {
    return FailoverPolicy.to(rnics)
        .withBatchSize(5)
        .withPauseLimit(PAUSE_LIMIT)
        .withListener(
            new FailoverListener() {
              @Override
              public void finished(FailoverReport report) {
                reports.add(report);
              }
            });
  }

  private void atHost(Callable<Boolean> code) throws Exception {
    assertThat(topology.host().namespace().call(code)).isTrue();
  }

  @Test
  void aDeviceThatSaysItFailsLosesNoConnection() throws Exception {
    atHost(() -> {
      try (Offramp offramp = open(DETACHED);
          Offramp peers = open(HOST);
          Failover failover = offramp.failover(policy(DETACHED + ":2", SECOND, HOST))) {
        connect(offramp, peers);
        // Its second instance is on the same NIC.
        nic.failing("the NIC is being unplugged");
        FailoverReport report = reports.poll(60, TimeUnit.SECONDS);
        assertThat(report).isNotNull();
        assertThat(report.rnic()).isEqualTo(DETACHED);
        assertThat(report.cause()).isEqualTo("the NIC is being unplugged");
        assertThat(report.unmoved()).isEmpty();
        assertThat(report.movedTo()).isEqualTo(Map.of(SECOND, CONNECTIONS));
        work();
        assertThat(pairs)
            .allSatisfy(pair -> assertThat(pair.initiator().ownerName()).isEqualTo(SECOND));
        failover.readmit(DETACHED);
        assertThat(failover.drain(DETACHED).moved()).isZero();
        closePairs();
      }
      return true;
    });
  }

  @Test
  void anRnicThatIsDrainedTakesNothingUntilItIsReadmitted() throws Exception {
    atHost(() -> {
      try (Offramp offramp = open(HOST);
          Offramp peers = open(HOST + ":3");
          Failover failover = offramp.failover(policy(DETACHED))) {
        connect(offramp, peers);
        FailoverReport report = failover.drain(HOST);
        assertThat(report.movedTo()).isEqualTo(Map.of(DETACHED, CONNECTIONS));
        assertThat(report.pauses().medianNanos()).isBetween(1L, PAUSE_LIMIT.toNanos());
        work();
        TransferException refused =
            catchThrowableOfType(
                TransferException.class, () -> offramp.move(pairs.getFirst().initiator(), HOST));
        assertThat(refused.refusals().getFirst().reason()).isEqualTo(RefusalReason.NO_OWNER);
        failover.readmit(HOST);
        offramp.move(pairs.getFirst().initiator(), HOST);
        assertThat(failover.drain(HOST).moved()).isEqualTo(1);
        work();
        closePairs();
      }
      return true;
    });
  }

  private static Offramp open(String rnic) {
    return Offramp.open(
        OfframpOptions.builder()
            .rnic(rnic)
            .setting(DetachedNics.SETTING, "failover")
            .setting("softiwarp.first-fpdu-delay-micros", "0")
            .build());
  }

  private void connect(Offramp offramp, Offramp peers) throws Exception {
    InetSocketAddress any = new InetSocketAddress(topology.peer().ipv4(), 0);
    try (ServerSocketChannel listener =
        topology
            .peer()
            .namespace()
            .call(() -> ServerSocketChannel.open(StandardProtocolFamily.INET).bind(any))) {
      for (int i = 0; i < CONNECTIONS; i++) {
        SocketChannel near = SocketChannel.open(StandardProtocolFamily.INET);
        near.connect(listener.getLocalAddress());
        SocketChannel far = listener.accept();
        pairs.add(
            RdmaPair.open(offramp, near, ConnectionSetup.NONE, peers, far, ConnectionSetup.NONE));
      }
    }
    work();
  }

  /** A Write from each end, and a Read of what it wrote. */
  private void work() throws Exception {
    for (RdmaPair pair : pairs) {
      carry(pair.initiator(), pair.responder());
      carry(pair.responder(), pair.initiator());
    }
  }

  private static void carry(RdmaConnection from, RdmaConnection to) throws Exception {
    try (MemoryRegion source = from.allocate(BYTES);
        MemoryRegion back = from.allocate(BYTES, Access.REMOTE_WRITE);
        MemoryRegion target = to.allocate(BYTES, Access.REMOTE_WRITE, Access.REMOTE_READ)) {
      source.segment().copyFrom(MemorySegment.ofArray(TcpPair.bytes(target.stag(), BYTES)));
      from.post(new Write(1, source.whole(), target.advertise()));
      from.post(new Read(2, back.whole(), target.advertise()));
      RdmaPair.next(from, Operation.WRITE);
      RdmaPair.next(from, Operation.READ);
      assertThat(back.segment().mismatch(source.segment())).isEqualTo(-1);
    }
  }

  private void closePairs() {
    pairs.forEach(RdmaPair::close);
    pairs.clear();
  }
}
