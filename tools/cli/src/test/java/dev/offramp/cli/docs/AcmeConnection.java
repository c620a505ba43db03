package dev.offramp.cli.docs;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkRequest;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Set;

/** A stand-in: docs/vendor.md shows how a connection arrives, not how it carries RDMA. */
final class AcmeConnection implements RdmaConnection {
  private final IwarpConnectionDescriptor descriptor;

  AcmeConnection(IwarpConnectionDescriptor descriptor) {
    this.descriptor = descriptor;
  }

  @Override
  public InetSocketAddress localAddress() {
    return descriptor.value(DescriptorFields.LOCAL_ADDRESS);
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return descriptor.value(DescriptorFields.REMOTE_ADDRESS);
  }

  @Override
  public String ownerName() {
    return "acme";
  }

  @Override
  public MpaResult mpa() {
    throw notShown();
  }

  @Override
  public Set<Operation> operations() {
    return Set.of();
  }

  @Override
  public MemoryRegion register(MemorySegment segment, Access... access) {
    throw notShown();
  }

  @Override
  public MemoryRegion allocate(long sizeBytes, Access... access) {
    throw notShown();
  }

  @Override
  public void post(WorkRequest request) {
    throw notShown();
  }

  @Override
  public CompletionQueue completions() {
    throw notShown();
  }

  @Override
  public Optional<StreamEnd> end() {
    return Optional.empty();
  }

  @Override
  public StreamEnd disconnect() {
    throw notShown();
  }

  @Override
  public void abort() {}

  @Override
  public void close() {}

  private static UnsupportedOperationException notShown() {
    return new UnsupportedOperationException("not part of the example");
  }
}
