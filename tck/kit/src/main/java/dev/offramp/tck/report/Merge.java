package dev.offramp.tck.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Joins the reports of all shards into the one that a single run would have given. */
public final class Merge {
  private Merge() {}

  /**
   * Joins them.
   *
   * @throws IOException when they are not the shards of one run: which is missing, or what differs
   */
  public static Report of(List<Report> shards) throws IOException {
    if (shards.isEmpty()) {
      throw new IOException("no reports to merge; expected those of all shards");
    }
    Report first = shards.get(0);
    long count = options(first).number("shards");
    Set<Long> seen = new TreeSet<>();
    Map<String, ExperimentResult> results = new LinkedHashMap<>();
    for (Report shard : shards) {
      requireSame(first, shard);
      if (!seen.add(options(shard).number("shard"))) {
        throw new IOException("shard %d is there twice".formatted(options(shard).number("shard")));
      }
      shard.results().forEach(r -> results.merge(r.key(), r, ExperimentResult::and));
    }
    if (seen.size() != count) {
      throw new IOException("seen the shards %s, expected all of 1..%d".formatted(seen, count));
    }
    Map<String, Object> facts = new LinkedHashMap<>(first.factMap());
    Map<String, Object> options = new LinkedHashMap<>(new Fields(facts).copyOf("options"));
    options.put("shard", 1L);
    options.put("shards", 1L);
    facts.put("options", options);
    return new Report(facts, new ArrayList<>(results.values()), first.issues());
  }

  private static Fields options(Report report) {
    return report.facts().map("options");
  }

  private static void requireSame(Report one, Report other) throws IOException {
    for (String part : List.of("kit", "plugin", "driver", "environment")) {
      if (!Json.line(one.factMap().get(part)).equals(Json.line(other.factMap().get(part)))) {
        throw new IOException(
            "the shards differ in [%s]: seen [%s] and [%s]"
                .formatted(
                    part,
                    Json.line(one.factMap().get(part)),
                    Json.line(other.factMap().get(part))));
      }
    }
    Map<String, Object> mine = options(one).copyAll();
    Map<String, Object> theirs = options(other).copyAll();
    mine.remove("shard");
    theirs.remove("shard");
    if (!Json.line(mine).equals(Json.line(theirs))) {
      throw new IOException(
          "the shards differ in [options]: seen [%s] and [%s]"
              .formatted(Json.line(mine), Json.line(theirs)));
    }
  }
}
