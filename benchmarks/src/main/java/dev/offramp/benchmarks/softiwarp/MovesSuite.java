package dev.offramp.benchmarks.softiwarp;

import dev.offramp.api.OfframpOptions;
import dev.offramp.benchmarks.suite.Suite;
import dev.offramp.linux.net.SteeredNic;
import java.util.List;

/**
 * Many connections in RDMA mode moved in one batch: what each costs must not grow with their
 * number. In network namespaces of its own; needs root or {@code unshare -Urn}.
 */
public final class MovesSuite {
  private MovesSuite() {}

  public static void main(String[] args) throws Exception {
    Suite suite =
        new Suite(
            "moves",
            List.of(
                new Moves("within", OfframpOptions.HOST_RESIDENT + ":2", Integer.MAX_VALUE, 10_000),
                new Moves("between", OfframpOptions.DETACHED, SteeredNic.MAX_STEERED, 2_000)));
    System.exit(suite.run(MovesSuite.class.getName(), args));
  }
}
