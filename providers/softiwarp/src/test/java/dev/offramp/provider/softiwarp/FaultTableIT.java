package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.failover.Failover;
import dev.offramp.api.failover.FailoverPolicy;
import dev.offramp.api.failover.FailoverReport;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.net.CommandLine;
import dev.offramp.linux.net.Topology;
import dev.offramp.runtime.stream.DetachedNics;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A fault after every step of a move between every pair of software owners, on real kernels and
 * with work under way at both ends. Each time the connection is alive at exactly one owner with all
 * of its data, or dead with a typed end at both ends; and each request completes once. The table in
 * docs/moves.md is what this test has written with {@code -Dofframp.write-docs=true}. Needs root or
 * {@code unshare -Urn}.
 */
@Timeout(600)
class FaultTableIT {
  private static final String HOST = OfframpOptions.HOST_RESIDENT;
  private static final String DETACHED = OfframpOptions.DETACHED;
  private static final int BYTES = 300_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE_LIMIT = Duration.ofMillis(150);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final String BEGIN = "<!-- faults: begin -->";
  private static final String END = "<!-- faults: end -->";

  private static Topology topology;
  private static DetachedNics.Registration nic;

  private final AtomicReference<Consumer<TransferStep>> injection =
      new AtomicReference<>(step -> {});

  @BeforeAll
  static void build() throws Exception {
    topology = Topology.create();
    nic = DetachedNics.provide("faults", topology.nic(), topology.nicNamespace());
  }

  @AfterAll
  static void dismantle() throws Exception {
    nic.close();
    topology.close();
  }

  /** What happens. */
  private enum Fault {
    RST_BY_PEER,
    FIN_BY_PEER,
    PAUSE_TOO_LONG,
    PEERS_SEGMENTS_LOST
  }

  /** From where to where. */
  private record Pair(String from, String to) {
    @Override
    public String toString() {
      return from + " to " + to;
    }
  }

  @Test
  void aliveAtOneOwnerOrDeadAtBothEnds() throws Exception {
    Map<String, Map<String, Set<String>>> table = new TreeMap<>();
    int[] cases = {0};
    topology
        .host()
        .namespace()
        .call(() -> {
          for (Pair pair :
              List.of(
                  new Pair(HOST, HOST + ":2"),
                  new Pair(HOST, DETACHED),
                  new Pair(DETACHED, HOST),
                  new Pair(DETACHED, DETACHED + ":2"))) {
            try (Offramp offramp = open(pair.from(), step -> injection.get().accept(step));
                Offramp peers = open(HOST + ":3", step -> {})) {
              Set<TransferStep> steps = steps(offramp, peers, pair);
              for (Fault fault : Fault.values()) {
                for (TransferStep step : steps) {
                  String outcome = run(offramp, peers, pair, fault, step);
                  System.out.printf("%s, %s after %s: %s%n", pair, fault, step, outcome);
                  table
                      .computeIfAbsent(pair.toString(), any -> new TreeMap<>())
                      .computeIfAbsent(fault.name(), any -> new TreeSet<>())
                      .add(step.name().toLowerCase(Locale.ROOT) + ": " + outcome);
                  cases[0]++;
                }
              }
            }
          }
          return true;
        });
    assertThat(cases[0]).isGreaterThan(60);
    write(table, cases[0]);
  }

  /** Those that a move of this pair takes. */
  private Set<TransferStep> steps(Offramp offramp, Offramp peers, Pair pair) throws Exception {
    Set<TransferStep> seen = EnumSet.noneOf(TransferStep.class);
    RdmaPair connection = connect(offramp, peers);
    injection.set(seen::add);
    offramp.move(connection.initiator(), pair.to());
    injection.set(step -> {});
    connection.close();
    return seen;
  }

  private String run(Offramp offramp, Offramp peers, Pair pair, Fault fault, TransferStep after)
      throws Exception {
    RdmaPair connection = connect(offramp, peers);
    RdmaConnection moving = connection.initiator();
    Work here = new Work(moving, connection.responder());
    Work there = new Work(connection.responder(), moving);
    here.post();
    there.post();
    boolean[] done = new boolean[1];
    injection.set(step -> {
      if (step == after && !done[0]) {
        done[0] = true;
        inject(fault, connection.responder());
      }
    });
    String outcome = move(offramp, moving, pair, fault);
    injection.set(step -> {});
    restore();
    assertThat(done[0]).as("%s after %s", fault, after).isTrue();
    boolean dies = fault == Fault.RST_BY_PEER || fault == Fault.FIN_BY_PEER;
    if (dies) {
      String end = here.endedWith() + " / " + there.endedWith();
      connection.close();
      return outcome + ", ends " + end;
    }
    here.succeed();
    there.succeed();
    new Work(moving, connection.responder()).again();
    new Work(connection.responder(), moving).again();
    outcome += ", alive with all data";
    connection.close();
    return outcome;
  }

  private static String move(Offramp offramp, RdmaConnection moving, Pair pair, Fault fault)
      throws TransferException {
    if (fault == Fault.PAUSE_TOO_LONG) {
      try (Failover failover =
          offramp.failover(
              FailoverPolicy.to(pair.to()).withMovesAtOnce(1).withPauseLimit(PAUSE_LIMIT))) {
        FailoverReport report = failover.drain(pair.from());
        failover.readmit(pair.from());
        if (report.moved() == 1) {
          assertThat(moving.ownerName()).isEqualTo(pair.to());
          return "moved";
        }
        TransferException refusal =
            report.unmoved().getFirst().refusals().values().iterator().next();
        assertThat(refusal.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
        assertThat(refusal.refusals().getFirst().reason()).isEqualTo(RefusalReason.PAUSE_LIMIT);
        assertThat(moving.ownerName()).isEqualTo(pair.from());
        return "undone (PAUSE_LIMIT)";
      }
    }
    try {
      offramp.move(moving, pair.to());
      assertThat(moving.ownerName()).isEqualTo(pair.to());
      return "moved";
    } catch (TransferException e) {
      assertThat(e.whereabouts()).isNotEqualTo(Whereabouts.FROZEN);
      return "undone (" + e.step() + ")";
    }
  }

  private static void inject(Fault fault, RdmaConnection peer) {
    switch (fault) {
      case RST_BY_PEER -> peer.abort();
      case FIN_BY_PEER ->
          Thread.ofPlatform()
              .daemon(true)
              .start(() -> {
                try {
                  peer.disconnect();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      case PAUSE_TOO_LONG -> {
        for (long end = System.nanoTime() + PAUSE.toNanos(); System.nanoTime() < end; ) {
          Thread.onSpinWait();
        }
      }
      case PEERS_SEGMENTS_LOST -> lose(true);
    }
  }

  private static void restore() {
    lose(false);
  }

  /**
   * Nothing that the peer sends goes out until the move is over: its data, and its acknowledgements
   * of the old owner's last segments and the new one's first.
   */
  private static void lose(boolean begins) {
    try {
      CommandLine at = CommandLine.in(topology.peer().namespace());
      if (begins) {
        at.ip("route", "add", "blackhole", topology.host().ipv4().getHostAddress() + "/32");
      } else if (at.ip("route", "show", "type", "blackhole").contains("blackhole")) {
        at.ip("route", "del", "blackhole", topology.host().ipv4().getHostAddress() + "/32");
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** A Write and a Read of what it wrote, from one end. */
  private static final class Work {
    private final RdmaConnection from;
    private final MemoryRegion source;
    private final MemoryRegion back;
    private final MemoryRegion target;

    Work(RdmaConnection from, RdmaConnection to) {
      this.from = from;
      source = from.allocate(BYTES);
      back = from.allocate(BYTES, Access.REMOTE_WRITE);
      target = to.allocate(BYTES, Access.REMOTE_WRITE, Access.REMOTE_READ);
      source.segment().copyFrom(MemorySegment.ofArray(TcpPair.bytes(target.stag(), BYTES)));
    }

    void post() throws IOException {
      from.post(new Write(1, source.whole(), target.advertise()));
      from.post(new Read(2, back.whole(), target.advertise()));
    }

    void succeed() throws Exception {
      RdmaPair.next(from, Operation.WRITE);
      RdmaPair.next(from, Operation.READ);
      assertThat(back.segment().mismatch(source.segment())).isEqualTo(-1);
    }

    void again() throws Exception {
      post();
      succeed();
    }

    /** How it ended; both requests have completed exactly once by then, well or not. */
    String endedWith() throws Exception {
      List<Long> completed = new ArrayList<>();
      try {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
          Completion next =
              from.completions().poll(PATIENCE).orElseThrow(() -> new AssertionError("no end"));
          completed.add(next.id());
          assertThat(completed).doesNotHaveDuplicates();
        }
        throw new AssertionError("no end after " + completed);
      } catch (ConnectionClosedException e) {
        assertThat(completed).containsExactlyInAnyOrder(1L, 2L);
        return from.end().orElseThrow().getClass().getSimpleName();
      }
    }
  }

  private static Offramp open(String rnic, Consumer<TransferStep> steps) {
    TransferListener listener = (step, owner, startNanos, endNanos) -> steps.accept(step);
    return Offramp.open(
        OfframpOptions.builder()
            .rnic(rnic)
            .setting(DetachedNics.SETTING, nic.name())
            .setting("softiwarp.first-fpdu-delay-micros", "0")
            .listener(listener)
            .build());
  }

  private static RdmaPair connect(Offramp offramp, Offramp peers) throws Exception {
    InetSocketAddress any = new InetSocketAddress(topology.peer().ipv4(), 0);
    try (ServerSocketChannel listener =
        topology
            .peer()
            .namespace()
            .call(() -> ServerSocketChannel.open(StandardProtocolFamily.INET).bind(any))) {
      SocketChannel near = SocketChannel.open(StandardProtocolFamily.INET);
      near.connect(listener.getLocalAddress());
      return RdmaPair.open(
          offramp, near, ConnectionSetup.NONE, peers, listener.accept(), ConnectionSetup.NONE);
    }
  }

  private static void write(Map<String, Map<String, Set<String>>> table, int cases)
      throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(cases).append(" cases.\n\n| from, to | fault | after which step: outcome |\n");
    text.append("|---|---|---|\n");
    table.forEach((pair, faults) ->
        faults.forEach((fault, outcomes) ->
            text.append("| ")
                .append(pair)
                .append(" | ")
                .append(fault)
                .append(" | ")
                .append(String.join("; ", outcomes))
                .append(" |\n")));
    Files.writeString(Path.of("target", "faults.md"), text);
    if (Boolean.getBoolean("offramp.write-docs")) {
      Path page = Path.of("..", "..", "docs", "moves.md");
      String old = Files.readString(page);
      int begin = old.indexOf(BEGIN) + BEGIN.length();
      Files.writeString(
          page, old.substring(0, begin) + "\n" + text + old.substring(old.indexOf(END)));
    }
  }
}
