package dev.offramp.tck.run;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.iwarp.mpa.MpaFrame;
import dev.offramp.models.AdapterModel;
import dev.offramp.spi.RnicDriver;
import dev.offramp.tck.report.JsonReader;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts a child process, and reads what it wrote. */
final class ChildProcess {
  static final int HEAP_MEGABYTES = 512;

  /** What a virtual machine that runs out of heap exits with, by -XX:+ExitOnOutOfMemoryError. */
  private static final int OUT_OF_MEMORY = 3;

  private static final int MAX_LOG_CHARACTERS = 4000;
  private static final long MAX_HOURS = 6;

  private ChildProcess() {}

  /**
   * What a child left behind.
   *
   * @param lines what it wrote, in order
   * @param exitCode how it ended
   * @param log the end of its standard output and error
   */
  record Outcome(List<Map<String, Object>> lines, int exitCode, String log) {
    boolean isDone() {
      return lines.stream().anyMatch(line -> line.containsKey("done"));
    }

    /** The last piece of work that was begun; empty when none was. */
    String lastBegun() {
      String last = "";
      for (Map<String, Object> line : lines) {
        last = line.containsKey("begin") ? String.valueOf(line.get("begin")) : last;
      }
      return last;
    }

    /** The text of a line of one kind; empty when there is none. */
    String text(String kind) {
      return lines.stream()
          .filter(line -> line.containsKey(kind))
          .map(line -> String.valueOf(line.get(kind)))
          .collect(Collectors.joining("; "));
    }

    boolean isOutOfMemory() {
      return exitCode == OUT_OF_MEMORY && text("exit").isEmpty();
    }
  }

  /** Runs a plan to its end. */
  static Outcome run(Plan plan, Path directory, String name) throws IOException {
    Path planFile = directory.resolve(name + ".plan.json");
    Path log = directory.resolve(name + ".log");
    plan.write(planFile);
    Files.deleteIfExists(plan.out());
    Process process =
        new ProcessBuilder(command(planFile, directory, name))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    process.getOutputStream().close();
    try {
      if (!process.waitFor(MAX_HOURS, TimeUnit.HOURS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a child process ran", e);
    }
    delete(repository(directory, name));
    return new Outcome(lines(plan.out()), process.exitValue(), tail(log));
  }

  /** Where Flight Recorder keeps what it has not dumped; a process that is halted leaves it. */
  private static Path repository(Path directory, String name) {
    return directory.resolve(name + ".recorder");
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static List<Map<String, Object>> lines(Path out) throws IOException {
    List<Map<String, Object>> lines = new ArrayList<>();
    if (Files.exists(out)) {
      for (String line : Files.readAllLines(out)) {
        if (line.endsWith("}")) { // the last one may be cut
          lines.add(JsonReader.object(line));
        }
      }
    }
    return lines;
  }

  private static String tail(Path log) throws IOException {
    String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    return text.substring(Math.max(0, text.length() - MAX_LOG_CHARACTERS));
  }

  private static List<String> command(Path plan, Path directory, String name) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + HEAP_MEGABYTES + "m");
    command.add("-XX:+UseSerialGC");
    // A child lives for seconds: what the second compiler would gain it hardly earns back.
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.add("-XX:ErrorFile=" + directory.resolve(name + ".crash"));
    command.add("-XX:-CreateCoredumpOnCrash");
    command.add("--illegal-native-access=deny");
    // Deeper than the 64 frames by default: the vendor's frame has to be among them.
    command.add(
        "-XX:FlightRecorderOptions:stackdepth=256,repository=" + repository(directory, name));
    command.add("-p");
    command.add(String.join(File.pathSeparator, modulePath()));
    command.add("-m");
    command.add("dev.offramp.tck/" + Child.class.getName());
    command.add(plan.toString());
    return command;
  }

  /** Where the kit and what it needs are, however this process was started. */
  static Set<String> modulePath() {
    return Stream.of(
            IwarpConnectionDescriptor.class,
            RnicDriver.class,
            MpaFrame.class,
            AdapterModel.class,
            ChildProcess.class)
        .map(ChildProcess::location)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static String location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the place of " + type + " is unknown", e);
    }
  }
}
