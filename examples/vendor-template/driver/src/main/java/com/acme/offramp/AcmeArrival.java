package com.acme.offramp;

import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.spi.RnicArrival;

/** A connection that is in the adapter, and silent. For one thread at a time. */
final class AcmeArrival implements RnicArrival {
  private final AcmeConnection connection;
  private boolean over;

  AcmeArrival(AcmeConnection connection) {
    this.connection = connection;
  }

  @Override
  public RdmaConnection prepared() {
    return connection;
  }

  @Override
  public RdmaConnection activate() {
    if (over) {
      throw new IllegalStateException("already activated or abandoned");
    }
    over = true;
    connection.start();
    return connection;
  }

  @Override
  public void abandon() {
    if (!over) {
      over = true;
      connection.close();
    }
  }
}
