package dev.offramp.tck.run;

import dev.offramp.spi.Device;
import dev.offramp.spi.RnicDriver;
import dev.offramp.tck.bench.DriverHangsException;
import dev.offramp.tck.bench.Target;
import dev.offramp.tck.experiment.Experiment;
import dev.offramp.tck.experiment.Lab;
import dev.offramp.tck.report.ExperimentResult;
import dev.offramp.tck.scan.JarContents;
import dev.offramp.tck.witness.Witness;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The child process in which a vendor's code runs. It writes what it finds out line by line, so
 * that whatever the vendor's code does to the process, the parent knows how far it came.
 */
public final class Child {
  /** Exit code after a call that did not come back. */
  static final int HANG = 75;

  private final Plan plan;
  private final ChildOutput out;
  private final JarContents contents;
  private final JarContents models;
  private final Map<String, Lab> labs = new HashMap<>();
  private volatile @Nullable Witness witness;

  private Child(Plan plan, ChildOutput out) throws IOException {
    this.plan = plan;
    this.out = out;
    List<Path> own = new ArrayList<>(List.of(plan.jar()));
    own.addAll(plan.libraries());
    this.contents = JarContents.read(own);
    this.models = JarContents.read(plan.models());
  }

  /** Does what the plan says whose path is the argument. */
  public static void main(String[] args) throws IOException {
    Plan plan = Plan.read(Path.of(args[0]));
    ChildOutput out = new ChildOutput(plan.out());
    Child child = new Child(plan, out);
    ExitWatch exit = ExitWatch.install(out, child::testify);
    int code = 0;
    try {
      child.run();
    } catch (DriverHangsException hang) {
      out.line("hang", String.valueOf(hang.getMessage()));
      child.testify();
      code = HANG;
    } catch (PluginException e) {
      out.line("unloadable", String.valueOf(e.getMessage()));
    }
    exit.expected();
    // A thread of the vendor's must not keep the process alive.
    Runtime.getRuntime().halt(code);
  }

  private void run() throws PluginException {
    ItemWatch watch = new ItemWatch(out, plan.hangSeconds());
    if (plan.items().stream().allMatch(item -> item.target().equals(Item.JAR))
        && !plan.items().isEmpty()) {
      plan.items().forEach(this::runOnJar);
      out.line("done", "");
      return;
    }
    watch.begin("load");
    if (plan.items().stream().anyMatch(Child::isWitness)) {
      witness = Witness.start(plan.out().resolveSibling(plan.out().getFileName() + ".jfr"));
    }
    Plugin plugin = Plugin.load(plan.jar(), plan.libraries(), plan.models(), contents);
    out.line("begin", "targets");
    Map<String, Target> targets = new LinkedHashMap<>();
    for (Target target : plugin.targets()) {
      targets.put(target.device().name(), target);
    }
    if (plan.items().isEmpty()) {
      describe(plugin, targets);
    }
    for (Item item : plan.items()) {
      Target target = targets.get(item.target());
      if (isWitness(item)) {
        watch.begin(item.key());
        out.line("begin", item.key());
        testify(item, true);
      } else if (target != null) {
        watch.begin(item.key());
        out.line("begin", item.key());
        run(item, target);
      }
    }
    out.line("done", "");
  }

  private static boolean isWitness(Item item) {
    return Kit.experiment(item.experiment()) instanceof WitnessExperiment;
  }

  /** The process is about to end before its time: what the witness has seen must not be lost. */
  private void testify() {
    plan.items().stream().filter(Child::isWitness).forEach(item -> testify(item, false));
  }

  private void testify(Item item, boolean isWhole) {
    Witness known = witness;
    if (known == null) {
      return;
    }
    witness = null;
    try {
      out.object(
          isWhole ? "result" : "seen",
          WitnessExperiment.result(item, known.sightings(models::owns), isWhole).toMap());
    } catch (IOException | RuntimeException e) {
      out.line("witness", "could not be heard: " + e);
    }
  }

  private void describe(Plugin plugin, Map<String, Target> targets) {
    RnicDriver driver = plugin.driver();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", driver.id());
    map.put("class", plugin.type().getName());
    map.put("module", plugin.type().getModule().getName());
    map.put("description", driver.description());
    map.put("compiled_spi", String.valueOf(driver.compiledSpiVersion()));
    List<Map<String, Object>> devices = new ArrayList<>();
    for (Target target : targets.values()) {
      Map<String, Object> device = new LinkedHashMap<>();
      device.put("name", target.device().name());
      device.put("kind", target.device().kind().name());
      device.put("model", target.model().isPresent());
      devices.add(device);
    }
    map.put("targets", devices);
    out.object("probe", map);
  }

  private void runOnJar(Item item) {
    out.line("begin", item.key());
    Target none =
        new Target(
            new Device(Item.JAR, Device.Kind.HOST_STREAM, 0, 0),
            Optional.empty(),
            () -> {
              throw new IllegalStateException("no code of the vendor's runs in this stage");
            });
    run(item, none);
  }

  private void run(Item item, Target target) {
    Experiment experiment = Kit.experiment(item.experiment());
    Lab lab =
        labs.computeIfAbsent(
            item.target() + "#" + item.seed(),
            key -> new Lab(target, item.seed(), plan.hangSeconds(), contents));
    ExperimentResult result =
        ExperimentRunner.run(
            experiment, lab, item.target(), cutShort -> out.object("seen", cutShort.toMap()));
    out.object("result", result.toMap());
  }
}
