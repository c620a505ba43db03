package dev.offramp.cli.matrix;

import dev.offramp.api.OfframpOptions;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.AdapterModels;
import java.util.Optional;

/** A kind of owner of connections. */
enum MatrixOwner {
  SOFTIWARP(OfframpOptions.HOST_RESIDENT),
  DETACHED(OfframpOptions.DETACHED),
  T6("t6"),
  X722("x722"),
  E810("e810");

  private final String label;

  MatrixOwner(String label) {
    this.label = label;
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
