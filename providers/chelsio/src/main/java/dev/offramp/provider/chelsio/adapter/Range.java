package dev.offramp.provider.chelsio.adapter;

/**
 * Numbers, or adapter memory in bytes, that belong to this function.
 *
 * @param start the first
 * @param end the last; before {@code start} when there are none
 */
public record Range(int start, int end) {
  long size() {
    return Math.max(0, (long) end - start + 1);
  }

  @Override
  public String toString() {
    return start + ".." + end;
  }
}
