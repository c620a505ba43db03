package dev.offramp.tck.witness;

import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.rule.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedClassLoader;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;

/**
 * Flight Recorder as a witness: files, sockets, processes, libraries, threads and reflection, each
 * with its stack. It sees what no scan of the jar can know, such as code that was made at run time.
 * One thread.
 */
public final class Witness implements AutoCloseable {
  /** The rules that it decides. */
  public static final Set<Rule> DECIDES =
      Set.of(
          PortRules.P01, PortRules.P02, PortRules.P03, PortRules.P04, PortRules.P05, PortRules.P06);

  private static final String TRACE = "jdk.MethodTrace";
  private static final List<String> THROWS =
      List.of("jdk.JavaExceptionThrow", "jdk.JavaErrorThrow");

  /** Frames that build an exception stand above the place where it happened. */
  private static final String CONSTRUCTOR = "<init>";

  private final Recording recording = new Recording();
  private final Path file;

  private Witness(Path file) {
    this.file = file;
  }

  /**
   * Begins to watch.
   *
   * @param file where the recording is put for a moment
   */
  public static Witness start(Path file) {
    Witness witness = new Witness(file);
    witness.recording.enable(TRACE).withStackTrace().with("filter", Watched.filter());
    THROWS.forEach(event -> witness.recording.enable(event).withStackTrace());
    witness.recording.start();
    return witness;
  }

  /**
   * What was seen since the start.
   *
   * @param isModel whether a class, with dots, is a model's, which is loaded beside the vendor's
   */
  public List<Sighting> sightings(Predicate<String> isModel) throws IOException {
    Set<Sighting> sightings = new LinkedHashSet<>();
    recording.dump(file);
    try (RecordingFile in = new RecordingFile(file)) {
      while (in.hasMoreEvents()) {
        sighting(in.readEvent(), isModel).ifPresent(sightings::add);
      }
    } finally {
      Files.deleteIfExists(file);
    }
    return sightings.stream()
        .sorted(Comparator.comparing((Sighting s) -> s.rule().id()).thenComparing(Sighting::text))
        .toList();
  }

  private static Optional<Sighting> sighting(RecordedEvent event, Predicate<String> isModel) {
    if (event.getEventType().getName().equals(TRACE)) {
      RecordedMethod method = event.getValue("method");
      String type = method.getType().getName();
      return Watched.method(type, method.getName())
          .flatMap(rule ->
              Blame.of(stack(event, isModel), rule.equals(PortRules.P06))
                  .map(frame ->
                      new Sighting(
                          rule,
                          "%s called %s.%s".formatted(frame.words(), type, method.getName()))));
    }
    if (THROWS.contains(event.getEventType().getName())) {
      return failure(event, isModel);
    }
    return Optional.empty();
  }

  private static Optional<Sighting> failure(RecordedEvent event, Predicate<String> isModel) {
    RecordedClass thrown = event.getValue("thrownClass");
    List<Blame.Frame> stack =
        stack(event, isModel).stream()
            .dropWhile(frame -> frame.method().equals(CONSTRUCTOR))
            .toList();
    // What the vendor's code throws itself is a text, and no deed.
    if (stack.isEmpty() || stack.get(0).isVendors()) {
      return Optional.empty();
    }
    String message = event.getString("message");
    return rule(thrown.getName(), stack)
        .flatMap(rule ->
            Blame.of(stack, false)
                .map(frame ->
                    new Sighting(
                        rule,
                        "%s tried in vain: %s: %s"
                            .formatted(frame.words(), thrown.getName(), message))));
  }

  private static Optional<Rule> rule(String thrown, List<Blame.Frame> stack) {
    boolean process =
        stack.stream().anyMatch(frame -> frame.type().equals("java.lang.ProcessBuilder"));
    return thrown.equals("java.io.IOException") && process
        ? Optional.of(PortRules.P04)
        : Watched.failure(thrown);
  }

  private static List<Blame.Frame> stack(RecordedEvent event, Predicate<String> isModel) {
    List<Blame.Frame> frames = new ArrayList<>();
    if (event.getStackTrace() != null) {
      for (RecordedFrame frame : event.getStackTrace().getFrames()) {
        RecordedClass type = frame.getMethod().getType();
        frames.add(
            new Blame.Frame(
                type.getName(),
                frame.getMethod().getName(),
                isLoadedBeside(type) && !isModel.test(type.getName())));
      }
    }
    return frames;
  }

  /** Whether a class is neither the JDK's nor the kit's: its loader, or a loader of its own. */
  private static boolean isLoadedBeside(RecordedClass type) {
    RecordedClassLoader loader = type.getClassLoader();
    return loader != null
        && loader.getType() != null
        && !loader.getType().getName().startsWith("jdk.internal.loader.ClassLoaders$");
  }

  @Override
  public void close() {
    recording.close();
  }
}
