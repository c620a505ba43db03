package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.provider.intel.layout.Generation;
import java.net.InetSocketAddress;

/**
 * What does not change in a connection's life.
 *
 * @param local the local end
 * @param remote the remote end
 * @param mpa what start-up agreed, the depths held to the device's limits
 * @param ownReceive whether the first Receive is the connection's own
 * @param descriptor what it arrived with
 */
record ConnectionFacts(
    InetSocketAddress local,
    InetSocketAddress remote,
    MpaResult mpa,
    boolean ownReceive,
    IwarpConnectionDescriptor descriptor) {
  static ConnectionFacts of(Generation generation, IwarpConnectionDescriptor d) {
    return new ConnectionFacts(
        d.value(DescriptorFields.LOCAL_ADDRESS),
        d.value(DescriptorFields.REMOTE_ADDRESS),
        MpaResult.of(d)
            .withReadDepths(
                Math.min(d.value(DescriptorFields.IRD), generation.limits().ird()),
                Math.min(d.value(DescriptorFields.ORD), generation.limits().ord())),
        FirstWork.awaitsSend(d),
        d);
  }

  /** An Initiator's indication has an MSN, where it is a Send or a Read. */
  void countIndication(WorkLog log) {
    if (mpa.role() == MpaRole.INITIATOR && !FirstWork.isOpened(descriptor)) {
      switch (mpa.rtr()) {
        case SEND -> log.skipSendMsn();
        case READ -> log.skipReadMsn();
        case WRITE, NONE -> {
          // Tagged, or not there.
        }
      }
    }
  }
}
