package dev.offramp.benchmarks.handover;

import dev.offramp.benchmarks.Report;
import dev.offramp.benchmarks.Samples;
import dev.offramp.linux.ChannelUsers;
import dev.offramp.linux.libc.LibC;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Many fresh connections of one process moved in one go: what each costs must not grow with their
 * number, nor with that of threads.
 */
final class Many {
  private static final int MAX_ROUNDS = 200;

  private final LibC libc;
  private final Report report;

  Many(LibC libc, Report report) {
    this.libc = libc;
    this.report = report;
  }

  /** Moves {@code most} connections, and tenths of that. */
  void run(int most, int idleThreads) throws IOException {
    System.out.printf(
        "%nmany fresh connections in one go, users looked for once; microseconds each%n");
    System.out.printf(
        "%12s %8s %7s | %8s %8s | %9s %9s | %10s %14s%n",
        "connections",
        "threads",
        "rounds",
        "median",
        "p99",
        "admission",
        "silent",
        "look",
        "all/n");
    CountDownLatch end = new CountDownLatch(1);
    try {
      for (int count = Math.max(1, most / 1000); count <= most; count *= 10) {
        row(count);
      }
      for (int i = 0; i < idleThreads; i++) {
        Thread.ofPlatform().daemon().name("idle-" + i).start(() -> await(end));
      }
      row(most);
    } finally {
      end.countDown();
    }
  }

  private static void await(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void row(int count) throws IOException {
    Move move = new Move(libc, Move.Way.ASSERTED);
    Samples looks = new Samples();
    Samples each = new Samples();
    int rounds = Math.clamp(3000 / count, 3, MAX_ROUNDS);
    for (int round = 0; round < rounds; round++) {
      List<Connection> connections = new ArrayList<>();
      try {
        for (int i = 0; i < count; i++) {
          connections.add(Connection.open(libc, InetAddress.ofLiteral("127.0.0.1"), 0));
        }
        move.measure(round >= rounds / 3);
        long start = System.nanoTime();
        ChannelUsers users = move.stack().lookForUsers();
        long looked = System.nanoTime();
        for (Connection connection : connections) {
          move.move(connection, users, Move.Boundary.NONE);
        }
        if (round >= rounds / 3) {
          looks.add((looked - start) / 1e3);
          each.add((System.nanoTime() - start) / 1e3 / count);
        }
        for (Connection connection : connections) {
          connection.exchange();
        }
      } finally {
        for (Connection connection : connections) {
          connection.close();
        }
      }
    }
    int threads = Thread.activeCount();
    System.out.printf(
        "%12d %8d %7d | %8.1f %8.1f | %9.1f %9.1f | %10.1f %14.1f%n",
        count,
        threads,
        rounds,
        move.phase("total").median(),
        move.phase("total").quantile(0.99),
        move.phase("admission").median(),
        move.phase("silent").median(),
        looks.median(),
        each.median());
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("connections", count);
    row.put("javaThreads", threads);
    row.putAll(move.summary());
    row.put("lookForUsersMicros", looks.summary());
    row.put("microsPerConnectionWithLook", each.summary());
    report.row(row);
  }
}
