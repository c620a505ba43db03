package dev.offramp.iwarp.sim;

import dev.offramp.api.rdma.Completion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The model of one posted Receive. */
final class Receipt {
  /** A stretch of the slab. */
  record Piece(int at, int bytes) {}

  final long id;
  final List<Piece> pieces;
  @Nullable Completion completion;

  Receipt(long id, List<Piece> pieces) {
    this.id = id;
    this.pieces = pieces;
  }

  int capacity() {
    return pieces.stream().mapToInt(Piece::bytes).sum();
  }
}
