package dev.offramp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An emulated adapter that stays up, and what it says of how to use it is true. */
@Timeout(240)
class EmulateIT {
  private static final Pattern NAMESPACE = Pattern.compile("--net=(/proc/(\\d+)/fd/\\d+)");

  @ParameterizedTest
  @ValueSource(strings = {"t6", "e810"})
  void anybodyInThePeersNamespaceCanPingIt(String kind, @TempDir Path directory) throws Exception {
    Path trace = directory.resolve("trace");
    ProcessHandle host;
    try (Cli.Running adapter = Cli.start("emulate", "--trace", trace.toString(), kind)) {
      Matcher said = NAMESPACE.matcher(adapter.awaitLine(" PROGRAM"));
      assertThat(said.find()).isTrue();
      host = ProcessHandle.of(Long.parseLong(said.group(2))).orElseThrow();
      adapter.awaitLine("Ctrl-C ends it.");
      for (int round = 0; round < 2; round++) {
        Cli.Result ping = ping(said.group(1));
        assertThat(ping.err()).isEmpty();
        assertThat(ping.exitCode()).isZero();
        assertThat(ping.out().lines().filter(line -> line.contains("rdma-ping-"))).hasSize(3);
        adapter.awaitLine("server ping data: rdma-ping-2");
      }
    }
    // Killed: the process that has the adapter notices by itself.
    host.onExit().get(60, TimeUnit.SECONDS);
    assertThat(Files.readString(trace))
        .contains("allocate slab 1: ")
        .contains("\nwrite32  bar ")
        .contains("\nmemory   slab ");
  }

  /** The server may be a moment away from listening: that it says only with -d. */
  private static Cli.Result ping(String namespace) throws Exception {
    Cli.Result result;
    do {
      try (Cli.Running client =
          Cli.startBehind(
              List.of("nsenter", "--net=" + namespace),
              "rping",
              "-c",
              "-a",
              "10.77.0.1",
              "-C",
              "3",
              "-V",
              "-v")) {
        result = client.end();
      }
    } while (result.err().contains("Connection refused"));
    return result;
  }

  @Test
  void aKindThatIsNotThereIsNamed() throws Exception {
    Cli.Result result = Cli.run("emulate", "t7");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("seen [t7], expected one of [e810, t5, t6, x722]");
  }

  /** What follows the kind is the command's, and its exit code is the whole's. */
  @Test
  void aCommandRunsOnIt() throws Exception {
    Cli.Result result = Cli.run("emulate", "e810", "drivers", "--json");
    assertThat(result.out()).contains("\"e810\"").contains("running  drivers --json");
    assertThat(result.exitCode()).isZero();
  }
}
