package dev.offramp.linux.tcp;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The numbers of the descriptors that a process has open. */
@FunctionalInterface
public interface OpenFiles {
  /** Lists them, in no order; some may be closed again when the caller looks. */
  int[] list() throws IOException;

  /** Those of this process. */
  static OpenFiles ofThisProcess() {
    return () -> numbers(Path.of("/proc/self/fd"));
  }

  /** The entries of {@code directory} that are numbers. */
  static int[] numbers(Path directory) throws IOException {
    int[] found = new int[64];
    int count = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        if (name.chars().allMatch(Character::isDigit)) {
          found = count == found.length ? Arrays.copyOf(found, 2 * count) : found;
          found[count++] = Integer.parseInt(name);
        }
      }
    }
    return Arrays.copyOf(found, count);
  }
}
