package dev.offramp.interop;

import java.time.Duration;

/**
 * How a case ended.
 *
 * @param test the case
 * @param port where its traffic was
 * @param passed whether it did what it should
 * @param note what is worth saying; the reason when it failed
 * @param took how long it took
 */
record Result(Case test, int port, boolean passed, String note, Duration took) {}
