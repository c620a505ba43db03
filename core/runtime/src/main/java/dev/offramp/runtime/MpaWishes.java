package dev.offramp.runtime;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.transfer.ConnectionProfile;

/** What this end will ask for in MPA start-up, so that an RNIC can refuse it beforehand. */
final class MpaWishes {
  private static final String SOURCE = "what this end asks for";

  private MpaWishes() {}

  static ConnectionProfile addTo(ConnectionProfile profile, MpaOptions mpa) {
    IwarpConnectionDescriptor facts =
        profile.facts().toBuilder()
            .derived(DescriptorFields.MPA_ROLE, mpa.role(), SOURCE)
            .derived(DescriptorFields.MPA_REVISION, mpa.revision(), SOURCE)
            .derived(DescriptorFields.MPA_CRC, mpa.crc(), SOURCE)
            .derived(DescriptorFields.MPA_RECEIVE_MARKERS, mpa.receiveMarkers(), SOURCE)
            .derived(DescriptorFields.IRD, mpa.ird(), SOURCE)
            .derived(DescriptorFields.ORD, mpa.ord(), SOURCE)
            .derived(DescriptorFields.LOCAL_PRIVATE_DATA, mpa.privateData(), SOURCE)
            .build();
    return new ConnectionProfile(
        facts,
        profile.unreadBytes(),
        profile.unacknowledgedBytes(),
        profile.unsentBytes(),
        profile.obstacles());
  }
}
