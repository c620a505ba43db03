package dev.offramp.tck.bench;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.transfer.Departure;

/** A wire's connection, stopped: where TCP stands after all that was sent and received. */
final class WireDeparture implements Departure {
  private static final String SOURCE = "the kit's wire";

  private final IwarpConnectionDescriptor descriptor;

  /**
   * Everything sent is acknowledged; what is not read travels.
   *
   * @param from what was installed
   * @param sentBytes octets sent since then, those that were queued included
   * @param receivedBytes octets received since then
   * @param unread the last of them that nobody has read
   */
  WireDeparture(IwarpConnectionDescriptor from, long sentBytes, long receivedBytes, Octets unread) {
    IwarpConnectionDescriptor.Builder to = from.toBuilder();
    Field<Long> una = from.get(DescriptorFields.SND_UNA);
    Field<Long> sent = una.map(value -> value + sentBytes & 0xFFFF_FFFFL);
    to.put(DescriptorFields.SND_UNA, sent)
        .put(DescriptorFields.SND_NXT, sent)
        .put(DescriptorFields.SND_MAX, sent)
        .present(DescriptorFields.UNACKNOWLEDGED, Octets.empty(), SOURCE)
        .present(DescriptorFields.UNSENT, Octets.empty(), SOURCE)
        .present(DescriptorFields.UNREAD, unread, SOURCE);
    advance(to, from, DescriptorFields.RCV_NXT, receivedBytes);
    advance(to, from, DescriptorFields.RCV_WUP, receivedBytes);
    descriptor = to.build();
  }

  private static void advance(
      IwarpConnectionDescriptor.Builder to,
      IwarpConnectionDescriptor from,
      FieldKey<Long> key,
      long bytes) {
    to.put(key, from.get(key).map(value -> value + bytes & 0xFFFF_FFFFL));
  }

  @Override
  public IwarpConnectionDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public void release() {
    // The wire stays with the kit.
  }

  @Override
  public void resume() {
    // Nothing was stopped but by the model itself.
  }

  @Override
  public void close() {
    // As resume.
  }
}
