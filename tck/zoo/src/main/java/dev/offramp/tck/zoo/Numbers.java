package dev.offramp.tck.zoo;

import static dev.offramp.api.descriptor.DescriptorFields.MPA_RECEIVE_START;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_SEND_START;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WUP;
import static dev.offramp.api.descriptor.DescriptorFields.SND_MAX;
import static dev.offramp.api.descriptor.DescriptorFields.SND_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.SND_UNA;
import static dev.offramp.api.descriptor.DescriptorFields.SND_WL1;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import java.util.List;
import java.util.function.LongUnaryOperator;

/** Sequence numbers with something done to them, all of one direction together. */
final class Numbers {
  private static final List<FieldKey<Long>> SEND =
      List.of(SND_UNA, SND_NXT, SND_MAX, MPA_SEND_START);
  private static final List<FieldKey<Long>> RECEIVE =
      List.of(RCV_NXT, RCV_WUP, SND_WL1, MPA_RECEIVE_START);

  private Numbers() {}

  static IwarpConnectionDescriptor send(IwarpConnectionDescriptor d, LongUnaryOperator change) {
    return moved(d, SEND, SND_NXT, change);
  }

  static IwarpConnectionDescriptor receive(IwarpConnectionDescriptor d, LongUnaryOperator change) {
    return moved(d, RECEIVE, RCV_NXT, change);
  }

  private static IwarpConnectionDescriptor moved(
      IwarpConnectionDescriptor d,
      List<FieldKey<Long>> keys,
      FieldKey<Long> lead,
      LongUnaryOperator change) {
    if (!d.isKnown(lead)) {
      return d;
    }
    long by = change.applyAsLong(d.value(lead)) - d.value(lead);
    IwarpConnectionDescriptor.Builder to = d.toBuilder();
    for (FieldKey<Long> key : keys) {
      if (d.isKnown(key)) {
        to.present(key, d.value(key) + by & 0xFFFF_FFFFL, "a wrong driver");
      }
    }
    return to.build();
  }
}
