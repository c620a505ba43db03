package dev.offramp.api.mpa;

import dev.offramp.api.descriptor.Octets;
import org.apiguardian.api.API;

/**
 * What MPA start-up agreed.
 *
 * @param role this end's role
 * @param revision the revision in force
 * @param crc whether CRC32c is generated and checked
 * @param sendMarkers whether this end inserts markers
 * @param receiveMarkers whether the peer does
 * @param ird this end's inbound RDMA Read depth now in force
 * @param ord this end's outbound RDMA Read depth now in force
 * @param peerIrd the peer's IRD as it stood in its frame; -1 without enhanced block
 * @param peerOrd the peer's ORD as it stood in its frame; -1 without enhanced block
 * @param rtr the indication that the Initiator sends
 * @param privateData the peer's private data
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record MpaResult(
    MpaRole role,
    int revision,
    boolean crc,
    boolean sendMarkers,
    boolean receiveMarkers,
    int ird,
    int ord,
    int peerIrd,
    int peerOrd,
    RtrKind rtr,
    Octets privateData) {}
