package dev.offramp.cli.matrix;

import dev.offramp.api.OfframpOptions;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.AdapterModels;
import java.util.Optional;

/** A kind of owner of connections. */
enum MatrixOwner {
  SOFTIWARP(OfframpOptions.HOST_RESIDENT, MatrixTraffic.ALL, MatrixTraffic.ALL),
  DETACHED(OfframpOptions.DETACHED, MatrixTraffic.ALL, MatrixTraffic.ALL),
  T6("t6", MatrixTraffic.BEFORE_FIRST_FPDU, MatrixTraffic.BEFORE_FIRST_FPDU),
  X722("x722", MatrixTraffic.AT_REST, MatrixTraffic.BEFORE_FIRST_FPDU),
  E810("e810", MatrixTraffic.AT_REST, MatrixTraffic.BEFORE_FIRST_FPDU);

  private final String label;
  private final MatrixTraffic gives;
  private final MatrixTraffic takes;

  MatrixOwner(String label, MatrixTraffic gives, MatrixTraffic takes) {
    this.label = label;
    this.gives = gives;
    this.takes = takes;
  }

  /**
   * With which traffic at the richest a connection moves, by docs/moves.md; empty when with none. A
   * run that differs is not good, be it for the better.
   */
  Optional<MatrixTraffic> declared(MatrixOwner to) {
    // An adapter takes no stream that is in RDMA mode, which another adapter's always is.
    return chip().isPresent() && to.chip().isPresent()
        ? Optional.empty()
        : Optional.of(gives.compareTo(to.takes) > 0 ? gives : to.takes);
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
