package dev.offramp.runtime.paths;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.spi.RnicException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An RNIC that makes frames itself, as far as changes of the way go: it notes them. */
final class FramingRnic implements Rnic {
  private static final long PATIENCE_SECONDS = 30;

  private final Set<FieldKey<?>> consumes;
  private final Set<FieldKey<?>> updates;
  final BlockingQueue<IwarpConnectionDescriptor> told = new LinkedBlockingQueue<>();
  @Nullable RnicException failure;

  FramingRnic(Set<FieldKey<?>> consumes, Set<FieldKey<?>> updates) {
    this.consumes = consumes;
    this.updates = updates;
  }

  IwarpConnectionDescriptor next() throws InterruptedException {
    IwarpConnectionDescriptor path = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (path == null) {
      throw new AssertionError("nothing was told within " + PATIENCE_SECONDS + " s");
    }
    return path;
  }

  @Override
  public Set<FieldKey<?>> updates() {
    return updates;
  }

  @Override
  public void update(RdmaConnection connection, IwarpConnectionDescriptor cached)
      throws RnicException {
    if (failure != null) {
      throw failure;
    }
    told.add(cached);
  }

  @Override
  public String ownerName() {
    return "framing";
  }

  @Override
  public RnicCapabilities capabilities() {
    return new RnicCapabilities(
        Set.of(),
        TcpResidence.NEW_OWNER,
        Set.of(2),
        true,
        true,
        true,
        1,
        1,
        512,
        1,
        1,
        16,
        16,
        false,
        true,
        consumes,
        Map.of());
  }

  @Override
  public Admission admits(ConnectionProfile profile) {
    return Admission.full();
  }

  @Override
  public Departure depart(RdmaConnection connection) {
    throw new AssertionError("nothing moves here");
  }

  @Override
  public RnicArrival arrive(IwarpConnectionDescriptor descriptor) {
    throw new AssertionError("nothing moves here");
  }

  @Override
  public void close() {}
}
