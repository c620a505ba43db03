package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.spi.RnicCapabilities;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Values with one component changed. */
final class Change {
  private static final String SOURCE = "a wrong driver";

  private Change() {}

  static <T extends Object> IwarpConnectionDescriptor put(
      IwarpConnectionDescriptor d, FieldKey<T> key, T value) {
    return d.toBuilder().present(key, value, SOURCE).build();
  }

  /** Changes a field where it is known. */
  static <T extends Object> IwarpConnectionDescriptor map(
      IwarpConnectionDescriptor d, FieldKey<T> key, UnaryOperator<T> how) {
    return d.isKnown(key) ? put(d, key, how.apply(d.value(key))) : d;
  }

  static IwarpConnectionDescriptor ord(IwarpConnectionDescriptor d, int more) {
    return map(d, DescriptorFields.ORD, ord -> ord == 0 || ord > 16_000 ? ord : ord + more);
  }

  static MpaResult revision(MpaResult m, int revision) {
    return new MpaResult(
        m.role(),
        revision,
        m.crc(),
        m.sendMarkers(),
        m.receiveMarkers(),
        m.ird(),
        m.ord(),
        m.peerIrd(),
        m.peerOrd(),
        m.rtr(),
        m.privateData());
  }

  static Completion bytes(Completion c, long bytes) {
    return new Completion(
        c.id(),
        c.operation(),
        c.status(),
        bytes,
        c.solicited(),
        c.invalidatedStag(),
        c.immediate());
  }

  static RnicCapabilities without(RnicCapabilities c, Operation operation) {
    Set<Operation> left = EnumSet.copyOf(c.operations());
    left.remove(operation);
    return operations(c, left);
  }

  static RnicCapabilities operations(RnicCapabilities c, Set<Operation> operations) {
    return CapabilitiesDraft.changed(c, d -> d.operations = operations);
  }

  static RnicCapabilities limits(
      RnicCapabilities c, int ird, int ord, int privateDataBytes, int gather) {
    return CapabilitiesDraft.changed(
        c,
        d -> {
          d.maxIrd = ird;
          d.maxOrd = ord;
          d.maxPrivateDataBytes = privateDataBytes;
          d.maxGatherEntries = gather;
        });
  }

  static MpaResult peerDepthsSwapped(MpaResult m) {
    return new MpaResult(
        m.role(),
        m.revision(),
        m.crc(),
        m.sendMarkers(),
        m.receiveMarkers(),
        m.ird(),
        m.ord(),
        m.peerOrd(),
        m.peerIrd(),
        m.rtr(),
        m.privateData());
  }

  static RnicCapabilities drained(RnicCapabilities c) {
    return CapabilitiesDraft.changed(c, d -> d.needsDrainedSendQueue = true);
  }

  static RnicCapabilities alsoConsumes(RnicCapabilities c, FieldKey<?> key) {
    Set<FieldKey<?>> keys = new HashSet<>(c.consumes());
    keys.add(key);
    return consumes(c, keys);
  }

  static RnicCapabilities consumesNot(RnicCapabilities c, FieldKey<?> key) {
    Set<FieldKey<?>> keys = new HashSet<>(c.consumes());
    keys.remove(key);
    return consumes(c, keys);
  }

  static RnicCapabilities consumes(RnicCapabilities c, Set<FieldKey<?>> consumes) {
    return CapabilitiesDraft.changed(c, d -> d.consumes = consumes);
  }

  /** Declares that its Terminates have no headers of the peer's segments. */
  static RnicCapabilities withoutCopies(RnicCapabilities c) {
    return CapabilitiesDraft.changed(c, d -> d.copiesBadSegments = false);
  }

  /** Completions that are there at once are told in the other order. */
  static Supplier<Defect> backwards() {
    return () ->
        new Defect() {
          @Override
          List<Completion> batch(List<Completion> honest) {
            List<Completion> other = new ArrayList<>(honest);
            Collections.reverse(other);
            return other;
          }
        };
  }
}
