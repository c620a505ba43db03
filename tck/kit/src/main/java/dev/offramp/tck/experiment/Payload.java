package dev.offramp.tck.experiment;

import java.util.random.RandomGenerator;

/** Octets for messages. */
final class Payload {
  private Payload() {}

  static byte[] of(RandomGenerator random, int bytes) {
    byte[] payload = new byte[bytes];
    random.nextBytes(payload);
    return payload;
  }
}
