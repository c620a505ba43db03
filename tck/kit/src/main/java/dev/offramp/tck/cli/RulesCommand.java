package dev.offramp.tck.cli;

import dev.offramp.tck.report.Json;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.RuleCatalogue;
import dev.offramp.tck.run.Deciders;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code rules}. */
final class RulesCommand implements Subcommand {
  @Override
  public String name() {
    return "rules";
  }

  @Override
  public String synopsis() {
    return "";
  }

  @Override
  public String description() {
    return "Lists all rules, and which experiments decide them.";
  }

  @Override
  public List<Option> options() {
    return List.of(new Option("--json", "", "print one JSON object"));
  }

  @Override
  public int run(Arguments arguments, PrintWriter out, PrintWriter err) throws UsageException {
    arguments.positional("no further words", 0, 0);
    if (arguments.has("--json")) {
      out.print(Json.pretty(Map.of("rules", RuleCatalogue.all().stream().map(this::map).toList())));
      return TckCommand.OK;
    }
    String family = "";
    for (Rule rule : RuleCatalogue.all()) {
      if (!rule.family().title().equals(family)) {
        family = rule.family().title();
        out.printf("%n%s%n", family);
      }
      out.printf(
          "  %-4s %-6s %s%s%n",
          rule.id(),
          rule.level(),
          rule.sentence(),
          rule.isTestable() ? "" : " [untestable: " + rule.untestable() + "]");
    }
    return TckCommand.OK;
  }

  private Map<String, Object> map(Rule rule) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", rule.id());
    map.put("family", rule.family().title());
    map.put("level", rule.level().name());
    map.put("source", rule.source());
    map.put("sentence", rule.sentence());
    map.put("hint", rule.hint());
    map.put("needs", rule.needs().words());
    map.put("untestable", rule.untestable());
    map.put("experiments", Deciders.of(rule));
    return map;
  }
}
