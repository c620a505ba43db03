package dev.offramp.tck.rule;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The rules of one class of constants, in the order in which they are written there. */
final class RuleSet {
  private final List<Rule> rules = new ArrayList<>();
  private final Family family;

  RuleSet(Family family) {
    this.family = family;
  }

  Rule must(String id, String source, String sentence, String hint) {
    return must(id, Needs.NOTHING, source, sentence, hint);
  }

  Rule must(String id, Needs needs, String source, String sentence, String hint) {
    return add(id, Level.MUST, needs, source, sentence, hint, "");
  }

  Rule should(String id, String source, String sentence, String hint) {
    return add(id, Level.SHOULD, Needs.NOTHING, source, sentence, hint, "");
  }

  Rule should(String id, Needs needs, String source, String sentence, String hint) {
    return add(id, Level.SHOULD, needs, source, sentence, hint, "");
  }

  Rule advice(String id, String source, String sentence, String hint) {
    return add(id, Level.ADVICE, Needs.NOTHING, source, sentence, hint, "");
  }

  Rule untestable(Level level, String id, String source, String sentence, String why) {
    return add(id, level, Needs.NOTHING, source, sentence, "", why);
  }

  private Rule add(
      String id,
      Level level,
      Needs needs,
      String source,
      String sentence,
      String hint,
      String untestable) {
    Rule rule = new Rule(id, family, level, source, sentence, hint, needs, untestable);
    rules.add(rule);
    return rule;
  }

  List<Rule> all() {
    return Collections.unmodifiableList(rules);
  }
}
