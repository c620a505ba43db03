package dev.offramp.archetype;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.archetype.Archetype.Names;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class ArchetypeTest {
  private static final Names ACME =
      new Names("com.acme", "acme-offramp", "1.0.0-SNAPSHOT", "com.acme.offramp", "Acme");
  private static final Names ROCKET =
      new Names("org.example.nic", "rocket", "3.1", "org.example.nic.rocket", "Rocket");

  /** What the template's own names cannot give back: the device's names, and the parent's. */
  private static String unnamed(String text) {
    return text.replace("Acme A1", "Acme")
        .replace("\"a1", "\"acme")
        .replace("acme-offramp-parent", "acme-offramp");
  }

  @Test
  void theTemplatesOwnNamesGiveTheTemplate() throws IOException {
    Map<String, String> expected = new TreeMap<>();
    Archetype.template().forEach((name, text) -> expected.put(name, unnamed(text)));
    assertThat(expected).containsKeys(".gitignore", "pom.xml", "driver/pom.xml", "model/pom.xml");
    assertThat(Archetype.rendered(ACME)).isEqualTo(expected);
  }

  @Test
  void otherNamesLeaveNoTraceOfTheTemplates() throws IOException {
    Map<String, String> rendered = Archetype.rendered(ROCKET);
    assertThat(rendered)
        .allSatisfy((name, text) ->
            assertThat((name + text).toLowerCase(Locale.ROOT))
                .doesNotContain("acme", "__", "${device}", "symbol_", "\"a1"));
    assertThat(rendered)
        .containsKeys(
            "driver/src/main/java/module-info.java",
            "driver/src/main/java/org/example/nic/rocket/RocketDriver.java",
            "model/src/main/java/org/example/nic/rocket/model/RocketModelFactory.java",
            "model/src/test/java/org/example/nic/rocket/RocketTckTest.java");
    assertThat(rendered.get("driver/src/main/java/module-info.java"))
        .contains("module org.example.nic.rocket {", "org.example.nic.rocket.RocketDriver;");
    assertThat(new TreeSet<>(rendered.keySet())).hasSameSizeAs(Archetype.template().keySet());
  }

  @Test
  void theProjectAsksForThisVersionOfOfframp() throws IOException {
    assertThat(Archetype.rendered(ROCKET).get("pom.xml"))
        .contains(
            "<offramp.version>%s</offramp.version>"
                .formatted(System.getProperty("offramp.version")));
  }
}
