package dev.offramp.archetype;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;

/**
 * What the archetype gives for a vendor's names, rendered by the engine of maven-archetype-plugin.
 * Paths are relative to the project, with {@code /}.
 */
final class Archetype {
  private static final Path RESOURCES =
      Path.of(System.getProperty("archetype.directory"), "archetype-resources");
  private static final Path TEMPLATE = Path.of(System.getProperty("template.directory"));

  private Archetype() {}

  /** The names that a vendor chooses. */
  record Names(
      String groupId, String artifactId, String version, String packageName, String device) {}

  static Map<String, String> template() throws IOException {
    return files(TEMPLATE);
  }

  static Map<String, String> rendered(Names names) throws IOException {
    VelocityEngine engine = new VelocityEngine();
    engine.setProperty("runtime.strict_mode.enable", true);
    Map<String, String> rendered = new TreeMap<>();
    for (Map.Entry<String, String> resource : files(RESOURCES).entrySet()) {
      VelocityContext context = new VelocityContext();
      context.put("groupId", names.groupId());
      context.put("rootArtifactId", names.artifactId());
      context.put("version", names.version());
      context.put("package", names.packageName());
      context.put("device", names.device());
      StringWriter text = new StringWriter();
      engine.evaluate(context, text, resource.getKey(), resource.getValue());
      rendered.put(placed(resource.getKey(), names), text.toString());
    }
    return rendered;
  }

  /** Where the descriptor's file sets put a resource: packaged, but for the modules' files. */
  private static String placed(String resource, Names names) {
    String root = "/java/";
    int at = resource.indexOf(root) + root.length();
    String named =
        resource.replace("__device__", names.device()).replace("__gitignore__", ".gitignore");
    return !resource.contains(root) || resource.endsWith("/module-info.java")
        ? named
        : named.substring(0, at)
            + names.packageName().replace('.', '/')
            + "/"
            + named.substring(at);
  }

  private static Map<String, String> files(Path root) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        String name = root.relativize(path).toString().replace('\\', '/');
        if (!("/" + name).toLowerCase(Locale.ROOT).contains("/target/")) {
          files.put(name, Files.readString(path, UTF_8));
        }
      }
    }
    return files;
  }
}
