package dev.offramp.tck.report;

import dev.offramp.tck.rule.Family;
import dev.offramp.tck.rule.Needs;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.RuleCatalogue;
import java.util.List;
import java.util.function.Function;

/** docs/rules.md: the catalogue as a page, written by the kit itself so that it is never stale. */
public final class RulesPage {
  private RulesPage() {}

  /**
   * The whole page.
   *
   * @param deciders names of the experiments that decide a rule
   */
  public static String of(Function<Rule, List<String>> deciders) {
    List<Rule> rules = RuleCatalogue.all();
    long untestable = rules.stream().filter(rule -> !rule.isTestable()).count();
    StringBuilder page = new StringBuilder("# The rules of the compatibility kit\n\n");
    page.append("Generated from `RuleCatalogue`; do not edit. ")
        .append("[tck.md](tck.md) says how drivers are judged by them.\n\n")
        .append(
            "%d rules, %d of them untestable, with the reason. Levels are RFC 2119's; ADVICE is reported and never counted.\n"
                .formatted(rules.size(), untestable))
        .append(
            "\"Decided by\" names experiments; *the run* means that the run itself decides it, by"
                + " how it ends.\n\n");
    for (Family family : Family.values()) {
      page.append(
          "* [%s](#%s) (%d)\n".formatted(family.title(), anchor(family), of(family, rules).size()));
    }
    for (Family family : Family.values()) {
      page.append("\n## %s\n\n".formatted(family.title()));
      page.append("| id | level | rule | source | decided by | if it fails, check |\n");
      page.append("|---|---|---|---|---|---|\n");
      for (Rule rule : of(family, rules)) {
        page.append(row(rule, deciders.apply(rule)));
      }
    }
    return page.toString();
  }

  private static String row(Rule rule, List<String> deciders) {
    String needs =
        rule.needs() == Needs.NOTHING
            ? ""
            : " *Needs %s; its refusal is asserted otherwise.*".formatted(rule.needs().words());
    return "| <a id=\"%s\"></a>%s | %s | %s%s | %s | %s | %s |\n"
        .formatted(
            rule.id().toLowerCase(java.util.Locale.ROOT),
            rule.id(),
            rule.level(),
            cell(rule.sentence()),
            needs,
            cell(rule.source()),
            decidedBy(rule, deciders),
            cell(rule.isTestable() ? rule.hint() : rule.untestable()));
  }

  private static String decidedBy(Rule rule, List<String> deciders) {
    if (!rule.isTestable()) {
      return "*untestable*";
    }
    if (!deciders.isEmpty()) {
      return String.join(", ", deciders);
    }
    return Report.isOfTheRun(rule) ? "*the run*" : "*nothing yet*";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*");
  }

  /** The anchor that GitHub gives a heading. */
  private static String anchor(Family family) {
    return family
        .title()
        .toLowerCase(java.util.Locale.ROOT)
        .replaceAll("[^a-z0-9 -]", "")
        .replace(' ', '-');
  }

  private static List<Rule> of(Family family, List<Rule> rules) {
    return rules.stream().filter(rule -> rule.family() == family).toList();
  }
}
