package dev.offramp.launcher;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Runs the kit that is packed into this jar. Modules cannot be loaded out of a jar in a jar, and
 * the kit starts processes with a module path: so they are unpacked into a directory of their own,
 * which goes when the kit has ended.
 */
public final class Launcher {
  private static final String MODULES = "modules/";
  private static final String MAIN = "dev.offramp.tck/dev.offramp.tck.cli.TckCommand";

  /** The machine cannot do it; as the kit's own exit code. */
  private static final int UNAVAILABLE = 3;

  private static final int OLDEST_JDK = 25;

  private Launcher() {}

  /** Ends with the kit's exit code. */
  public static void main(String[] args) throws InterruptedException {
    int code;
    try {
      code = run(args);
    } catch (IOException e) {
      System.err.println("offramp-tck: " + e.getMessage());
      code = UNAVAILABLE;
    }
    System.exit(code);
  }

  private static int run(String[] args) throws IOException, InterruptedException {
    if (Runtime.version().feature() < OLDEST_JDK) {
      throw new IOException(
          "seen Java %s, expected %d or newer".formatted(Runtime.version(), OLDEST_JDK));
    }
    Path modules = Files.createTempDirectory("offramp-tck-");
    try {
      unpack(place(), modules);
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("-XX:+UseSerialGC");
      command.add("-p");
      command.add(modules.toString());
      command.add("-m");
      command.add(MAIN);
      command.addAll(List.of(args));
      Process kit = new ProcessBuilder(command).inheritIO().start();
      // Whoever ends this process means the one that does the work.
      Thread relay = Thread.ofPlatform().name("kit-relay").unstarted(kit::destroy);
      Runtime.getRuntime().addShutdownHook(relay);
      int code = kit.waitFor();
      Runtime.getRuntime().removeShutdownHook(relay);
      return code;
    } finally {
      delete(modules);
    }
  }

  private static Path place() throws IOException {
    try {
      return Path.of(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException("the place of this jar is unknown", e);
    }
  }

  private static void unpack(Path jar, Path into) throws IOException {
    int count = 0;
    try (JarFile in = new JarFile(jar.toFile())) {
      for (JarEntry entry : in.stream().toList()) {
        if (entry.getName().startsWith(MODULES) && entry.getName().endsWith(".jar")) {
          String name = entry.getName().substring(MODULES.length());
          if (name.contains("/") || name.contains("..")) {
            throw new IOException("seen [%s] in the jar, expected plain names".formatted(name));
          }
          try (var bytes = in.getInputStream(entry)) {
            Files.copy(bytes, into.resolve(name));
          }
          count++;
        }
      }
    }
    if (count == 0) {
      throw new IOException("[%s] has no kit in it; take the packaged jar".formatted(jar));
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
