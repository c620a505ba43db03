package dev.offramp.models;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.transfer.Departure;

/** A stopped connection of a {@link SimulatedLink}. */
final class SimulatedDeparture implements Departure {
  private static final String SOURCE = "the simulated TCP";

  private final SimulatedLink link;
  private final SimulatedTcp tcp;
  private final IwarpConnectionDescriptor descriptor;
  private boolean released;
  private boolean resumed;

  SimulatedDeparture(SimulatedLink link, SimulatedTcp tcp, IwarpConnectionDescriptor descriptor) {
    this.link = link;
    this.tcp = tcp;
    this.descriptor = descriptor;
  }

  /** What {@code tcp} says, in front of what was known when the connection came. */
  static IwarpConnectionDescriptor of(SimulatedTcp tcp, IwarpConnectionDescriptor known) {
    return known.toBuilder()
        .present(DescriptorFields.SND_UNA, unsigned(tcp.sndUna()), SOURCE)
        .present(DescriptorFields.SND_NXT, unsigned(tcp.sndMax()), SOURCE)
        .present(DescriptorFields.SND_MAX, unsigned(tcp.sndMax()), SOURCE)
        .present(DescriptorFields.SND_WND, tcp.sndWnd(), SOURCE)
        .present(DescriptorFields.SND_WL1, unsigned(tcp.sndWl1()), SOURCE)
        .present(DescriptorFields.RCV_NXT, unsigned(tcp.rcvNxt()), SOURCE)
        .present(DescriptorFields.RCV_WND, tcp.rcvWnd(), SOURCE)
        .present(DescriptorFields.RCV_WUP, unsigned(tcp.rcvWup()), SOURCE)
        .present(DescriptorFields.UNACKNOWLEDGED, Octets.copyOf(tcp.unacknowledged()), SOURCE)
        .present(DescriptorFields.UNSENT, Octets.copyOf(tcp.unsent()), SOURCE)
        .present(DescriptorFields.UNREAD, Octets.copyOf(tcp.unread()), SOURCE)
        .build();
  }

  static long unsigned(int number) {
    return Integer.toUnsignedLong(number);
  }

  @Override
  public IwarpConnectionDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public void release() {
    link.run(() -> {
      if (released || resumed) {
        throw new IllegalStateException("already " + (released ? "released" : "resumed"));
      }
      released = true;
      link.gone(tcp);
    });
  }

  @Override
  public void resume() {
    link.run(() -> {
      if (released) {
        throw new IllegalStateException("already released");
      }
      if (!resumed) {
        resumed = true;
        tcp.speak();
      }
    });
  }

  @Override
  public void close() {
    if (!released) {
      resume();
    }
  }
}
