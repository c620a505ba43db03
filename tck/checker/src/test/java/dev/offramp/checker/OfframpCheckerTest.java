package dev.offramp.checker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Annotated sources with the errors that they expect: no more, no fewer. */
final class OfframpCheckerTest {
  @TempDir Path out;

  @ParameterizedTest
  @ValueSource(strings = {"CmLeak.java", "Numbers.java"})
  void reportsWhatTheSourceExpects(String name) throws Exception {
    String source = Compilation.resource(name);
    Compilation compilation = Compilation.of(name, source, out);
    assertThat(compilation.errors())
        .as(compilation.messages())
        .containsExactlyInAnyOrderElementsOf(ExpectedErrors.of(source));
  }
}
