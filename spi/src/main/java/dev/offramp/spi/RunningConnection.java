package dev.offramp.spi;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.MessageKind;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.TrafficCounters;
import dev.offramp.api.transfer.ConnectionProfile;
import java.util.Set;

/** What every connection says of itself. */
final class RunningConnection {
  private static final String SOURCE = "the connection";

  private static final long UINT32 = 0xFFFF_FFFFL;

  private RunningConnection() {}

  static ConnectionProfile profile(RdmaConnection connection) {
    MpaResult mpa = connection.mpa();
    TrafficCounters received = connection.counters().received();
    long messages = received.messages(MessageKind.SEND) + received.messages(MessageKind.IMMEDIATE);
    IwarpConnectionDescriptor facts =
        IwarpConnectionDescriptor.builder()
            .present(DescriptorFields.LOCAL_ADDRESS, connection.localAddress(), SOURCE)
            .present(DescriptorFields.REMOTE_ADDRESS, connection.remoteAddress(), SOURCE)
            .present(DescriptorFields.IWARP_PHASE, IwarpPhase.RDMA, SOURCE)
            .present(DescriptorFields.MPA_ROLE, mpa.role(), SOURCE)
            .present(DescriptorFields.MPA_REVISION, mpa.revision(), SOURCE)
            .present(DescriptorFields.MPA_CRC, mpa.crc(), SOURCE)
            .present(DescriptorFields.MPA_SEND_MARKERS, mpa.sendMarkers(), SOURCE)
            .present(DescriptorFields.MPA_RECEIVE_MARKERS, mpa.receiveMarkers(), SOURCE)
            .present(DescriptorFields.IRD, mpa.ird(), SOURCE)
            .present(DescriptorFields.ORD, mpa.ord(), SOURCE)
            .present(DescriptorFields.RTR, mpa.rtr(), SOURCE)
            .present(DescriptorFields.REMOTE_PRIVATE_DATA, mpa.privateData(), SOURCE)
            .derived(
                DescriptorFields.RECEIVE_MSN,
                (1 + messages) & UINT32,
                "1 + messages received so far: a snapshot")
            .build();
    return new ConnectionProfile(facts, 0, 0, 0, Set.of());
  }
}
