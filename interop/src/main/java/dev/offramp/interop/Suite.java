package dev.offramp.interop;

import java.util.List;
import java.util.stream.Stream;

/** All cases, in the order of the table. */
final class Suite {
  private Suite() {}

  static List<Case> all() {
    return Stream.of(
            RpingCases.all(), MoveCases.all(), BulkCases.all(), SiwxCases.all(), StockCases.all())
        .flatMap(List::stream)
        .toList();
  }
}
