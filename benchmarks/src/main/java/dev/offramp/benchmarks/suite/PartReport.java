package dev.offramp.benchmarks.suite;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one part of a suite found. A part is a run of its own, so it says itself on what it was
 * measured.
 *
 * @param part its name
 * @param quick whether it ran only to show that it runs: its figures mean nothing
 * @param facts of the machine
 * @param figures in the order of the table
 */
public record PartReport(
    String part, boolean quick, Map<String, Object> facts, List<Figure> figures) {
  /** Changes when a program that reads these files would have to. */
  static final String SCHEMA = "offramp-benchmarks-1";

  private static final JSON WRITER =
      JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT, JSON.Feature.WRITE_NULL_PROPERTIES);

  public PartReport {
    figures = List.copyOf(figures);
  }

  /** Writes the part's own file. */
  public void write(Path file) throws IOException {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("schema", SCHEMA);
    root.putAll(toJson());
    writeJson(file, root);
  }

  /** Writes parts as one file. */
  public static void writeAll(Path file, String suite, List<PartReport> parts) throws IOException {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("schema", SCHEMA);
    root.put("suite", suite);
    root.put("parts", parts.stream().map(PartReport::toJson).toList());
    writeJson(file, root);
  }

  private static void writeJson(Path file, Map<String, Object> root) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, WRITER.asString(root) + "\n");
  }

  private Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("part", part);
    json.put("quick", quick);
    json.put("facts", facts);
    json.put("figures", figures.stream().map(Figure::toJson).toList());
    return json;
  }

  /**
   * Reads a part's file again.
   *
   * @throws IOException also when it is not such a file
   */
  public static PartReport read(Path file) throws IOException {
    Map<String, Object> root = JSON.std.mapFrom(Files.readString(file));
    if (!SCHEMA.equals(root.get("schema"))) {
      throw new IOException(
          file
              + ": seen schema ["
              + root.get("schema")
              + "], expected ["
              + SCHEMA
              + "]; measure that part again");
    }
    Json json = new Json(root);
    return new PartReport(
        json.text("part"),
        Boolean.TRUE.equals(root.get("quick")),
        json.object("facts").map(),
        json.objects("figures").stream().map(PartReport::figure).toList());
  }

  private static Figure figure(Json json) {
    Json target = json.objectOrNull("target");
    return new Figure(
        json.text("id"),
        json.text("name"),
        json.text("unit"),
        series(json.object("value")),
        side(json.objectOrNull("ours")),
        side(json.objectOrNull("baseline")),
        target == null
            ? null
            : new Target(Target.Relation.valueOf(target.text("relation")), target.number("limit")),
        json.text("note"));
  }

  private static Figure.@Nullable Side side(@Nullable Json json) {
    return json == null
        ? null
        : new Figure.Side(json.text("name"), json.text("unit"), series(json));
  }

  private static Series series(Json json) {
    return Series.of(json.numbers("rounds"));
  }
}
