package dev.offramp.benchmarks.softiwarp;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this process holds, in bytes. The heap's pages must all be touched already ({@code
 * -XX:+AlwaysPreTouch}), so that what the resident set grows by is memory outside the heap.
 *
 * @param heapBytes live after a collection
 * @param residentBytes of the whole process
 */
record ProcessMemory(long heapBytes, long residentBytes) {
  private static final int KIBI = 1024;

  static ProcessMemory now() throws IOException {
    // Twice: what the first one enqueues, cleaners free before the second.
    System.gc();
    System.gc();
    return new ProcessMemory(
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(), resident());
  }

  /** How much more than before: heap that lives and all that is not heap. */
  long since(ProcessMemory before) {
    return heapBytes - before.heapBytes + residentBytes - before.residentBytes;
  }

  private static long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * KIBI;
      }
    }
    throw new IOException("/proc/self/status has no VmRSS; this benchmark needs Linux");
  }
}
