package dev.offramp.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar, started as a stranger would, in a directory with nothing else. */
final class LauncherIT {
  @TempDir private Path directory;

  private String said = "";

  @Test
  void theKitRunsOutOfOneJar() throws Exception {
    assertThat(launch("explain", "L33")).as(said).isZero();
    assertThat(said).contains("L33", "0 to 512");
    assertThat(launch("run", "nothing.jar")).as(said).isEqualTo(3);
    assertThat(said).contains("[nothing.jar]");
    assertThat(launch("no-such-command")).isEqualTo(2);
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).as("what was unpacked is gone").isEmpty();
    }
  }

  /** The kit's children find its modules, wherever they were unpacked; the jar is no driver. */
  @Test
  void aRunStartsItsProcesses() throws Exception {
    assertThat(launch("run", jar().toString(), "--rule=P11,S01", "--report-dir=out"))
        .as(said)
        .isEqualTo(1);
    assertThat(said).contains("NOT COMPLIANT", "FAIL S01");
    assertThat(directory.resolve("out/report.html")).isNotEmptyFile();
  }

  private int launch(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djava.io.tmpdir=" + directory);
    command.add("-jar");
    command.add(jar().toString());
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor();
  }

  private static Path jar() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("target").toAbsolutePath())) {
      return files
          .filter(file -> file.getFileName().toString().matches("offramp-tck-launcher-.*\\.jar"))
          .findFirst()
          .orElseThrow(() -> new IOException("no jar; run this in phase verify"));
    }
  }
}
