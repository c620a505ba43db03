/**
 * What an application sees of Offramp.
 *
 * <p>Begin with {@link dev.offramp.api.Offramp}, the front door, and {@link
 * dev.offramp.api.rdma.RdmaConnection}, what it gives you. {@link
 * dev.offramp.api.transfer.StateTransfer} is the one interface through which every owner of a
 * connection gives it up and takes it over; {@link
 * dev.offramp.api.descriptor.IwarpConnectionDescriptor} is what passes between them.
 */
module dev.offramp.api {
  requires static transitive org.apiguardian.api;
  requires static transitive org.jspecify;
  requires static org.checkerframework.checker.qual;

  exports dev.offramp.api;
  exports dev.offramp.api.descriptor;
  exports dev.offramp.api.failover;
  exports dev.offramp.api.mpa;
  exports dev.offramp.api.rdma;
  exports dev.offramp.api.transfer;

  // The implementation behind Offramp.open(): dev.offramp.runtime.
  uses dev.offramp.api.OfframpBootstrap;
}
