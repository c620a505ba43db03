package dev.offramp.tck.run;

/**
 * A piece of work: one experiment on one device with one seed.
 *
 * @param experiment its name
 * @param target the device's name; {@link #JAR} for experiments that need none
 * @param seed what it draws its numbers from
 */
record Item(String experiment, String target, long seed) {
  /** In place of a device. */
  static final String JAR = "jar";

  /** The same as {@link dev.offramp.tck.report.ExperimentResult#key}. */
  String key() {
    return experiment + "@" + target + "#" + seed;
  }

  static Item parse(String key) {
    int at = key.indexOf('@');
    int hash = key.lastIndexOf('#');
    if (at < 0 || hash < at) {
      throw new IllegalArgumentException("item [" + key + "]: expected experiment@device#seed");
    }
    return new Item(
        key.substring(0, at), key.substring(at + 1, hash), Long.parseLong(key.substring(hash + 1)));
  }
}
