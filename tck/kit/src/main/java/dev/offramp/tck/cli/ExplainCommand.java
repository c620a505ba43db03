package dev.offramp.tck.cli;

import dev.offramp.tck.rule.Needs;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.RuleCatalogue;
import dev.offramp.tck.run.Deciders;
import java.io.PrintWriter;
import java.util.List;

/** {@code explain ID}. */
final class ExplainCommand implements Subcommand {
  @Override
  public String name() {
    return "explain";
  }

  @Override
  public String synopsis() {
    return "ID";
  }

  @Override
  public String description() {
    return "Says all that the kit knows about a rule.";
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public int run(Arguments arguments, PrintWriter out, PrintWriter err) throws UsageException {
    String id = arguments.positional("the id of one rule, such as L33", 1, 1).get(0);
    Rule rule;
    try {
      rule = RuleCatalogue.find(id);
    } catch (IllegalArgumentException e) {
      throw new UsageException("expected the id of a rule: " + e.getMessage(), e);
    }
    out.printf(
        "%s  %s  %s%n%n%s%n%n", rule.id(), rule.level(), rule.family().title(), rule.sentence());
    out.printf("Source           %s%n", rule.source());
    if (!rule.isTestable()) {
      out.printf("Not tested       %s%n", rule.untestable());
      return TckCommand.OK;
    }
    if (rule.needs() != Needs.NOTHING) {
      out.printf(
          "Needs            %s; where it is not declared, its refusal is asserted%n",
          rule.needs().words());
    }
    out.printf("Decided by       %s%n", Deciders.words(rule));
    out.printf("If this fails    check: %s%n", rule.hint());
    out.printf("To see it        run PLUGIN.jar --rule %s%n", rule.id());
    return TckCommand.OK;
  }
}
