package dev.offramp.tck.cli;

/**
 * An option of a subcommand.
 *
 * @param name with its two hyphens
 * @param value what stands for its value in the help; empty for a switch
 * @param help what it does
 */
record Option(String name, String value, String help) {
  boolean isSwitch() {
    return value.isEmpty();
  }

  String usage() {
    return isSwitch() ? name : name + "=" + value;
  }
}
