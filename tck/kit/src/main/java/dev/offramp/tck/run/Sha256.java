package dev.offramp.tck.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Digests of jars, and of directories in their place. */
final class Sha256 {
  private Sha256() {}

  static String of(Path path) throws IOException {
    MessageDigest digest = digest();
    add(digest, path);
    return HexFormat.of().formatHex(digest.digest());
  }

  static String ofAll(List<Path> paths) throws IOException {
    MessageDigest digest = digest();
    for (Path path : paths) {
      digest.update(of(path).getBytes(StandardCharsets.US_ASCII));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      digest.update(Files.exists(path) ? Files.readAllBytes(path) : new byte[0]);
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        digest.update(path.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(file));
      }
    }
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
