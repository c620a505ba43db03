package dev.offramp.tck.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A report's files. */
public final class Reports {
  private static final String JSON = "report.json";

  private Reports() {}

  /** Writes report.json, verdict.txt and junit.xml. */
  public static void write(Report report, Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(JSON), Json.pretty(report.toMap()));
    Files.writeString(directory.resolve("verdict.txt"), VerdictText.of(report));
    Files.writeString(directory.resolve("junit.xml"), JUnitXml.of(report));
  }

  /**
   * Reads a report.
   *
   * @param path a report.json, or the directory that has one
   * @throws IOException when there is none, or it is not one; the message names the file
   */
  public static Report read(Path path) throws IOException {
    Path file = Files.isDirectory(path) ? path.resolve(JSON) : path;
    if (!Files.isReadable(file)) {
      throw new IOException("[%s] does not exist or cannot be read".formatted(file));
    }
    try {
      return Report.read(Files.readString(file));
    } catch (IOException | RuntimeException e) {
      throw new IOException("[%s] is no report: %s".formatted(file, e.getMessage()), e);
    }
  }
}
