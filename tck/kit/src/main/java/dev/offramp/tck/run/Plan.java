package dev.offramp.tck.run;

import dev.offramp.tck.report.Fields;
import dev.offramp.tck.report.Json;
import dev.offramp.tck.report.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a child process has to do.
 *
 * @param jar the vendor's
 * @param libraries what it needs
 * @param models models of its devices
 * @param items pieces of work in their order; none: only say what there is
 * @param hangSeconds how long a call of the driver may do nothing
 * @param out where to write what comes out
 */
record Plan(
    Path jar,
    List<Path> libraries,
    List<Path> models,
    List<Item> items,
    int hangSeconds,
    Path out) {

  void write(Path to) throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("jar", jar.toString());
    map.put("libraries", libraries.stream().map(Path::toString).toList());
    map.put("models", models.stream().map(Path::toString).toList());
    map.put("items", items.stream().map(Item::key).toList());
    map.put("hang_seconds", hangSeconds);
    map.put("out", out.toString());
    Files.writeString(to, Json.pretty(map));
  }

  static Plan read(Path from) throws IOException {
    Fields in = new Fields(JsonReader.object(Files.readString(from)));
    return new Plan(
        Path.of(in.text("jar")),
        in.strings("libraries").stream().map(Path::of).toList(),
        in.strings("models").stream().map(Path::of).toList(),
        in.strings("items").stream().map(Item::parse).toList(),
        (int) in.number("hang_seconds"),
        Path.of(in.text("out")));
  }
}
