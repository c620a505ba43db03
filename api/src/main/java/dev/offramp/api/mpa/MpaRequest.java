package dev.offramp.api.mpa;

import dev.offramp.api.descriptor.Octets;
import org.apiguardian.api.API;

/**
 * What the peer's MPA frame says, raw: nothing is clipped or defaulted.
 *
 * @param revision the frame's revision: 1, or 2 with the enhanced block
 * @param enhanced whether the enhanced block (RFC 6581, section 9) is there
 * @param crcWanted the C flag
 * @param markersWanted the M flag: the peer wants to receive markers
 * @param ird the peer's IRD; -1 when not enhanced
 * @param ord the peer's ORD; -1 when not enhanced
 * @param peerToPeer control flag A
 * @param privateData the peer's private data without the enhanced block, exact length
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record MpaRequest(
    int revision,
    boolean enhanced,
    boolean crcWanted,
    boolean markersWanted,
    int ird,
    int ord,
    boolean peerToPeer,
    Octets privateData) {}
