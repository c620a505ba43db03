package dev.offramp.provider.intel;

import static dev.offramp.api.descriptor.DescriptorFields.LOCAL_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.MSS_CLAMP_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.NEXT_HOP_MAC;
import static dev.offramp.api.descriptor.DescriptorFields.PATH_MTU_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_MSS_BYTES;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.provider.intel.layout.QpContext;
import java.io.IOException;
import java.net.Inet4Address;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where a connection's frames go and how large its segments are: what the host may decide anew
 * while it runs. Safe for several threads; its lock is taken before the connection's.
 *
 * <p><b>Inferences.</b> An entry of MANAGE_ARP that is given again changes what is sent from then
 * on: so the vendor's driver does when a neighbour changes. MODIFY_QP to RTS of a running QP, with
 * the bit for the ARP index or for the MSS and without that for the TCP context, changes that and
 * nothing else; the vendor's driver encodes it and does not give it.
 */
final class Route {
  /** RFC 5044, section 3: MULPDU is never less than 128 octets, and an FPDU is one segment. */
  static final int LEAST_MSS_BYTES = 128;

  private static final int IPV4_AND_TCP_BYTES = 40;
  private static final int IPV6_AND_TCP_BYTES = 60;

  private final Adapter adapter;
  private final QueueMemory memory;
  private final int headerBytes;

  /** What the peer takes, and the context can say. */
  private final int limitBytes;

  private final ReentrantLock lock = new ReentrantLock();
  private long nextHop;
  private int arpIndex;
  private int mssBytes;
  private boolean entered;

  Route(Adapter adapter, QueueMemory memory, IwarpConnectionDescriptor d) {
    this.adapter = adapter;
    this.memory = memory;
    this.headerBytes = headerBytes(d);
    this.mssBytes = segmentBytes(d);
    this.limitBytes =
        (int)
            Math.min(
                d.get(MSS_CLAMP_BYTES).orElse(d.value(SEND_MSS_BYTES)),
                QpContext.IRDMAQPC_SNDMSS.max());
    this.nextHop = d.value(NEXT_HOP_MAC).value();
  }

  private static int headerBytes(IwarpConnectionDescriptor d) {
    return d.value(LOCAL_ADDRESS).getAddress() instanceof Inet4Address
        ? IPV4_AND_TCP_BYTES
        : IPV6_AND_TCP_BYTES;
  }

  /** Payload of a full segment: no more than the path takes (RFC 9293, section 3.7.1). */
  static int segmentBytes(IwarpConnectionDescriptor d) {
    int mss = d.value(SEND_MSS_BYTES);
    return d.isKnown(PATH_MTU_BYTES)
        ? Math.min(mss, d.value(PATH_MTU_BYTES) - headerBytes(d))
        : mss;
  }

  /** Enters the next hop into the device's table; gives its place. Once. */
  int enter() throws IOException {
    lock.lock();
    try {
      arpIndex = adapter.addresses().nextHops().use(nextHop);
      entered = true;
      return arpIndex;
    } finally {
      lock.unlock();
    }
  }

  /** The connection needs it no more. */
  void leave() throws CommandException {
    lock.lock();
    try {
      if (entered) {
        entered = false;
        adapter.addresses().nextHops().release(nextHop);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Frames go to {@code mac} from now on.
   *
   * @throws IOException when the device has no room, or does not do it; all is as before
   */
  void redirect(IntelConnection connection, long mac) throws IOException {
    lock.lock();
    try {
      SharedEntries hops = adapter.addresses().nextHops();
      if (!entered || mac == nextHop) {
        return;
      }
      if (!hops.change(nextHop, mac)) {
        int index = hops.use(mac);
        try {
          connection.runWhileServed(
              () -> memory.putArpIndex(index), connection.queuePair()::redirect);
        } catch (CommandException | RuntimeException e) {
          memory.putArpIndex(arpIndex);
          release(hops, mac);
          throw e;
        }
        release(hops, nextHop);
        arpIndex = index;
      }
      nextHop = mac;
    } finally {
      lock.unlock();
    }
  }

  private void release(SharedEntries hops, long mac) {
    try {
      hops.release(mac);
    } catch (CommandException e) {
      e.log(adapter.context().logger(), "next hop");
    }
  }

  /**
   * Segments are no longer than the path takes, and than the peer does.
   *
   * @throws CommandException when that is too short for iWARP, or the device does not do it; all is
   *     as before
   * @return payload of a full segment now
   */
  int resize(IntelConnection connection, int pathMtuBytes) throws CommandException {
    lock.lock();
    try {
      int wanted = Math.min(limitBytes, pathMtuBytes - headerBytes);
      if (wanted < LEAST_MSS_BYTES) {
        throw new CommandException(
            "a path MTU of [%d] leaves [%d] bytes for a segment, expected at least %d; raise the MTU of the way"
                .formatted(pathMtuBytes, wanted, LEAST_MSS_BYTES));
      }
      if (entered && wanted != mssBytes) {
        try {
          connection.runWhileServed(
              () -> memory.putSegmentBytes(wanted),
              then -> connection.queuePair().resize(wanted, then));
        } catch (CommandException | RuntimeException e) {
          memory.putSegmentBytes(mssBytes);
          throw e;
        }
        mssBytes = wanted;
      }
      return mssBytes;
    } finally {
      lock.unlock();
    }
  }
}
