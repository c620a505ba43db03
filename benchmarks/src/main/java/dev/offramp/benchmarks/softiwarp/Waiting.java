package dev.offramp.benchmarks.softiwarp;

/** How a thread waits for completions. */
enum Waiting {
  /** Polls again and again; never gives its processor away. */
  POLLS,
  /** Polls, and blocks in {@code take} where there is nothing. */
  BLOCKS
}
