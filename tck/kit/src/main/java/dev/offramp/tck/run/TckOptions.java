package dev.offramp.tck.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is to be judged, and how. Build with {@link #of}.
 *
 * @param plugin the jar with the driver, or a directory with its classes
 * @param libraries jars that it needs
 * @param models jars with models of its devices
 * @param rules ids to judge; empty for all
 * @param seeds what numbers are drawn from; each one is a whole campaign
 * @param shard which part of the work, from 1
 * @param shards how many parts there are
 * @param strict whether SHOULD counts like MUST
 * @param knownIssues the file with known issues and excludes
 * @param hangSeconds how long a call of the driver may do nothing
 * @param workDirectory where child processes leave what they write
 */
public record TckOptions(
    Path plugin,
    List<Path> libraries,
    List<Path> models,
    Set<String> rules,
    List<Long> seeds,
    int shard,
    int shards,
    boolean strict,
    Optional<Path> knownIssues,
    int hangSeconds,
    Path workDirectory) {
  /** What numbers are drawn from when nobody says. */
  public static final long DEFAULT_SEED = 1;

  public static final int DEFAULT_HANG_SECONDS = 20;

  public TckOptions {
    libraries = List.copyOf(libraries);
    models = List.copyOf(models);
    rules = Set.copyOf(rules);
    seeds = List.copyOf(seeds);
    if (shard < 1 || shard > shards) {
      throw new IllegalArgumentException(
          "shard [%d/%d]: expected 1..N/N, such as 2/4".formatted(shard, shards));
    }
    if (seeds.isEmpty()) {
      throw new IllegalArgumentException("no seed; expected at least one");
    }
  }

  /** Everything about one jar. */
  public static TckOptions of(Path plugin, Path workDirectory) {
    return new TckOptions(
        plugin,
        List.of(),
        List.of(),
        Set.of(),
        List.of(DEFAULT_SEED),
        1,
        1,
        false,
        Optional.empty(),
        DEFAULT_HANG_SECONDS,
        workDirectory);
  }

  public TckOptions withLibraries(List<Path> to) {
    return new TckOptions(
        plugin,
        to,
        models,
        rules,
        seeds,
        shard,
        shards,
        strict,
        knownIssues,
        hangSeconds,
        workDirectory);
  }

  public TckOptions withModels(List<Path> to) {
    return new TckOptions(
        plugin,
        libraries,
        to,
        rules,
        seeds,
        shard,
        shards,
        strict,
        knownIssues,
        hangSeconds,
        workDirectory);
  }

  public TckOptions withRules(Set<String> to) {
    return new TckOptions(
        plugin,
        libraries,
        models,
        to,
        seeds,
        shard,
        shards,
        strict,
        knownIssues,
        hangSeconds,
        workDirectory);
  }

  public TckOptions withSeeds(List<Long> to) {
    return new TckOptions(
        plugin,
        libraries,
        models,
        rules,
        to,
        shard,
        shards,
        strict,
        knownIssues,
        hangSeconds,
        workDirectory);
  }

  public TckOptions withShard(int which, int of) {
    return new TckOptions(
        plugin,
        libraries,
        models,
        rules,
        seeds,
        which,
        of,
        strict,
        knownIssues,
        hangSeconds,
        workDirectory);
  }

  public TckOptions withStrict(boolean to) {
    return new TckOptions(
        plugin,
        libraries,
        models,
        rules,
        seeds,
        shard,
        shards,
        to,
        knownIssues,
        hangSeconds,
        workDirectory);
  }

  public TckOptions withKnownIssues(Optional<Path> to) {
    return new TckOptions(
        plugin,
        libraries,
        models,
        rules,
        seeds,
        shard,
        shards,
        strict,
        to,
        hangSeconds,
        workDirectory);
  }

  public TckOptions withHangSeconds(int to) {
    return new TckOptions(
        plugin,
        libraries,
        models,
        rules,
        seeds,
        shard,
        shards,
        strict,
        knownIssues,
        to,
        workDirectory);
  }
}
