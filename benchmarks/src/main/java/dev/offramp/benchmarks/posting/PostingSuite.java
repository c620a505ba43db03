package dev.offramp.benchmarks.posting;

import dev.offramp.benchmarks.suite.Suite;
import java.util.List;

/**
 * Nanoseconds and heap of one posted work request, through the production drivers' own {@code
 * RdmaConnection.post}, for every kind of RNIC.
 */
public final class PostingSuite {
  private PostingSuite() {}

  public static void main(String[] args) throws Exception {
    Suite suite = new Suite("posting", List.of(new WorkRequests()));
    System.exit(suite.run(PostingSuite.class.getName(), args));
  }
}
