package dev.offramp.tck.zoo;

import dev.offramp.spi.RnicDriver;
import dev.offramp.tck.bench.Target;
import dev.offramp.tck.rule.Rule;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * One inhabitant of the zoo.
 *
 * @param name lower-case, with hyphens; unique
 * @param rule the rule that it breaks; empty for an honest one
 * @param what what is wrong with it, or why it looks so, in one line
 * @param base what it is made of
 * @param driver makes the driver of the honest one
 */
public record Specimen(
    String name, Optional<Rule> rule, String what, Base base, UnaryOperator<RnicDriver> driver) {
  /** One that breaks a rule. */
  static Specimen wrong(String name, Rule rule, String what, Base base, Supplier<Defect> defects) {
    return new Specimen(
        name, Optional.of(rule), what, base, honest -> new WrongDriver(honest, defects));
  }

  /** One that is right, whatever it looks like. */
  static Specimen honest(String name, String what, Base base, Supplier<Defect> defects) {
    return new Specimen(
        name, Optional.empty(), what, base, honest -> new WrongDriver(honest, defects));
  }

  /** The device on which it is tried. */
  Target target() {
    return base.target(driver);
  }
}
