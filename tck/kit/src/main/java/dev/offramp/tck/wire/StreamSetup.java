package dev.offramp.tck.wire;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;

/**
 * What was agreed for the direction from a driver to its peer.
 *
 * @param role the driver's role in MPA start-up
 * @param rtr what an Initiator sends first
 * @param crc whether FPDUs carry a CRC
 * @param markers whether markers are inserted
 * @param emss payload octets of a TCP segment
 * @param ord how many requests the driver may have outstanding
 * @param firstSendMsn the MSN of the first message on queue 0
 * @param firstRequestMsn the MSN of the first message on queue 1
 * @param copies whether the driver declares that its Terminates copy bad segments
 */
public record StreamSetup(
    MpaRole role,
    RtrKind rtr,
    boolean crc,
    boolean markers,
    int emss,
    int ord,
    int firstSendMsn,
    int firstRequestMsn,
    boolean copies) {}
