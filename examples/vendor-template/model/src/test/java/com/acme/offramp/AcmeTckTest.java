package com.acme.offramp;

import dev.offramp.tck.junit.CompatibilityTest;
import java.nio.file.Path;
import java.util.List;

/** The compatibility kit: each rule is a test. The reports are in {@code target/tck-report}. */
final class AcmeTckTest extends CompatibilityTest {
  @Override
  protected Path plugin() {
    return Path.of("../driver/target/classes");
  }

  @Override
  protected List<Path> models() {
    return List.of(Path.of("target/classes"));
  }
}
