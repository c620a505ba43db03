package dev.offramp.benchmarks.softiwarp;

import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.WorkRequest;
import java.io.IOException;
import java.util.List;

/** Posts several requests at once, for which there must be room. */
final class ListPosting {
  private ListPosting() {}

  /** Posts all: a benchmark that lost some would measure less work than it says. */
  static void post(RdmaConnection connection, List<WorkRequest> requests) throws IOException {
    int posted = connection.post(requests);
    if (posted != requests.size()) {
      throw new IllegalStateException(
          "post(List): seen [" + posted + "] queued, expected [" + requests.size() + "]");
    }
  }
}
