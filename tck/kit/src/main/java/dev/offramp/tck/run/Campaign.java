package dev.offramp.tck.run;

import dev.offramp.tck.experiment.Experiment;
import dev.offramp.tck.experiment.Stage;
import dev.offramp.tck.report.ExperimentResult;
import dev.offramp.tck.report.Fields;
import dev.offramp.tck.report.Finding;
import dev.offramp.tck.report.Finding.Evidence;
import dev.offramp.tck.report.Verdict;
import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Runs everything about one jar: a child process for each stage and device, and more where one was
 * ended.
 */
final class Campaign {
  /** A jar that has ended so many processes is not tried any further. */
  private static final int MAX_CHILDREN_PER_GROUP = 5;

  private final TckOptions options;
  private final Consumer<String> progress;
  private final List<ExperimentResult> results = new ArrayList<>();
  private final Map<String, Object> driver = new LinkedHashMap<>();

  Campaign(TckOptions options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
  }

  /** What came out, in the order of the experiments. */
  List<ExperimentResult> results() {
    return results;
  }

  /** What the driver says of itself, and the devices of the kit that it serves. */
  Map<String, Object> driver() {
    return driver;
  }

  void run() throws IOException {
    Files.createDirectories(options.workDirectory());
    clean();
    List<Fields> targets = probe();
    List<Item> all = items(targets);
    Map<String, List<Item>> groups = new LinkedHashMap<>();
    for (int i = 0; i < all.size(); i++) {
      // By place in the whole list, so that every shard knows its share without the others.
      if (i % options.shards() == options.shard() - 1) {
        Item item = all.get(i);
        Stage stage = Kit.experiment(item.experiment()).stage();
        groups
            .computeIfAbsent(
                stage.name().toLowerCase(Locale.ROOT) + "-" + item.target(),
                group -> new ArrayList<>())
            .add(item);
      }
    }
    runAll(groups);
  }

  /** Groups do not influence each other, so as many run at once as there are processors. */
  private void runAll(Map<String, List<Item>> groups) throws IOException {
    int workers = Math.max(1, Math.min(groups.size(), Runtime.getRuntime().availableProcessors()));
    try (ExecutorService pool =
        Executors.newFixedThreadPool(workers, Thread.ofPlatform().daemon(true).factory())) {
      List<Future<List<ExperimentResult>>> running = new ArrayList<>();
      groups.forEach((name, items) -> running.add(pool.submit(() -> runGroup(name, items))));
      for (Future<List<ExperimentResult>> group : running) {
        results.addAll(group.get());
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IllegalStateException("the kit failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while experiments ran", e);
    }
  }

  /** What an earlier run left behind must not be taken for this one's. */
  private void clean() throws IOException {
    try (DirectoryStream<Path> old =
        Files.newDirectoryStream(options.workDirectory(), "*.{out,log,crash,plan.json}")) {
      for (Path file : old) {
        Files.delete(file);
      }
    }
  }

  /** Asks what there is; everything else is in vain when that does not work. */
  private List<Fields> probe() throws IOException {
    ChildProcess.Outcome outcome = child("probe", List.of());
    for (Map<String, Object> line : outcome.lines()) {
      if (line.containsKey("probe")) {
        Fields probe = new Fields(line).map("probe");
        for (String key : probe.keys()) {
          driver.put(key, key.equals("targets") ? probe.maps(key) : probe.text(key));
        }
        return probe.maps("targets").stream().map(Fields::new).toList();
      }
    }
    if (options.shard() == 1) {
      results.add(ended(new Item("load", Item.JAR, options.seeds().get(0)), outcome, SpiRules.S01));
    }
    return List.of();
  }

  private List<Item> items(List<Fields> targets) {
    List<Item> items = new ArrayList<>();
    for (long seed : options.seeds()) {
      for (Experiment experiment : Kit.experiments()) {
        if (!isWanted(experiment)) {
          continue;
        }
        if (experiment.stage() == Stage.SCAN) {
          items.add(new Item(experiment.name(), Item.JAR, seed));
          continue;
        }
        for (Fields target : targets) {
          boolean hasWire = target.bool("model") || !target.text("kind").equals("ADAPTER");
          if (experiment.stage() != Stage.WIRE || hasWire) {
            items.add(new Item(experiment.name(), target.text("name"), seed));
          }
        }
      }
    }
    return items;
  }

  private boolean isWanted(Experiment experiment) {
    return options.rules().isEmpty()
        || experiment.decides().stream().anyMatch(rule -> options.rules().contains(rule.id()));
  }

  /** Experiments of one stage on one device, in one process, and in others after it was ended. */
  private List<ExperimentResult> runGroup(String group, List<Item> share) throws IOException {
    progress.accept(group + ": " + share.size() + " experiments");
    List<ExperimentResult> found = new ArrayList<>();
    List<Item> left = new ArrayList<>(share);
    for (int child = 1; !left.isEmpty(); child++) {
      if (child > MAX_CHILDREN_PER_GROUP) {
        left.forEach(item -> found.add(notRun(item)));
        break;
      }
      ChildProcess.Outcome outcome = child(group + "-" + child, left);
      for (Map<String, Object> line : outcome.lines()) {
        if (line.get("result") instanceof Map<?, ?>) {
          ExperimentResult result = ExperimentResult.of(new Fields(line).copyOf("result"));
          found.add(result);
          left.removeIf(item -> item.key().equals(result.key()));
        }
      }
      if (outcome.isDone()) {
        left.forEach(item -> found.add(notRun(item)));
        break;
      }
      String begun = outcome.lastBegun();
      Item culprit =
          left.stream().filter(item -> item.key().equals(begun)).findFirst().orElse(left.get(0));
      found.add(ended(culprit, outcome, PortRules.P10));
      left.remove(culprit);
    }
    return found;
  }

  private ChildProcess.Outcome child(String name, List<Item> items) throws IOException {
    return ChildProcess.run(
        new Plan(
            options.plugin().toAbsolutePath(),
            options.libraries().stream().map(Path::toAbsolutePath).toList(),
            options.models().stream().map(Path::toAbsolutePath).toList(),
            items,
            options.hangSeconds(),
            options.workDirectory().toAbsolutePath().resolve(name + ".out")),
        options.workDirectory().toAbsolutePath(),
        name);
  }

  private static ExperimentResult notRun(Item item) {
    Map<String, Verdict> verdicts = new TreeMap<>();
    Map<String, String> reasons = new TreeMap<>();
    for (Rule rule : Kit.experiment(item.experiment()).decides()) {
      verdicts.put(rule.id(), Verdict.INCONCLUSIVE);
      reasons.put(rule.id(), "not run: the driver has ended the process too often");
    }
    return new ExperimentResult(
        item.experiment(),
        item.target(),
        item.seed(),
        Kit.experiment(item.experiment()).stage().name(),
        0,
        verdicts,
        reasons,
        List.of(),
        List.of(),
        List.of());
  }

  /** The child ended in the middle of this piece of work: whose fault it is, and how. */
  private static ExperimentResult ended(Item item, ChildProcess.Outcome outcome, Rule otherwise) {
    Rule rule;
    String message;
    if (!outcome.text("unloadable").isEmpty()) {
      rule = SpiRules.S01;
      message = outcome.text("unloadable");
    } else if (!outcome.text("hang").isEmpty()) {
      rule = PortRules.P08;
      message = outcome.text("hang");
    } else if (!outcome.text("exit").isEmpty()) {
      rule = PortRules.P07;
      message =
          "the virtual machine was ended with code %d, by %s"
              .formatted(outcome.exitCode(), outcome.text("exit"));
    } else if (outcome.isOutOfMemory()) {
      rule = PortRules.P09;
      message =
          "the heap of %d MB is used up%n%s".formatted(ChildProcess.HEAP_MEGABYTES, outcome.log());
    } else if (outcome.log().contains("A fatal error has been detected")) {
      rule = PortRules.P10;
      message = "the virtual machine crashed%n%s".formatted(outcome.log());
    } else if (otherwise.equals(PortRules.P10)) {
      rule = PortRules.P07;
      message =
          "the virtual machine ended with code %d without its shutdown hooks, as by halt%n%s"
              .formatted(outcome.exitCode(), outcome.log());
    } else {
      rule = otherwise;
      message =
          "the driver could not be loaded: exit code %d%n%s"
              .formatted(outcome.exitCode(), outcome.log());
    }
    Map<String, Verdict> verdicts = new TreeMap<>();
    Map<String, String> reasons = new TreeMap<>();
    boolean loading = item.experiment().equals("load");
    if (!loading) {
      for (Rule decided : Kit.experiment(item.experiment()).decides()) {
        verdicts.put(decided.id(), Verdict.INCONCLUSIVE);
        reasons.put(decided.id(), "the process was ended: " + rule.id());
      }
    }
    verdicts.put(rule.id(), Verdict.FAIL);
    return new ExperimentResult(
        item.experiment(),
        item.target(),
        item.seed(),
        loading ? Stage.CONTRACT.name() : Kit.experiment(item.experiment()).stage().name(),
        0,
        verdicts,
        reasons,
        List.of(
            new Finding(
                rule.id(), item.experiment(), item.target(), item.seed(), message, Evidence.NONE)),
        List.of(),
        List.of());
  }
}
