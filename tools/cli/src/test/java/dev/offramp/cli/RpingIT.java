package dev.offramp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** rping between two processes; what it prints is what rdma-core's prints. */
@Timeout(240)
class RpingIT {
  private static final int COUNT = 3;

  /** As rdma-core's rping prints it with -v -C 3. */
  private static final List<String> STOCK_LINES =
      List.of(
          "ping data: rdma-ping-0: ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqr",
          "ping data: rdma-ping-1: BCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrs",
          "ping data: rdma-ping-2: CDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrst");

  @ParameterizedTest(name = "{0} bytes, {1}")
  @CsvSource({
    "64, --crc, --crc",
    "64, --no-crc, --no-crc",
    "1000, --no-crc, --crc",
    "65536, --crc, --no-crc",
    "65536, --no-crc, --no-crc",
    "1048576, --crc, --crc",
    "1048576, --no-crc, --no-crc",
  })
  void bothEndsPrintTheStockText(int size, String serverCrc, String clientCrc) throws Exception {
    String bytes = Integer.toString(size);
    try (Cli.Running server =
        Cli.start(
            "rping", "-s", "-a", "127.0.0.1", "-p", "0", "-S", bytes, "-v", "-d", serverCrc)) {
      String port = server.awaitLine("listening on").replaceAll(".*:", "");
      Cli.Result client =
          Cli.run(
              "rping",
              "-c",
              "-a",
              "127.0.0.1",
              "-p",
              port,
              "-S",
              bytes,
              "-C",
              "" + COUNT,
              "-v",
              "-V",
              clientCrc);
      Cli.Result served = server.end();
      assertThat(client.err()).isEmpty();
      assertThat(client.exitCode()).isZero();
      assertThat(served.err()).isEmpty();
      assertThat(served.exitCode()).isZero();
      List<String> expected = IntStream.range(0, COUNT).mapToObj(n -> line(n, size)).toList();
      assertThat(client.out().lines().toList().equals(expected)).isTrue();
      assertThat(
              served
                  .out()
                  .lines()
                  .filter(line -> line.startsWith("server ping data: "))
                  .toList()
                  .equals(expected.stream().map(line -> "server " + line).toList()))
          .isTrue();
      boolean crc = serverCrc.equals("--crc") || clientCrc.equals("--crc");
      assertThat(served.out()).contains("crc=" + crc);
    }
  }

  @Test
  void theFormulaGivesTheStockLines() {
    assertThat(IntStream.range(0, COUNT).mapToObj(n -> line(n, 64)).toList())
        .isEqualTo(STOCK_LINES);
  }

  @Test
  void aPingThatIsTooLongForTheServerEndsBoth() throws Exception {
    try (Cli.Running server =
        Cli.start("rping", "-s", "-a", "127.0.0.1", "-p", "0", "-S", "64", "-d")) {
      String port = server.awaitLine("listening on").replaceAll(".*:", "");
      Cli.Result client =
          Cli.run("rping", "-c", "-a", "127.0.0.1", "-p", port, "-S", "65", "-C", "1");
      assertThat(client.exitCode()).isEqualTo(ExitCode.CONNECTION);
      Cli.Result served = server.end();
      assertThat(served.exitCode()).isEqualTo(ExitCode.CONNECTION);
      assertThat(served.err()).contains("65 bytes").contains("give both the same -S");
    }
  }

  @Test
  void theSummaryIsOneObject() throws Exception {
    try (Cli.Running server = Cli.start("rping", "-s", "-a", "::1", "-p", "0", "-d")) {
      String port = server.awaitLine("listening on").replaceAll(".*:", "");
      Cli.Result client =
          Cli.run("rping", "-c", "-a", "::1", "-p", port, "-C", "2", "-v", "-d", "--json");
      assertThat(client.json())
          .isEqualTo(Map.of("role", "client", "pings", 2, "size_bytes", 64, "rnic", "softiwarp"));
      assertThat(server.end().exitCode()).isZero();
    }
  }

  /** rping.c, rping_test_client: a head, letters from 'A' to 'z' going round, a NUL. */
  private static String line(int ping, int size) {
    StringBuilder text = new StringBuilder("rdma-ping-" + ping + ": ");
    char letter = (char) ('A' + ping);
    while (text.length() < size - 1) {
      text.append(letter);
      letter = letter == 'z' ? 'A' : (char) (letter + 1);
    }
    return "ping data: " + text;
  }
}
