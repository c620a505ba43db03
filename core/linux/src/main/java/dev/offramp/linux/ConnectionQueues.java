package dev.offramp.linux;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;

/** The bytes that a descriptor carries; an absent queue is empty. */
record ConnectionQueues(Octets unread, Octets unacknowledged, Octets unsent) {
  static ConnectionQueues of(IwarpConnectionDescriptor d) {
    return new ConnectionQueues(
        d.get(DescriptorFields.UNREAD).orElse(Octets.empty()),
        d.get(DescriptorFields.UNACKNOWLEDGED).orElse(Octets.empty()),
        d.get(DescriptorFields.UNSENT).orElse(Octets.empty()));
  }

  int outgoingBytes() {
    return unacknowledged.length() + unsent.length();
  }
}
