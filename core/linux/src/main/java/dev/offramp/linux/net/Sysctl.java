package dev.offramp.linux.net;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Kernel parameters by their dotted names, through /proc/sys: {@code net.*} are those of the
 * namespace of the thread that opens the file (fs/proc/proc_sysctl.c), so no process is needed.
 */
final class Sysctl {
  private Sysctl() {}

  static String read(String name) throws IOException {
    return Files.readString(path(name)).strip();
  }

  static void write(String name, String value) throws IOException {
    Files.writeString(path(name), value);
  }

  private static Path path(String name) {
    return Path.of("/proc/sys", name.split("\\."));
  }
}
