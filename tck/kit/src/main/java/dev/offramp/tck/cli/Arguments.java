package dev.offramp.tck.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What stands behind a subcommand. An option's value follows it, or stands behind {@code =} in the
 * same word; an option may come several times.
 */
final class Arguments {
  private final Map<String, List<String>> values = new LinkedHashMap<>();
  private final List<String> positional = new ArrayList<>();

  private Arguments() {}

  static Arguments parse(List<String> words, List<Option> options) throws UsageException {
    Map<String, Option> known =
        options.stream()
            .collect(Collectors.toMap(Option::name, o -> o, (a, b) -> a, LinkedHashMap::new));
    Arguments arguments = new Arguments();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.startsWith("-") || word.equals("-")) {
        arguments.positional.add(word);
        continue;
      }
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      Option option = known.get(name);
      if (option == null) {
        throw new UsageException(
            "option [%s] is not known; expected one of %s".formatted(name, known.keySet()));
      }
      String value = "";
      if (option.isSwitch() && equals >= 0) {
        throw new UsageException("option [%s]: seen a value, expected none".formatted(name));
      } else if (!option.isSwitch() && equals >= 0) {
        value = word.substring(equals + 1);
      } else if (!option.isSwitch()) {
        if (++i >= words.size()) {
          throw new UsageException(
              "option [%s]: seen no value, expected %s".formatted(name, option.usage()));
        }
        value = words.get(i);
      }
      arguments.values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }
    return arguments;
  }

  boolean has(String option) {
    return values.containsKey(option);
  }

  /** All values of an option, in order. */
  List<String> all(String option) {
    return values.getOrDefault(option, List.of());
  }

  /** The one value of an option. */
  Optional<String> one(String option) throws UsageException {
    List<String> all = all(option);
    if (all.size() > 1) {
      throw new UsageException(
          "option [%s]: seen %d times, expected once".formatted(option, all.size()));
    }
    return all.stream().findFirst();
  }

  /** Words that are no options: between {@code least} and {@code most} of them. */
  List<String> positional(String what, int least, int most) throws UsageException {
    if (positional.size() < least || positional.size() > most) {
      throw new UsageException("seen %s, expected %s".formatted(positional, what));
    }
    return positional;
  }

  static long number(String option, String text) throws UsageException {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new UsageException(
          "option [%s]: seen [%s], expected a whole number".formatted(option, text), e);
    }
  }
}
