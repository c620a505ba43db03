package dev.offramp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.linux.HostOptions;
import dev.offramp.linux.HostStack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The helper's process has one capability, another user, and no way to more. Needs root. */
@Timeout(120)
class HelperdIT {
  private static final String NOBODY = "65534";

  @Test
  void itRunsWithOneCapabilityAsNobody() throws Exception {
    Path directory = Files.createTempDirectory("offramp-helperd");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path socket = directory.resolve("socket");
    try (Cli.Running helper =
        Cli.start("helperd", "--socket", socket.toString(), "--user", "0,1000")) {
      assertThat(helper.awaitLine("serving")).contains("1000").contains(socket.toString());
      ProcessHandle server = server(socket);
      List<String> status =
          Files.readAllLines(Path.of("/proc", Long.toString(server.pid()), "status"));
      assertThat(status)
          .contains("NoNewPrivs:\t1")
          .contains("Uid:\t" + String.join("\t", NOBODY, NOBODY, NOBODY, NOBODY))
          .contains("Groups:\t ")
          .contains("CapEff:\t0000000000001000")
          .contains("CapPrm:\t0000000000001000")
          .contains("CapBnd:\t0000000000001000");
      // Every thread, those that the JVM made before any Java ran included.
      try (var threads = Files.list(Path.of("/proc", Long.toString(server.pid()), "task"))) {
        assertThat(threads)
            .isNotEmpty()
            .allSatisfy(thread ->
                assertThat(Files.readAllLines(thread.resolve("status")))
                    .contains("CapEff:\t0000000000001000"));
      }
      assertThat(HostStack.create(HostOptions.defaults().withHelper(socket))).isNotNull();
      server.destroy();
      server.onExit().get(60, java.util.concurrent.TimeUnit.SECONDS);
      assertThat(socket).doesNotExist();
    } finally {
      Files.deleteIfExists(socket);
      Files.delete(directory);
    }
  }

  private static ProcessHandle server(Path socket) {
    return ProcessHandle.current()
        .descendants()
        .filter(each ->
            each.children().findAny().isEmpty()
                && each.info().commandLine().orElse("").contains(socket.toString()))
        .findFirst()
        .orElseThrow();
  }
}
