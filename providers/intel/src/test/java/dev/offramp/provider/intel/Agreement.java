package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;

/** What both ends agreed on in MPA start-up, with a name for people. */
record Agreement(
    MpaRole role,
    int revision,
    RtrKind rtr,
    boolean crc,
    boolean sendMarkers,
    boolean receiveMarkers,
    int ird,
    int ord) {
  static Agreement of(MpaRole role) {
    return new Agreement(role, 2, RtrKind.WRITE, true, false, false, 16, 16);
  }

  Agreement rtr(RtrKind kind) {
    return new Agreement(role, revision, kind, crc, sendMarkers, receiveMarkers, ird, ord);
  }

  Agreement crc(boolean on) {
    return new Agreement(role, revision, rtr, on, sendMarkers, receiveMarkers, ird, ord);
  }

  Agreement revision(int number) {
    return new Agreement(
        role, number, number == 1 ? RtrKind.NONE : rtr, crc, sendMarkers, receiveMarkers, ird, ord);
  }

  Agreement markers(boolean sent, boolean received) {
    return new Agreement(role, revision, rtr, crc, sent, received, ird, ord);
  }

  Agreement depths(int inbound, int outbound) {
    return new Agreement(role, revision, rtr, crc, sendMarkers, receiveMarkers, inbound, outbound);
  }

  MpaResult result() {
    return new MpaResult(
        role, revision, crc, sendMarkers, receiveMarkers, ird, ord, ord, ird, rtr, Octets.empty());
  }
}
