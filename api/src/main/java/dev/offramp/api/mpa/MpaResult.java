package dev.offramp.api.mpa;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
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
    Octets privateData) {
  private static final int UNKNOWN = -1;

  /**
   * What a descriptor says of it.
   *
   * @throws dev.offramp.api.descriptor.AbsentFieldException when it says too little: only what the
   *     peer announced, the indication and private data may be absent
   */
  public static MpaResult of(IwarpConnectionDescriptor d) {
    return new MpaResult(
        d.value(DescriptorFields.MPA_ROLE),
        d.value(DescriptorFields.MPA_REVISION),
        d.value(DescriptorFields.MPA_CRC),
        d.value(DescriptorFields.MPA_SEND_MARKERS),
        d.value(DescriptorFields.MPA_RECEIVE_MARKERS),
        d.value(DescriptorFields.IRD),
        d.value(DescriptorFields.ORD),
        d.get(DescriptorFields.PEER_IRD).orElse(UNKNOWN),
        d.get(DescriptorFields.PEER_ORD).orElse(UNKNOWN),
        d.get(DescriptorFields.RTR).orElse(RtrKind.NONE),
        d.get(DescriptorFields.REMOTE_PRIVATE_DATA).orElse(Octets.empty()));
  }

  /** The same with read depths that an owner has cut to its own. */
  public MpaResult withReadDepths(int ird, int ord) {
    return new MpaResult(
        role,
        revision,
        crc,
        sendMarkers,
        receiveMarkers,
        ird,
        ord,
        peerIrd,
        peerOrd,
        rtr,
        privateData);
  }
}
