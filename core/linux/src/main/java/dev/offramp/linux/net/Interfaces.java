package dev.offramp.linux.net;

import static dev.offramp.linux.libc.LinuxException.check;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import java.io.IOException;
import java.lang.foreign.Arena;

/** Interfaces by name. */
final class Interfaces {
  private Interfaces() {}

  static int index(NetworkNamespace namespace, String name) throws IOException {
    LibC libc = NativeAccess.libc();
    return namespace.call(() -> {
      try (Arena arena = Arena.ofConfined()) {
        return (int)
            check(libc.if_nametoindex(arena.allocateFrom(name)), "if_nametoindex(" + name + ")");
      }
    });
  }

  static boolean isThere(NetworkNamespace namespace, String name) throws IOException {
    LibC libc = NativeAccess.libc();
    return namespace.call(() -> {
      try (Arena arena = Arena.ofConfined()) {
        return libc.if_nametoindex(arena.allocateFrom(name)) > 0;
      }
    });
  }
}
