package dev.offramp.interop;

import java.time.Duration;

/**
 * One row of the suite's table.
 *
 * @param program who talks to whom: ours first
 * @param role what our end is: initiator or responder, client or server
 * @param options what is special about it
 * @param limit after which it has failed
 * @param captured whether its traffic is captured and judged; the largest transfers are not
 * @param body does it
 */
record Case(
    String program, String role, String options, Duration limit, boolean captured, Body body) {
  /** What most cases are allowed to take. A guest without KVM on a busy machine is slow. */
  static final Duration USUAL_LIMIT = Duration.ofSeconds(90);

  /** Runs a case. */
  @FunctionalInterface
  interface Body {
    /**
     * Runs in the lab's network namespace, on a thread of its own.
     *
     * @param lab with a guest that does nothing else
     * @param port not used by any other case
     * @return what to say in the table besides "passed"; may be empty
     * @throws Exception when the case has failed
     */
    String run(Lab lab, int port) throws Exception;
  }

  Case(String program, String role, String options, Body body) {
    this(program, role, options, USUAL_LIMIT, true, body);
  }

  String name() {
    return program + ", " + role + ", " + options;
  }
}
