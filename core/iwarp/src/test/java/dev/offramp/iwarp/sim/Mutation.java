package dev.offramp.iwarp.sim;

import dev.offramp.api.mpa.MpaResult;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.StreamConfig;

/** Where bugs can be planted. This one plants none. */
class Mutation {
  static final Mutation NONE = new Mutation();

  /** The engine of one end. */
  Engine engine(StreamConfig.Builder config, MemoryTable memory, Peer peer) {
    return new Engine(config.build(), memory);
  }

  /** What start-up agreed, as the stream is told. */
  MpaResult agreed(MpaResult result, Peer peer) {
    return result;
  }

  /** How many bytes behind the peer's MPA frame start-up takes. */
  int takenTooMany(Peer peer) {
    return 0;
  }
}
