package dev.offramp.runtime.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.runtime.journal.JournalReader.Recorded;
import dev.offramp.runtime.journal.Phase.Owner;
import java.io.BufferedReader;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** After SIGKILL at any place the journal says what was true of both owners. */
@Timeout(120)
class KilledProcessIT {
  /** The states of old and new owner for which each answer is right. */
  private static final Map<Owner, Set<String>> TRUE_WHEN =
      Map.of(
          Owner.OLD_OWNER, Set.of("runs none", "stopped none"),
          Owner.OLD_OWNER_STOPPED, Set.of("stopped none", "stopped silent", "runs none"),
          Owner.BETWEEN, Set.of("stopped silent", "gone silent"),
          Owner.NEW_OWNER_SILENT, Set.of("gone silent", "gone runs"),
          Owner.NEW_OWNER, Set.of("gone runs"),
          Owner.NOBODY, Set.of());

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void theJournalSaysWhoHadTheConnection(KilledMain.Place place) throws Exception {
    Process process = start(place);
    try (BufferedReader answers = process.inputReader()) {
      assertThat(answers.readLine()).isEqualTo(KilledMain.STANDS);
      assertThat(JournalReader.read(directory))
          .as("before it is killed")
          .allSatisfy(each -> assertThat(each.isCutOff()).isFalse());
    } finally {
      process.destroyForcibly().waitFor();
    }
    String truth = Files.readString(directory.resolve("truth"));
    List<Recorded> read = JournalReader.read(directory);
    assertThat(read).hasSize(1);
    Recorded only = read.getFirst();
    Owner answer = only.phase().owner();
    assertThat(TRUE_WHEN.get(answer)).as("%s: %s", place, answer).contains(truth);
    assertThat(only.isCutOff()).isEqualTo(!only.phase().isLast());
    assertThat(only.local()).contains("4711");
    System.out.printf("%s: truth [%s], journal %s%n", place, truth, answer);
  }

  private Process start(KilledMain.Place place) throws Exception {
    String classPath =
        String.join(
            File.pathSeparator,
            System.getProperty("jdk.module.path", ""),
            System.getProperty("java.class.path", ""),
            Path.of(System.getProperty("basedir", "."), "target", "test-classes").toString());
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            classPath,
            KilledMain.class.getName(),
            directory.toString(),
            place.name())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
