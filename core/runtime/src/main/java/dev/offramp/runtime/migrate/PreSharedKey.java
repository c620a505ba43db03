package dev.offramp.runtime.migrate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** What both processes know and nobody else. Never printed. */
public final class PreSharedKey {
  /** 128 bits: fewer could be tried out by who has heard one exchange. */
  public static final int MIN_BYTES = 16;

  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private final byte[] secret;

  private PreSharedKey(byte[] secret) {
    this.secret = secret;
  }

  /**
   * A key.
   *
   * @param secret random octets, at least {@link #MIN_BYTES}
   */
  public static PreSharedKey of(byte[] secret) {
    if (secret.length < MIN_BYTES) {
      throw new IllegalArgumentException(
          "a key of [" + secret.length + "] bytes, expected at least " + MIN_BYTES);
    }
    return new PreSharedKey(secret.clone());
  }

  /**
   * The key in a file: all of its octets.
   *
   * @throws IOException when it cannot be read, is too short, or others may read or write it
   */
  public static PreSharedKey read(Path file) throws IOException {
    for (PosixFilePermission permission : Files.getPosixFilePermissions(file)) {
      if (OTHERS.contains(permission)) {
        throw new IOException(
            "key file ["
                + file
                + "]: seen permission "
                + permission
                + ", expected none but its owner's; chmod 600 it");
      }
    }
    try {
      return of(Files.readAllBytes(file));
    } catch (IllegalArgumentException e) {
      throw new IOException("key file [" + file + "]: " + e.getMessage(), e);
    }
  }

  byte[] secret() {
    return secret.clone();
  }

  @Override
  public String toString() {
    return "a key of " + secret.length + " bytes";
  }
}
