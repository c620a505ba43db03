package dev.offramp.tck.zoo;

import dev.offramp.tck.rule.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the zoo shows, as a page in Markdown: the kill matrix, and what each experiment finds. */
public final class ZooPage {
  private ZooPage() {}

  /** The page of a whole run. */
  public static String of(List<Outcome> outcomes) {
    List<Outcome> wrong = outcomes.stream().filter(o -> o.specimen().rule().isPresent()).toList();
    List<Outcome> honest = outcomes.stream().filter(o -> o.specimen().rule().isEmpty()).toList();
    long caught = wrong.stream().filter(Outcome::isRight).count();
    long alarmed = honest.stream().filter(o -> !o.isRight()).count();
    StringBuilder page = new StringBuilder();
    line(page, "# The zoo");
    line(page, "");
    line(page, "Written by `offramp tck zoo --page FILE`; do not edit.");
    line(page, "");
    line(
        page,
        "%d drivers that break one rule each, %d of them caught by that rule; %d honest ones that"
                .formatted(wrong.size(), caught, honest.size())
            + " look suspicious, %d of them failed by the kit.".formatted(alarmed));
    line(
        page,
        "Findings that the kit also has at the honest driver below a specimen do not count, neither"
            + " way. An adapter is a model; nothing has run on silicon.");
    line(page, "");
    line(page, "## Drivers that are wrong");
    line(page, "");
    line(page, "| specimen | breaks | made of | what is wrong | caught by |");
    line(page, "|---|---|---|---|---|");
    for (Outcome outcome : wrong) {
      line(
          page,
          row(outcome.specimen())
              + (outcome.isRight()
                  ? String.join(", ", outcome.foundBy().keySet())
                  : "**not caught**")
              + " |");
    }
    line(page, "");
    line(page, "## Honest drivers");
    line(page, "");
    line(page, "| specimen | breaks | made of | why it looks odd | the kit says |");
    line(page, "|---|---|---|---|---|");
    for (Outcome outcome : honest) {
      line(
          page,
          row(outcome.specimen())
              + (outcome.isRight() ? "passes" : "**fails** " + rules(outcome.alarms()))
              + " |");
    }
    ablation(page, wrong);
    missing(page);
    return page.toString();
  }

  /** The part of a row that needs no run. */
  static String row(Specimen specimen) {
    return "| %s | %s | %s | %s | "
        .formatted(
            specimen.name(),
            specimen.rule().map(Rule::id).orElse("nothing"),
            specimen.base().name().toLowerCase(java.util.Locale.ROOT),
            specimen.what());
  }

  private static String rules(List<String> alarms) {
    return alarms.stream()
        .map(alarm -> alarm.split(" ", 3)[1])
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static void ablation(StringBuilder page, List<Outcome> wrong) {
    Map<String, int[]> counts = new LinkedHashMap<>();
    for (Outcome outcome : wrong) {
      for (String experiment : outcome.foundBy().keySet()) {
        int[] count = counts.computeIfAbsent(experiment, e -> new int[2]);
        count[0]++;
        count[1] += outcome.foundBy().size() == 1 ? 1 : 0;
      }
    }
    line(page, "");
    line(page, "## What each experiment catches");
    line(page, "");
    line(
        page,
        "Counted are catches by a specimen's own rule: with `--quick` by the first experiment that"
            + " catches it, else by each that decides the rule.");
    line(page, "");
    line(page, "| experiment | catches | that no other catches |");
    line(page, "|---|---|---|");
    counts.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry ->
            line(
                page,
                "| %s | %d | %d |"
                    .formatted(entry.getKey(), entry.getValue()[0], entry.getValue()[1])));
  }

  private static void missing(StringBuilder page) {
    List<String> ids = new ArrayList<>(Keeper.withoutSpecimen().stream().map(Rule::id).toList());
    line(page, "");
    line(page, "## Rules without a specimen");
    line(page, "");
    line(
        page,
        ids.isEmpty()
            ? "None: each rule that an experiment decides has one."
            : "That the kit detects a breach of these is not shown: "
                + String.join(", ", ids)
                + ".");
  }

  private static void line(StringBuilder page, String text) {
    page.append(text).append('\n');
  }
}
