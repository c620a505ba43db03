package dev.offramp.linux.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandLineTest {
  @Test
  void runsInANamespace() throws Exception {
    try (NetworkNamespace namespace = NetworkNamespace.create()) {
      assertThat(CommandLine.in(namespace).ip("-o", "link").lines()).hasSize(1);
    }
  }

  @Test
  void aFailureNamesCommandExitCodeAndOutput() throws Exception {
    try (NetworkNamespace namespace = NetworkNamespace.create()) {
      assertThatThrownBy(() -> CommandLine.in(namespace).ip("link", "show", "dev", "nowhere0"))
          .isInstanceOfSatisfying(
              CommandException.class,
              e -> {
                assertThat(e.kind()).isEqualTo(CommandException.Kind.FAILED);
                assertThat(e.exitCode()).isEqualTo(1);
                assertThat(e.command()).endsWith("ip link show dev nowhere0");
                assertThat(e.stderr()).isEqualTo("Device \"nowhere0\" does not exist.");
              });
    }
  }

  @Test
  void aBatchNamesTheLineAndStopsThere() throws Exception {
    try (NetworkNamespace namespace = NetworkNamespace.create()) {
      CommandLine commands = CommandLine.in(namespace);
      List<String> lines =
          List.of(
              "link add a0 type veth peer name a1",
              "link set nowhere0 up",
              "link add b0 type veth peer name b1");
      assertThatThrownBy(() -> commands.ipBatch(lines))
          .isInstanceOf(CommandException.class)
          .hasMessageContaining("<<< link set nowhere0 up]: exit code 1: [Cannot find device")
          .hasMessageEndingWith("list what is there with [ip link]");
      // With the @ of a veth, because a MAC address can have these letters as well.
      assertThat(commands.ip("-o", "link")).contains("a0@").doesNotContain("b0@");

      assertThatThrownBy(
              () -> commands.ipBatchAll(List.of("link del b0", "link del a0", "link del a1")))
          .isInstanceOf(CommandException.class);
      assertThat(commands.ip("-o", "link").lines()).hasSize(1);
    }
  }

  @Test
  void aBatchLongerThanAPipe() throws Exception {
    try (NetworkNamespace namespace = NetworkNamespace.create()) {
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < 4_000; i++) {
        lines.add("addr add 127.1.%d.%d/32 dev lo".formatted(i >> 8, i & 255));
      }
      CommandLine.in(namespace).ipBatch(lines);
      assertThat(CommandLine.in(namespace).ip("-o", "-4", "addr").lines()).hasSize(4_000);
    }
  }

  @Test
  void aNamespaceThatIsGoneIsTyped() throws Exception {
    NetworkNamespace namespace = NetworkNamespace.create();
    CommandLine commands = CommandLine.in(namespace);
    namespace.close();
    assertThatThrownBy(() -> commands.ip("link"))
        .isInstanceOfSatisfying(
            CommandException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(CommandException.Kind.FAILED);
              assertThat(e.stderr()).contains("nsenter");
            });
  }

  @Test
  void aDeadlineIsKept() throws Exception {
    assertThatThrownBy(
            () -> CommandLine.here().within(Duration.ofMillis(200)).ip("monitor", "link"))
        .isInstanceOfSatisfying(
            CommandException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(CommandException.Kind.TIMED_OUT);
              assertThat(e.exitCode()).isEqualTo(-1);
            })
        .hasMessageContaining("after 200 ms");
  }

  @Test
  void aProgramThatIsMissingSaysWhatToInstall() {
    assertThatThrownBy(() -> Executables.find("tc", "/nowhere:/dev", List.of("/proc/self")))
        .isInstanceOfSatisfying(
            CommandException.class,
            e -> assertThat(e.kind()).isEqualTo(CommandException.Kind.NOT_FOUND))
        .hasMessage(
            "[tc]: not found: [searched /nowhere:/dev:/proc/self];"
                + " install it: [apt-get install iproute2]");
  }

  @Test
  void programsOutsideOfThePathAreFound() throws Exception {
    assertThat(Executables.find("tc", "", List.of("/usr/sbin", "/sbin")))
        .isIn(Path.of("/usr/sbin/tc"), Path.of("/sbin/tc"));
  }
}
