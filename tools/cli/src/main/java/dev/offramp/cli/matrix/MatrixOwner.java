package dev.offramp.cli.matrix;

import dev.offramp.api.OfframpOptions;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.AdapterModels;
import java.util.Optional;

/** A kind of owner of connections. */
enum MatrixOwner {
  SOFTIWARP(OfframpOptions.HOST_RESIDENT, MatrixTraffic.ALL),
  DETACHED(OfframpOptions.DETACHED, MatrixTraffic.ALL),
  T6("t6", MatrixTraffic.WRITES),
  X722("x722", MatrixTraffic.WRITES),
  E810("e810", MatrixTraffic.WRITES);

  private final String label;
  private final MatrixTraffic takes;

  MatrixOwner(String label, MatrixTraffic takes) {
    this.label = label;
    this.takes = takes;
  }

  /**
   * With which traffic at the richest it takes a connection, by docs/moves.md, from whatever owner.
   * A run that differs is not good, be it for the better.
   */
  MatrixTraffic takes() {
    return takes;
  }

  /** The name of its first instance, which is also that of the kind. */
  String label() {
    return label;
  }

  /** The name of another instance. */
  String second() {
    return label + ":2";
  }

  /** The chip that is modelled; empty for software. */
  Optional<AdapterModelFactory> chip() {
    return AdapterModels.find(label);
  }
}
