package dev.offramp.interop;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** tshark of Debian, which judges captures without knowing any of our code. */
final class Tshark {
  private static final Duration INSTALL_LIMIT = Duration.ofMinutes(4);
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /**
   * Finds iWARP by looking at payloads; the two others would claim them. Lost segments come late,
   * and what came before them must wait: by default tshark takes them as they come, and calls FPDUs
   * bad that are cut by them.
   */
  private static final List<String> IWARP =
      List.of(
          "-o",
          "tcp.try_heuristic_first:TRUE",
          "-o",
          "tcp.reassemble_out_of_order:TRUE",
          "--disable-protocol",
          "rpcordma",
          "--disable-protocol",
          "smb_direct");

  private final String version;

  private Tshark(String version) {
    this.version = version;
  }

  /**
   * Installs it where it is missing.
   *
   * @throws UnusableException when it cannot be had
   */
  static Tshark find() throws IOException, InterruptedException {
    if (!isThere()) {
      apt("update", "-qq");
      apt("install", "-y", "-qq", "--no-install-recommends", "tshark");
    }
    try (Run run = Run.startWithoutErrors("tshark", List.of("tshark", "--version"))) {
      return new Tshark(run.succeed(LIMIT).lines().findFirst().orElse("tshark"));
    } catch (IOException e) {
      throw new UnusableException(
          "seen [no tshark: " + e.getMessage() + "], expected Debian's package tshark");
    }
  }

  private static boolean isThere() throws InterruptedException {
    try (Run run = Run.startWithoutErrors("tshark", List.of("tshark", "--version"))) {
      return run.await(LIMIT) == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static void apt(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("env", "DEBIAN_FRONTEND=noninteractive", "apt-get"));
    command.addAll(List.of(arguments));
    try (Run run = Run.start("apt-get " + arguments[0], command)) {
      run.succeed(INSTALL_LIMIT);
    } catch (CaseFailure e) {
      throw new UnusableException(
          "tshark is missing and cannot be installed: "
              + e.getMessage()
              + "; run as root: apt-get install tshark");
    }
  }

  /** Its version, for the table. */
  String version() {
    return version.replaceFirst(" \\(.*", "");
  }

  /**
   * The lines with {@code text} in the full dissection of the frames that {@code filter} selects.
   * The dissection itself, gigabytes for a capture of bulk data, is not kept.
   */
  List<String> dissectedLines(Path capture, String filter, String text)
      throws IOException, InterruptedException {
    return run(capture, filter, line -> line.contains(text), "-V");
  }

  /** One line for each frame that {@code filter} selects. */
  List<String> frames(Path capture, String filter) throws IOException, InterruptedException {
    return run(capture, filter, line -> true);
  }

  private static List<String> run(
      Path capture, String filter, Predicate<String> kept, String... more)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", capture.toString()));
    command.addAll(IWARP);
    command.addAll(List.of("-Y", filter));
    command.addAll(List.of(more));
    try (Run run = Run.startForLines("tshark", command, kept)) {
      return run.succeed(LIMIT).lines().toList();
    }
  }
}
