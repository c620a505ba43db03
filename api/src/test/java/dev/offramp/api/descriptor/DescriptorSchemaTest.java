package dev.offramp.api.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The schema in the tree is the one that the code writes. */
final class DescriptorSchemaTest {
  /** Surefire runs in the module's directory. */
  private static final Path FILE = Path.of("..", "docs", "descriptor.cddl");

  @Test
  void fileIsUpToDate() throws Exception {
    String schema = DescriptorSchema.text();
    if (Boolean.getBoolean("offramp.regenerate")) {
      Files.createDirectories(FILE.getParent());
      Files.writeString(FILE, schema);
    }
    assertThat(FILE)
        .as(
            "docs/descriptor.cddl differs from DescriptorFields; to regenerate it:"
                + " ./build -pl api test -Dtest=DescriptorSchemaTest -Dofframp.regenerate=true")
        .hasContent(schema);
  }

  @Test
  void everyRuleThatIsUsedIsDefined() {
    String schema = DescriptorSchema.text().replaceAll(";[^\n]*", "").replaceAll("\"[^\"]*\"", "");
    Set<String> defined = matches("(?m)^([a-z][a-z0-9-]*)(?:<value>)? =", schema);
    Set<String> used = matches("(?<![a-z0-9.-])([a-z]+[0-9]*(?:-[a-z]+)*)(?![a-z0-9-]|: )", schema);
    used.add("descriptor"); // the root
    used.removeAll(Set.of("bool", "bstr", "tstr", "value"));
    assertThat(defined).containsExactlyInAnyOrderElementsOf(used);
  }

  private static Set<String> matches(String pattern, String text) {
    Set<String> found = new HashSet<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
