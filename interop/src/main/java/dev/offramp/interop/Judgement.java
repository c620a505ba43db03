package dev.offramp.interop;

/**
 * What a judge says of all captured traffic.
 *
 * @param judge who
 * @param question what was asked
 * @param passed whether the answer is the right one
 * @param note what was seen
 */
record Judgement(String judge, String question, boolean passed, String note) {}
