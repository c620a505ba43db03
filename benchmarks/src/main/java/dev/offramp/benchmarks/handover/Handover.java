package dev.offramp.benchmarks.handover;

import dev.offramp.benchmarks.Options;
import dev.offramp.benchmarks.Report;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Host stack, descriptor, installed: what one hand-over costs, in microseconds and in system calls
 * that {@code dev.offramp.linux} makes. To be run in a network namespace of its own.
 */
public final class Handover {
  private static final int[] QUEUE_BYTES = {64 << 10, 1 << 20, 12 << 20};
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
                Map.of("iterations", 2000, "warmup", 1000, "queue-iterations", 20)))
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
    System.out.println("microseconds; 'silent' is from the fence to the end of activate");
    System.out.printf(
        "%-4s %-14s %9s %5s | %8s %8s %8s %8s | %8s %8s | %8s %8s | %8s %8s | %s%n",
        "",
        "queue",
        "bytes",
        "n",
        "depart",
        "release",
        "arrive",
        "activate",
        "total",
        "p99",
        "silent",
        "p99",
        "dep+res",
        "p99",
        "calls: depart release arrive activate = total");
    for (String address : new String[] {"127.0.0.1", "::1"}) {
      empty(InetAddress.getByName(address));
    }
    // Only this namespace's; the queues of the peer must take what is sent at once.
    Files.writeString(Path.of("/proc/sys/net/ipv4/tcp_rmem"), BIG_BUFFERS);
    for (String address : new String[] {"127.0.0.1", "::1"}) {
      for (Queue queue : new Queue[] {Queue.UNREAD, Queue.UNACKNOWLEDGED, Queue.UNSENT}) {
        for (int bytes : QUEUE_BYTES) {
          queued(InetAddress.getByName(address), queue, bytes);
        }
      }
    }
    report.write("handover");
  }

  private void empty(InetAddress loopback) throws IOException {
    Move move = new Move(libc);
    try (Connection connection = Connection.open(libc, loopback, 0)) {
      for (int i = 0; i < options.get("warmup") + options.get("iterations"); i++) {
        move.measure(i >= options.get("warmup"));
        move.move(connection, Move.Boundary.NONE);
        connection.exchange();
        move.departAndResume(connection, Move.Boundary.NONE);
        connection.exchange();
      }
      Map<String, Map<String, Integer>> calls = new LinkedHashMap<>();
      CountingLibC counting = new CountingLibC(libc);
      Move counted = new Move(counting.libc());
      // The first knows nothing of the channel yet; so does every move of a fresh connection.
      counted.move(connection, phase -> keep(counting, phase, calls));
      connection.exchange();
      counted.departAndResume(connection, phase -> keep(counting, phase, calls));
      connection.exchange();
      print(loopback, Queue.NONE, 0, move, calls);
    }
  }

  private void queued(InetAddress loopback, Queue queue, int bytes) throws IOException {
    Move move = new Move(libc);
    Map<String, Map<String, Integer>> calls = new LinkedHashMap<>();
    CountingLibC counting = new CountingLibC(libc);
    Move counted = new Move(counting.libc());
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
    }
    print(loopback, queue, bytes, move, calls);
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
      Queue queue,
      int bytes,
      Move move,
      Map<String, Map<String, Integer>> calls) {
    String family = loopback.getAddress().length == 4 ? "IPv4" : "IPv6";
    int total = 0;
    StringBuilder counts = new StringBuilder();
    for (String phase : new String[] {"depart", "release", "arrive", "activate"}) {
      int count = CountingLibC.total(calls.getOrDefault(phase, Map.of()));
      total += count;
      counts.append(count).append(' ');
    }
    long[] seen = move.queueBytes();
    String note =
        bytes == seen[0] + seen[1] + seen[2]
            ? ""
            : "  (seen: unread "
                + seen[0]
                + ", unacknowledged "
                + seen[1]
                + ", unsent "
                + seen[2]
                + ")";
    System.out.printf(
        "%-4s %-14s %9d %5d | %8.1f %8.1f %8.1f %8.1f | %8.1f %8.1f | %8.1f %8.1f | %8.1f %8.1f |"
            + " %s= %d%s%n",
        family,
        queue.name().toLowerCase(java.util.Locale.ROOT),
        bytes,
        move.phase("total").count(),
        move.phase("depart").median(),
        move.phase("release").median(),
        move.phase("arrive").median(),
        move.phase("activate").median(),
        move.phase("total").median(),
        move.phase("total").quantile(0.99),
        move.phase("silent").median(),
        move.phase("silent").quantile(0.99),
        move.phase("depart+resume").median(),
        move.phase("depart+resume").quantile(0.99),
        counts,
        total,
        note);
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("family", family);
    row.put("queue", queue.name());
    row.put("bytes", bytes);
    row.putAll(move.summary());
    row.put("calls", calls);
    row.put("callsTotal", total);
    report.row(row);
  }
}
