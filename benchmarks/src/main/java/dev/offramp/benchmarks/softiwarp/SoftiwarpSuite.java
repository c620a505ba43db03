package dev.offramp.benchmarks.softiwarp;

import dev.offramp.benchmarks.suite.Suite;
import java.util.List;

/**
 * The software RNIC on the host's sockets against plain NIO, over loopback. Both take turns within
 * one run, so that what else the machine does hits both; only ratios are to be compared between
 * machines.
 */
public final class SoftiwarpSuite {
  private SoftiwarpSuite() {}

  public static void main(String[] args) throws Exception {
    Suite suite =
        new Suite(
            "softiwarp",
            List.of(
                new Goodput(),
                new PingPong(),
                new Messages(),
                new Allocation(),
                new Copies(),
                new Connections()));
    System.exit(suite.run(SoftiwarpSuite.class.getName(), args));
  }
}
