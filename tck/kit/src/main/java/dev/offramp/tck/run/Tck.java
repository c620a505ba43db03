package dev.offramp.tck.run;

import dev.offramp.spi.SpiVersion;
import dev.offramp.tck.report.KnownIssues;
import dev.offramp.tck.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The front door: judges a jar. */
public final class Tck {
  private Tck() {}

  /** The version of this kit, as excludes have to name it. */
  public static String version() {
    String version = Tck.class.getPackage().getImplementationVersion();
    return version == null
        ? Tck.class
            .getModule()
            .getDescriptor()
            .version()
            .map(Object::toString)
            .orElse("development")
        : version;
  }

  /**
   * Judges a jar.
   *
   * @param progress told a line now and then
   * @throws IOException when the kit itself cannot work: a directory, a file of known issues
   */
  public static Report run(TckOptions options, Consumer<String> progress) throws IOException {
    KnownIssues issues =
        options.knownIssues().isPresent()
            ? KnownIssues.read(options.knownIssues().get(), version())
            : KnownIssues.NONE;
    Campaign campaign = new Campaign(options, progress);
    campaign.run();
    return new Report(facts(options, campaign), campaign.results(), issues);
  }

  private static Map<String, Object> facts(TckOptions options, Campaign campaign)
      throws IOException {
    Map<String, Object> facts = new LinkedHashMap<>();
    Map<String, Object> kit = new LinkedHashMap<>();
    kit.put("version", version());
    kit.put("sha256", Sha256.ofAll(ChildProcess.modulePath().stream().map(Path::of).toList()));
    kit.put("spi", SpiVersion.running().toString());
    facts.put("kit", kit);
    Map<String, Object> plugin = new LinkedHashMap<>();
    plugin.put("name", String.valueOf(options.plugin().getFileName()));
    plugin.put("sha256", Sha256.of(options.plugin()));
    plugin.put("libraries", files(options.libraries()));
    plugin.put("models", files(options.models()));
    facts.put("plugin", plugin);
    facts.put("driver", campaign.driver());
    Map<String, Object> environment = new LinkedHashMap<>();
    environment.put("jdk", System.getProperty("java.vm.version"));
    environment.put("vendor", System.getProperty("java.vendor"));
    environment.put("os", System.getProperty("os.name"));
    environment.put("kernel", System.getProperty("os.version"));
    environment.put("arch", System.getProperty("os.arch"));
    facts.put("environment", environment);
    Map<String, Object> chosen = new LinkedHashMap<>();
    chosen.put("rules", List.copyOf(new TreeSet<>(options.rules())));
    chosen.put("seeds", options.seeds());
    chosen.put("strict", options.strict());
    chosen.put("hang_seconds", options.hangSeconds());
    chosen.put("shard", options.shard());
    chosen.put("shards", options.shards());
    facts.put("options", chosen);
    return facts;
  }

  private static List<Map<String, Object>> files(List<Path> paths) throws IOException {
    List<Map<String, Object>> files = new java.util.ArrayList<>();
    for (Path path : paths) {
      Map<String, Object> file = new LinkedHashMap<>();
      file.put("name", String.valueOf(path.getFileName()));
      file.put("sha256", Sha256.of(path));
      files.add(file);
    }
    return files;
  }
}
