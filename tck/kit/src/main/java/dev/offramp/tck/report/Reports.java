package dev.offramp.tck.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A report's files. */
public final class Reports {
  private static final String JSON = "report.json";
  private static final String HTML = "report.html";
  private static final String TEXT = "verdict.txt";
  private static final String XML = "junit.xml";

  private Reports() {}

  /** Writes report.json, report.html, verdict.txt and junit.xml. */
  public static void write(Report report, Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(JSON), Json.pretty(report.toMap()));
    Files.writeString(directory.resolve(HTML), HtmlReport.of(report));
    Files.writeString(directory.resolve(TEXT), VerdictText.of(report));
    Files.writeString(directory.resolve(XML), JUnitXml.of(report));
  }

  /** Removes what an earlier run left, which nobody must take for a later one's. */
  public static void clear(Path directory) throws IOException {
    for (String name : List.of(JSON, HTML, TEXT, XML)) {
      Files.deleteIfExists(directory.resolve(name));
    }
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
