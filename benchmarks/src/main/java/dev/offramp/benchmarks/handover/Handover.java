package dev.offramp.benchmarks.handover;

import dev.offramp.benchmarks.Options;
import dev.offramp.benchmarks.Report;
import dev.offramp.benchmarks.Samples;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Host stack, descriptor, installed: what one hand-over costs, in microseconds and in system calls
 * that {@code dev.offramp.linux} makes. To be run in a network namespace of its own.
 */
public final class Handover {
  private static final int[] QUEUE_BYTES = {4 << 10, 64 << 10, 1 << 20, 12 << 20};
  private static final int FORCED_BUFFER_BYTES = 64 << 20;
  private static final String BIG_BUFFERS = "4096 67108864 134217728";

  private final LibC libc = NativeAccess.libc();
  private final Options options;
  private final Report report = new Report("handover");

  private Handover(Options options) {
    this.options = options;
  }

  public static void main(String[] args) throws IOException {
    new Handover(
            Options.of(
                "handover",
                args,
                Map.of(
                    "iterations", 2000,
                    "warmup", 15000,
                    "queue-iterations", 20,
                    "queue", 0,
                    "rounds", 10,
                    "baseline", 1,
                    "connections", 1000,
                    "threads", 200)))
        .run();
  }

  /** What waits where while the connection moves. */
  private enum Queue {
    NONE,
    UNREAD,
    UNACKNOWLEDGED,
    UNSENT
  }

  private void run() throws IOException {
    System.out.println(
        """
        microseconds. admission: before the freeze, traffic flows; silent: from the freeze to the end
        of activate; total: both. C: the same move with libsoccr's system calls and nothing else,
        in turns with ours; ratio: total (silent) / C.
        """);
    System.out.printf(
        "%-4s %-8s %-14s %9s %5s | %8s %8s %8s %8s | %8s %8s | %8s %8s | %s%n",
        "",
        "users",
        "queue",
        "bytes",
        "n",
        "admiss.",
        "silent",
        "total",
        "p99",
        "C",
        "p99",
        "ratio",
        "ratio p99",
        "calls of dev.offramp.linux: depart release arrive activate = total; of C");
    try (Baseline baseline = options.get("baseline") == 0 ? null : Baseline.open()) {
      cold();
      for (Move.Way way : options.get("iterations") == 0 ? new Move.Way[0] : Move.Way.values()) {
        for (String address : new String[] {"127.0.0.1", "::1"}) {
          empty(InetAddress.getByName(address), way, baseline);
        }
      }
      if (options.get("connections") > 0) {
        new Many(libc, report).run(options.get("connections"), options.get("threads"));
      }
      System.out.println();
      // Only this namespace's; the queues of the peer must take what is sent at once.
      Files.writeString(Path.of("/proc/sys/net/ipv4/tcp_rmem"), BIG_BUFFERS);
      for (Queue queue : queues()) {
        for (int bytes : QUEUE_BYTES) {
          queued(InetAddress.ofLiteral("127.0.0.1"), queue, bytes, baseline);
        }
      }
    }
    report.write("handover");
  }

  /** None, all, or one of them by its number: each takes its time. */
  private List<Queue> queues() {
    List<Queue> all = List.of(Queue.UNREAD, Queue.UNACKNOWLEDGED, Queue.UNSENT);
    int one = options.get("queue");
    if (options.get("queue-iterations") == 0) {
      return List.of();
    }
    return one == 0 ? all : List.of(all.get(one - 1));
  }

  /** The first ten moves of this JVM. */
  private void cold() throws IOException {
    Move move = new Move(libc, Move.Way.GATED);
    move.measure(true);
    try (Connection connection = Connection.open(libc, InetAddress.ofLiteral("127.0.0.1"), 0)) {
      for (int i = 0; i < 10; i++) {
        move.move(connection, Move.Boundary.NONE);
        connection.exchange();
      }
    }
    Samples total = move.phase("total");
    System.out.printf(
        "cold, the first ten moves: first %.0f, median %.0f, silent median %.0f%n",
        total.quantile(1), total.median(), move.phase("silent").median());
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("cold", true);
    row.putAll(move.summary());
    report.row(row);
  }

  private void empty(InetAddress loopback, Move.Way way, @Nullable Baseline baseline)
      throws IOException {
    Move move = new Move(libc, way);
    Compared compared = new Compared(baseline, loopback, "none", 0);
    try (Connection connection = Connection.open(libc, loopback, 0)) {
      for (int i = 0; i < options.get("warmup"); i++) {
        once(move, connection);
      }
      int rounds = options.get("rounds");
      int inRound = Math.max(1, options.get("iterations") / rounds);
      move.measure(true);
      for (int round = 0; round < rounds; round++) {
        // Who goes first changes.
        if (round % 2 == 0) {
          compared.run(round == 0 ? options.get("warmup") : 0, inRound);
        }
        for (int i = 0; i < inRound; i++) {
          once(move, connection);
        }
        if (round % 2 != 0) {
          compared.run(0, inRound);
        }
      }
      Map<String, Map<String, Integer>> calls = new LinkedHashMap<>();
      CountingLibC counting = new CountingLibC(libc);
      Move counted = new Move(counting.libc(), way);
      // What is found out once per stack is behind it.
      counted.move(connection, Move.Boundary.NONE);
      connection.exchange();
      counting.take();
      counted.move(connection, phase -> keep(counting, phase, calls));
      connection.exchange();
      counted.departAndResume(connection, phase -> keep(counting, phase, calls));
      connection.exchange();
      print(loopback, way, Queue.NONE, 0, move, calls, compared);
    }
  }

  private static void once(Move move, Connection connection) throws IOException {
    move.move(connection, Move.Boundary.NONE);
    connection.exchange();
    move.departAndResume(connection, Move.Boundary.NONE);
    connection.exchange();
  }

  /** The same in C, where that was asked for. */
  private static final class Compared {
    private final @Nullable Baseline baseline;
    private final int family;
    private final String queue;
    private final int bytes;
    final Samples samples = new Samples();
    int calls;

    Compared(@Nullable Baseline baseline, InetAddress loopback, String queue, int bytes) {
      this.baseline = baseline;
      this.family = loopback.getAddress().length == 4 ? 4 : 6;
      this.queue = queue;
      this.bytes = bytes;
    }

    void run(int warmup, int count) throws IOException {
      if (baseline != null) {
        calls = baseline.run(family, queue, bytes, warmup, count, samples);
      }
    }
  }

  private void queued(InetAddress loopback, Queue queue, int bytes, @Nullable Baseline baseline)
      throws IOException {
    Move move = new Move(libc, Move.Way.GATED);
    Map<String, Map<String, Integer>> calls = new LinkedHashMap<>();
    CountingLibC counting = new CountingLibC(libc);
    Move counted = new Move(counting.libc(), Move.Way.GATED);
    Compared compared =
        new Compared(baseline, loopback, queue.name().toLowerCase(Locale.ROOT), bytes);
    int rounds = options.get("queue-iterations");
    for (int i = 0; i <= rounds; i++) {
      try (Connection connection = Connection.open(libc, loopback, FORCED_BUFFER_BYTES)) {
        connection.exchange();
        leave(connection, queue, bytes);
        Move.Boundary unfence = phase -> unfence(connection, queue, phase);
        if (i == 0) {
          counted.move(
              connection,
              phase -> {
                keep(counting, phase, calls);
                unfence.at(phase);
              });
        } else {
          move.measure(i > rounds / 10);
          move.move(connection, unfence);
        }
        connection.drain();
      }
      if (i > rounds / 10) {
        compared.run(0, 1);
      }
    }
    print(loopback, Move.Way.GATED, queue, bytes, move, calls, compared);
  }

  private static void leave(Connection connection, Queue queue, int bytes) throws IOException {
    switch (queue) {
      case NONE -> {}
      case UNREAD -> connection.leaveUnread(bytes);
      case UNACKNOWLEDGED -> connection.leaveUnacknowledged(bytes);
      case UNSENT -> connection.leaveUnsent(bytes);
    }
  }

  /** In time to hear the probe, so that nobody has to wait for a retransmission timer. */
  private static void unfence(Connection connection, Queue queue, String phase) throws IOException {
    if (queue == Queue.UNACKNOWLEDGED && phase.equals("arrive")) {
      connection.unfencePeer();
    }
  }

  private static void keep(
      CountingLibC counting, String phase, Map<String, Map<String, Integer>> calls) {
    Map<String, Integer> taken = counting.take();
    if (!phase.equals("start")) {
      calls.put(phase, taken);
    }
  }

  private void print(
      InetAddress loopback,
      Move.Way way,
      Queue queue,
      int bytes,
      Move move,
      Map<String, Map<String, Integer>> calls,
      Compared compared) {
    String family = loopback.getAddress().length == 4 ? "IPv4" : "IPv6";
    int total = 0;
    StringBuilder counts = new StringBuilder();
    for (String phase : new String[] {"depart", "release", "arrive", "activate"}) {
      int count = CountingLibC.total(calls.getOrDefault(phase, Map.of()));
      total += count;
      counts.append(count).append(' ');
    }
    Samples ours = move.phase("total");
    Samples silent = move.phase("silent");
    Samples c = compared.samples;
    long[] seen = move.queueBytes();
    String note =
        bytes == seen[0] + seen[1] + seen[2]
            ? ""
            : "  (seen: unread %d, unacknowledged %d, unsent %d)"
                .formatted(seen[0], seen[1], seen[2]);
    System.out.printf(
        "%-4s %-8s %-14s %9d %5d | %8.1f %8.1f %8.1f %8.1f | %8.1f %8.1f | %.2f (%.2f) %.2f (%.2f)"
            + " | %s= %d; %d%s%n",
        family,
        way.name().toLowerCase(Locale.ROOT),
        queue.name().toLowerCase(Locale.ROOT),
        bytes,
        ours.count(),
        move.phase("admission").median(),
        silent.median(),
        ours.median(),
        ours.quantile(0.99),
        c.median(),
        c.quantile(0.99),
        ours.median() / c.median(),
        silent.median() / c.median(),
        ours.quantile(0.99) / c.quantile(0.99),
        silent.quantile(0.99) / c.quantile(0.99),
        counts,
        total,
        compared.calls,
        note);
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("family", family);
    row.put("users", way.name());
    row.put("queue", queue.name());
    row.put("bytes", bytes);
    row.putAll(move.summary());
    row.put("calls", calls);
    row.put("callsTotal", total);
    if (c.count() > 0) {
      row.put("libsoccrCallsMicros", c.summary());
      row.put("libsoccrCallsTotal", compared.calls);
      row.put("ratioMedian", ours.median() / c.median());
      row.put("ratioP99", ours.quantile(0.99) / c.quantile(0.99));
      row.put("ratioSilentMedian", silent.median() / c.median());
      row.put("ratioSilentP99", silent.quantile(0.99) / c.quantile(0.99));
    }
    report.row(row);
  }
}
