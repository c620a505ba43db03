package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.HelpedStack.Death;
import dev.offramp.linux.HelpedStack.Moment;
import dev.offramp.linux.net.FourTuple;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.Topology;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.RepairSession;
import dev.offramp.linux.tcp.SocketFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The helper gets SIGKILL at every question of a move between two stacks, both of which have no
 * privilege and a helper each. The table in docs/helper.md is compared with what is seen, and
 * written with {@code -Dofframp.write-docs=true}. Needs root.
 */
@Timeout(600)
class HelperKilledIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration IMPATIENCE = Duration.ofMillis(30);
  private static final int UNDER_WAY_BYTES = 60_000;
  private static final int UNDER_WAY_LIMIT_BYTES = 8 << 20;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final String BEGIN = "<!-- killed: begin -->";
  private static final String END = "<!-- killed: end -->";

  @TempDir private Path directory;
  private Topology topology;

  @BeforeEach
  void build() throws Exception {
    topology = Topology.create();
  }

  @AfterEach
  void dismantle() throws Exception {
    topology.close();
  }

  /** What the move does with a connection that has arrived. */
  private enum End {
    ACTIVATED,
    UNDONE
  }

  /** One connection, its peer, and the stacks between which it moves. */
  private final class Case implements AutoCloseable {
    private final boolean intoNic;
    private final HelpedStack from;
    private final HelpedStack to;
    private final SocketChannel peer;
    private final FourTuple tuple;
    private final Exchange out = new Exchange(1);
    private final Exchange in = new Exchange(2);
    private SocketChannel channel;

    Case(boolean intoNic, HelpedStack from, HelpedStack to) throws Exception {
      this.intoNic = intoNic;
      this.from = from;
      this.to = to;
      InetSocketAddress any = new InetSocketAddress(topology.peer().ipv4(), 0);
      try (ServerSocketChannel listener =
          topology.peer().namespace().call(() -> open().bind(any))) {
        channel =
            topology.host().namespace().call(() -> SocketChannel.open(StandardProtocolFamily.INET));
        channel.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER_BYTES);
        channel.connect(listener.getLocalAddress());
        peer = listener.accept();
      }
      tuple =
          new FourTuple(
              (InetSocketAddress) channel.getLocalAddress(),
              (InetSocketAddress) channel.getRemoteAddress());
      if (!intoNic) {
        enterNic();
      }
    }

    private static ServerSocketChannel open() throws IOException {
      return ServerSocketChannel.open(StandardProtocolFamily.INET)
          .setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
    }

    /** With all privileges. */
    private void enterNic() throws Exception {
      try (Departure departure = stack(topology.host().namespace()).depart(channel);
          Arrival<SocketChannel> arrival =
              stack(topology.nicNamespace()).arrive(departure.descriptor())) {
        topology.nic().steer(tuple);
        departure.release();
        topology.nic().open(tuple);
        channel = arrival.activate();
      }
    }

    private static HostStack stack(NetworkNamespace namespace) {
      return HostStack.create(HostOptions.defaults().withNamespace(namespace));
    }

    /** Octets that nobody has read at both ends, and some that the peer has no room for. */
    void underWay() throws Exception {
      out.writeWhatFits(channel, UNDER_WAY_LIMIT_BYTES);
      in.write(peer, UNDER_WAY_BYTES);
      OsSocket socket = Sockets.of(channel);
      Bytes.await(() -> socket.unreadBytes() >= UNDER_WAY_BYTES);
      assertThat(socket.queuedBytes()).isPositive();
    }

    /** In the coordinator's order. */
    void move(End end) throws Exception {
      at("depart");
      Departure departure = from.stack().depart(channel);
      try {
        at("arrive");
        IwarpConnectionDescriptor descriptor = departure.descriptor();
        List<Refusal> refusals = to.stack().admits(ConnectionProfile.of(descriptor)).refusals();
        if (!refusals.isEmpty()) {
          throw TransferException.refused(TransferStep.ADMIT, refusals);
        }
        Arrival<SocketChannel> arrival = to.stack().arrive(descriptor);
        if (end == End.UNDONE) {
          arrival.abandon();
        } else {
          activate(departure, arrival);
        }
      } finally {
        at("resume");
        departure.close();
      }
    }

    private void at(String step) {
      from.at(step + ": ");
      to.at(step + ": ");
    }

    private void activate(Departure departure, Arrival<SocketChannel> arrival) throws IOException {
      if (intoNic) {
        topology.nic().steer(tuple);
      } else {
        topology.nic().unsteer(tuple);
      }
      departure.release();
      if (intoNic) {
        topology.nic().open(tuple);
      }
      at("activate");
      channel = arrival.activate();
    }

    /** It is alive, at one place, in order, and has lost nothing. */
    void assertAlive(boolean moved) throws Exception {
      boolean inNic = moved == intoNic;
      assertThat(sockets(topology.nicNamespace())).isEqualTo(inNic ? 1 : 0);
      assertThat(sockets(topology.host().namespace())).isEqualTo(inNic ? 0 : 1);
      assertThat(RepairSession.isOn(Sockets.of(channel))).isFalse();
      assertThat(SocketFilter.attachedTo(Sockets.of(channel)).isEmpty()).isTrue();
      Exchange.complete(channel, peer, out, in, UNDER_WAY_BYTES);
    }

    private long sockets(NetworkNamespace namespace) throws IOException {
      String entry =
          ".*:%04X [0-9A-F]+:%04X .*".formatted(tuple.local().getPort(), tuple.remote().getPort());
      return namespace.call(() ->
          Files.readAllLines(Path.of("/proc/thread-self/net/tcp")).stream()
              .filter(line -> line.matches(entry))
              .count());
    }

    @Override
    public void close() throws IOException {
      channel.close();
      peer.close();
      topology.nic().unsteer(tuple);
    }
  }

  private HelpedStack helped(boolean host, Duration timeout) throws IOException {
    NetworkNamespace where = host ? topology.host().namespace() : topology.nicNamespace();
    return new HelpedStack(where, directory.resolve(host ? "host" : "nic"), timeout);
  }

  // ---- the helper comes again

  @Test
  void atEveryQuestionOfAMoveTheConnectionLivesAtOneOwner() throws Exception {
    Map<String, Map<Moment, String>> table = new LinkedHashMap<>();
    int cases = 0;
    try (HelpedStack host = helped(true, PATIENCE);
        HelpedStack nic = helped(false, PATIENCE)) {
      for (boolean intoNic : List.of(true, false)) {
        HelpedStack from = intoNic ? host : nic;
        HelpedStack to = intoNic ? nic : host;
        for (End end : End.values()) {
          for (boolean old : List.of(true, false)) {
            HelpedStack dying = old ? from : to;
            List<String> questions = questions(intoNic, from, to, end, dying);
            int known =
                end == End.UNDONE ? questions(intoNic, from, to, End.ACTIVATED, dying).size() : 0;
            // Those before are the same ones as in a move that is not undone.
            int first = end == End.UNDONE ? (old ? known : questions.size()) : 0;
            for (int i = first; i < questions.size(); i++) {
              for (Moment moment : Moment.values()) {
                Death death = new Death(i + 1, moment, true);
                String row =
                    (intoNic ? "host to NIC" : "NIC to host")
                        + " | "
                        + (old ? "old" : "new")
                        + " | "
                        + (i + 1)
                        + ": "
                        + questions.get(i);
                long files = openFiles();
                String outcome = outcome(intoNic, from, to, end, dying, death);
                System.out.println(row + ", " + moment + ": " + outcome);
                // A link to a helper may be new, or gone.
                assertThat(openFiles()).as(row).isBetween(files - 2, files + 2);
                table.computeIfAbsent(row, any -> new EnumMap<>(Moment.class)).put(moment, outcome);
                cases++;
              }
            }
          }
        }
      }
    }
    write(table, cases);
    assertThat(cases).isGreaterThan(50);
  }

  private List<String> questions(
      boolean intoNic, HelpedStack from, HelpedStack to, End end, HelpedStack of) throws Exception {
    try (Case one = new Case(intoNic, from, to)) {
      one.underWay();
      of.forget();
      of.expect(null);
      one.move(end);
      List<String> asked = of.expect(null);
      one.assertAlive(end == End.ACTIVATED);
      return asked;
    }
  }

  private String outcome(
      boolean intoNic, HelpedStack from, HelpedStack to, End end, HelpedStack dying, Death death)
      throws Exception {
    try (Case one = new Case(intoNic, from, to)) {
      one.underWay();
      dying.forget();
      dying.expect(death);
      String outcome;
      boolean moved = false;
      try {
        one.move(end);
        moved = end == End.ACTIVATED;
        outcome = moved ? "moved" : "undone as asked";
      } catch (TransferException e) {
        assertThat(e.whereabouts()).as(e.getMessage()).isEqualTo(Whereabouts.OLD_OWNER);
        String why =
            e.refusals().isEmpty() ? e.step().name() : e.refusals().getFirst().reason().name();
        outcome = "old owner: " + why;
      }
      dying.requireDeath();
      dying.startAgain();
      dying.expect(null);
      one.assertAlive(moved);
      return outcome;
    }
  }

  private static long openFiles() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  // ---- it does not

  /** Where the connection stands still since no helper comes. */
  enum Standstill {
    AFTER_THE_FREEZE,
    IN_REPAIR,
    UNFENCED
  }

  @ParameterizedTest
  @EnumSource
  void withoutAHelperItStandsStillAndGoesOnOnceThereIsOne(Standstill where) throws Exception {
    try (HelpedStack host = helped(true, IMPATIENCE);
        HelpedStack nic = helped(false, IMPATIENCE);
        Case one = new Case(true, host, nic)) {
      one.underWay();
      // The first time it also finds out whether it may.
      host.stack().depart(one.channel).close();
      host.expect(null);
      host.stack().depart(one.channel).close();
      List<String> questions = host.expect(null);
      assertThat(questions).containsSubsequence("TCP_REPAIR 1", "SO_DETACH_FILTER", "TCP_REPAIR 0");
      int question =
          switch (where) {
            case AFTER_THE_FREEZE -> questions.lastIndexOf("TCP_REPAIR 1") + 1;
            case IN_REPAIR -> questions.indexOf("SO_DETACH_FILTER");
            case UNFENCED -> questions.indexOf("TCP_REPAIR 0");
          };
      host.expect(new Death(question + 1, Moment.ASKED, false));
      Departure departure = null;
      TransferException frozen = null;
      try {
        departure = host.stack().depart(one.channel);
        departure.close();
      } catch (TransferException e) {
        frozen = e;
      }
      assertThat(java.util.Objects.requireNonNull(frozen).whereabouts())
          .isEqualTo(Whereabouts.FROZEN);
      assertThat(frozen).hasMessageContaining("no helper answered at [" + directory);
      assertThat(departure == null).isEqualTo(where == Standstill.AFTER_THE_FREEZE);
      // Nobody there still: it says so again, and nothing is worse.
      assertThat(whereaboutsOfResume(host, one)).isEqualTo(Whereabouts.FROZEN);
      host.expect(null);
      host.startAgain();
      if (departure == null) {
        assertThat(host.stack().resume(one.channel)).isTrue();
      } else {
        departure.resume();
      }
      assertThat(host.stack().resume(one.channel)).isFalse();
      one.assertAlive(false);
      // And it can move.
      one.underWay();
      one.move(End.ACTIVATED);
      one.assertAlive(true);
    }
  }

  private static Whereabouts whereaboutsOfResume(HelpedStack host, Case one) {
    try {
      host.stack().resume(one.channel);
      return Whereabouts.OLD_OWNER;
    } catch (TransferException e) {
      return e.whereabouts();
    }
  }

  /** Closing the channel ends one that stands still: no descriptor is left that keeps it. */
  @Test
  void aConnectionThatStandsStillEndsWithItsChannel() throws Exception {
    try (HelpedStack host = helped(true, IMPATIENCE);
        HelpedStack nic = helped(false, IMPATIENCE);
        Case one = new Case(true, host, nic)) {
      Departure departure = host.stack().depart(one.channel);
      host.expect(new Death(1, Moment.ASKED, false));
      assertThat(org.assertj.core.api.Assertions.catchThrowable(departure::resume))
          .isInstanceOf(TransferException.class);
      one.channel.close();
      assertThat(one.sockets(topology.host().namespace())).isZero();
    }
  }

  /** The old owner has let go, and nobody lets the new one speak: lost, with its descriptor. */
  @Test
  void withoutAHelperAnActivationIsLostAndItsDescriptorIsGood() throws Exception {
    try (HelpedStack host = helped(true, IMPATIENCE);
        HelpedStack nic = helped(false, IMPATIENCE);
        Case one = new Case(true, host, nic)) {
      Exchange.complete(one.channel, one.peer, one.out, one.in, UNDER_WAY_BYTES);
      Departure departure = host.stack().depart(one.channel);
      Arrival<SocketChannel> arrival = nic.stack().arrive(departure.descriptor());
      topology.nic().steer(one.tuple);
      nic.expect(new Death(1, Moment.ASKED, false));
      departure.release();
      Throwable lost = org.assertj.core.api.Assertions.catchThrowable(arrival::activate);
      assertThat(lost)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("no helper answered");
      assertThat(one.sockets(topology.nicNamespace())).isZero();
      nic.expect(null);
      nic.startAgain();
      Arrival<SocketChannel> again = nic.stack().arrive(departure.descriptor());
      topology.nic().open(one.tuple);
      one.channel = again.activate();
      one.assertAlive(true);
    }
  }

  private static void write(Map<String, Map<Moment, String>> table, int cases) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(cases + " cases.");
    lines.add("");
    lines.add(
        "| move | owner whose helper dies | its question | not asked | not done | not told |");
    lines.add("|---|---|---|---|---|---|");
    table.forEach((row, outcomes) ->
        lines.add("| " + row + " | " + String.join(" | ", outcomes.values()) + " |"));
    String text = String.join("\n", lines) + "\n";
    Files.writeString(Path.of("target", "helper-killed.md"), text);
    Path page = Path.of("..", "..", "docs", "helper.md");
    String old = Files.readString(page);
    int begin = old.indexOf(BEGIN) + BEGIN.length() + 1;
    int end = old.indexOf(END);
    if (Boolean.getBoolean("offramp.write-docs")) {
      Files.writeString(page, old.substring(0, begin) + text + old.substring(end));
    } else {
      assertThat(old.substring(begin, end)).as(page.toString()).isEqualTo(text);
    }
  }
}
