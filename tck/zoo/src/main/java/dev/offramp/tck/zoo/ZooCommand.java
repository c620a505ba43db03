package dev.offramp.tck.zoo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code offramp tck zoo}: tries the kit on drivers that are wrong on purpose. */
public final class ZooCommand {
  private static final long SEED = 1;
  private static final String USAGE =
      """
      Usage: offramp tck zoo [--quick] [--only NAME] [--page FILE]

      Tries the kit on drivers that break one rule each, and on honest ones that look it.
        --quick       stops at the first experiment that catches a driver
        --only NAME   tries one specimen, or those that break one rule
        --page FILE   writes the kill matrix as Markdown

      Exit codes: 0 all are judged right, 1 some are not, 2 the command line is wrong
      """;

  private ZooCommand() {}

  /**
   * Runs it.
   *
   * @param words the arguments behind {@code zoo}
   * @return the exit code
   */
  public static int execute(List<String> words, PrintWriter out, PrintWriter err) {
    boolean quick = false;
    String only = "";
    String page = "";
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      boolean more = i + 1 < words.size();
      if (word.equals("--quick")) {
        quick = true;
      } else if (word.equals("--only") && more) {
        only = words.get(++i);
      } else if (word.equals("--page") && more) {
        page = words.get(++i);
      } else {
        err.println("offramp tck zoo: [" + word + "] is not known, or its value is missing");
        err.print(USAGE);
        err.flush();
        return 2;
      }
    }
    List<Outcome> outcomes = run(new Keeper(SEED, !quick), only, out);
    if (outcomes.isEmpty()) {
      err.println("offramp tck zoo: no specimen and no rule is called [" + only + "]");
      err.flush();
      return 2;
    }
    out.flush();
    try {
      if (!page.isEmpty()) {
        Files.writeString(Path.of(page), ZooPage.of(outcomes));
      }
    } catch (IOException e) {
      err.println("offramp tck zoo: [" + page + "] cannot be written: " + e.getMessage());
      err.flush();
      return 2;
    }
    return outcomes.stream().allMatch(Outcome::isRight) ? 0 : 1;
  }

  private static List<Outcome> run(Keeper keeper, String only, PrintWriter out) {
    List<Outcome> outcomes = new ArrayList<>();
    for (Specimen specimen : Zoo.all()) {
      String rule = specimen.rule().map(r -> r.id()).orElse("");
      if (!only.isEmpty() && !only.equals(specimen.name()) && !only.equals(rule)) {
        continue;
      }
      Outcome outcome = keeper.judge(specimen);
      outcomes.add(outcome);
      out.println(text(outcome));
      out.flush();
    }
    long right = outcomes.stream().filter(Outcome::isRight).count();
    out.println("%d of %d specimens are judged right".formatted(right, outcomes.size()));
    return outcomes;
  }

  private static String text(Outcome outcome) {
    Specimen specimen = outcome.specimen();
    if (specimen.rule().isEmpty()) {
      return "%-26s honest  %s"
          .formatted(
              specimen.name(), outcome.isRight() ? "passes" : "FALSE ALARM " + outcome.alarms());
    }
    return "%-26s %-6s  %s"
        .formatted(
            specimen.name(),
            specimen.rule().get().id(),
            outcome.isRight()
                ? "caught by " + String.join(", ", outcome.foundBy().keySet())
                : "NOT CAUGHT; " + specimen.what() + unfinished(outcome));
  }

  /** A verdict of too few experiments is none about the kit. */
  private static String unfinished(Outcome outcome) {
    return outcome.failures().isEmpty() ? "" : "; did not come to their end: " + outcome.failures();
  }
}
