package dev.offramp.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine;

/** What {@code offramp transfers --json} says, for tests of other packages. */
public final class TransfersShown {
  private TransfersShown() {}

  /** All transfers of a journal's directory. */
  public static List<Map<String, Object>> of(Path journal) throws IOException {
    StringWriter out = new StringWriter();
    new CommandLine(new TransfersCommand())
        .setOut(new PrintWriter(out))
        .execute("--json", "--last", "1000", journal.toString());
    Object transfers = JSON.std.mapFrom(out.toString()).get("transfers");
    return ((List<?>) Objects.requireNonNull(transfers))
        .stream().map(TransfersShown::object).toList();
  }

  @SuppressWarnings("unchecked") // the keys of a JSON object are strings
  private static Map<String, Object> object(Object parsed) {
    return (Map<String, Object>) parsed;
  }
}
