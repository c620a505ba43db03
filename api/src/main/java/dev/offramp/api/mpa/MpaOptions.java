package dev.offramp.api.mpa;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Octets;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.apiguardian.api.API;

/**
 * What this end wants of MPA start-up. Build with {@link Mpa}.
 *
 * @param role Initiator or Responder
 * @param policy decides on the peer's frame: a Responder on the Request, an Initiator on a Reply
 *     that accepts
 * @param revision 2 sends the enhanced block of RFC 6581; 1 does not, and has no IRD and ORD on the
 *     wire
 * @param crc whether this end asks for CRC32c; either end's wish turns it on for both
 * @param receiveMarkers whether this end asks the peer to insert markers
 * @param ird inbound RDMA Read depth offered, 0..16382, or 16383: the ULP takes care of it. A
 *     Responder's grows to the Initiator's ORD as far as the RNIC can (RFC 6581, section 9.1)
 * @param ord outbound RDMA Read depth wanted, same range
 * @param rtrKinds indications that this end can send; not empty means peer-to-peer mode
 * @param privateData what the Request carries, 0..512 bytes, 508 with revision 2
 * @param lastStreamingMessage bytes an Initiator sends on the plain stream right before the Request
 * @param timeout for the whole exchange
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record MpaOptions(
    MpaRole role,
    MpaPolicy policy,
    int revision,
    boolean crc,
    boolean receiveMarkers,
    int ird,
    int ord,
    Set<RtrKind> rtrKinds,
    Octets privateData,
    Octets lastStreamingMessage,
    Duration timeout) {
  private static final int DEFAULT_READ_DEPTH = 16;
  private static final int ENHANCED_BLOCK_BYTES = 4;
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  public MpaOptions {
    check(revision == 1 || revision == 2, "revision", revision, "1 or 2");
    check(isDepth(ird), "ird", ird, "0..16383");
    check(isDepth(ord), "ord", ord, "0..16383");
    int room = DescriptorFields.MAX_PRIVATE_DATA_BYTES - (revision == 2 ? ENHANCED_BLOCK_BYTES : 0);
    check(privateData.length() <= room, "private data bytes", privateData.length(), "0.." + room);
    check(timeout.isPositive(), "timeout", timeout, "a positive duration");
    rtrKinds =
        rtrKinds.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(rtrKinds));
    check(!rtrKinds.contains(RtrKind.NONE), "rtrKinds", rtrKinds, "SEND, WRITE, READ");
    check(
        revision == 2 || rtrKinds.isEmpty(),
        "rtrKinds",
        rtrKinds,
        "none: peer-to-peer mode needs revision 2");
  }

  private static boolean isDepth(int depth) {
    return depth >= 0 && depth <= DescriptorFields.ULP_MANAGED_DEPTH;
  }

  private static void check(boolean holds, String what, Object seen, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          "MPA option " + what + ": seen [" + seen + "], expected " + expected);
    }
  }

  /** Collects options; defaults: revision 2, CRC on, no markers, IRD and ORD 16, 10 s. */
  public static final class Builder {
    private final MpaRole role;
    private final MpaPolicy policy;
    private int revision = 2;
    private boolean crc = true;
    private boolean receiveMarkers;
    private int ird = DEFAULT_READ_DEPTH;
    private int ord = DEFAULT_READ_DEPTH;
    private Set<RtrKind> rtrKinds = Set.of();
    private Octets privateData = Octets.empty();
    private Octets lastStreamingMessage = Octets.empty();
    private Duration timeout = DEFAULT_TIMEOUT;

    Builder(MpaRole role, MpaPolicy policy) {
      this.role = role;
      this.policy = policy;
    }

    public Builder revision(int revision) {
      this.revision = revision;
      return this;
    }

    public Builder crc(boolean crc) {
      this.crc = crc;
      return this;
    }

    public Builder receiveMarkers(boolean receiveMarkers) {
      this.receiveMarkers = receiveMarkers;
      return this;
    }

    public Builder readDepths(int ird, int ord) {
      this.ird = ird;
      this.ord = ord;
      return this;
    }

    /** Peer-to-peer mode: either end may send first, once the Initiator has said it is ready. */
    public Builder peerToPeer(Set<RtrKind> kinds) {
      this.rtrKinds = kinds;
      return this;
    }

    /** A copy of what remains in {@code data}. */
    public Builder privateData(ByteBuffer data) {
      return privateData(Octets.copyOf(data));
    }

    public Builder privateData(Octets data) {
      this.privateData = data;
      return this;
    }

    public Builder lastStreamingMessage(Octets message) {
      this.lastStreamingMessage = message;
      return this;
    }

    public Builder timeout(Duration timeout) {
      this.timeout = timeout;
      return this;
    }

    public MpaOptions build() {
      return new MpaOptions(
          role,
          policy,
          revision,
          crc,
          receiveMarkers,
          ird,
          ord,
          rtrKinds,
          privateData,
          lastStreamingMessage,
          timeout);
    }
  }
}
