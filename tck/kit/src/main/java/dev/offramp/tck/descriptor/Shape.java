package dev.offramp.tck.descriptor;

import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;

/**
 * What kind of connection a sample is; the numbers in it are drawn.
 *
 * @param residence where TCP will be
 * @param role the driver's role in MPA start-up
 * @param ipv6 the family
 * @param revision of MPA
 * @param crc whether FPDUs carry CRCs
 * @param sendMarkers whether the driver inserts markers
 * @param receiveMarkers whether the peer does
 * @param rtr the ready-to-receive indication
 * @param ird inbound depth
 * @param ord outbound depth
 * @param emss payload octets of a segment
 * @param timestamps whether the option is on
 * @param sack whether the option is on
 * @param windowScale both shifts; 0 without the option
 * @param windowBytes both windows
 * @param vlan whether frames are tagged
 * @param privateDataBytes of each end
 * @param unreadBytes received and not read
 * @param unacknowledgedBytes sent and not acknowledged
 * @param unsentBytes written and not sent, a Responder's Reply not counted
 */
public record Shape(
    TcpResidence residence,
    MpaRole role,
    boolean ipv6,
    int revision,
    boolean crc,
    boolean sendMarkers,
    boolean receiveMarkers,
    RtrKind rtr,
    int ird,
    int ord,
    int emss,
    boolean timestamps,
    boolean sack,
    int windowScale,
    int windowBytes,
    boolean vlan,
    int privateDataBytes,
    int unreadBytes,
    int unacknowledgedBytes,
    int unsentBytes) {
  /** What a connection is when nothing else is asked for. */
  public static final Shape PLAIN =
      new Shape(
          TcpResidence.NEW_OWNER,
          MpaRole.INITIATOR,
          false,
          2,
          true,
          false,
          false,
          RtrKind.NONE,
          4,
          4,
          1460,
          false,
          true,
          7,
          1 << 17,
          false,
          12,
          0,
          0,
          0);

  public Shape residence(TcpResidence to) {
    return change(c -> c.residence = to);
  }

  public Shape role(MpaRole to) {
    return change(c -> c.role = to);
  }

  public Shape ipv6(boolean to) {
    return change(c -> c.ipv6 = to);
  }

  public Shape revision(int to) {
    return change(c -> c.revision = to);
  }

  public Shape crc(boolean to) {
    return change(c -> c.crc = to);
  }

  public Shape markers(boolean send, boolean receive) {
    return change(c -> {
      c.sendMarkers = send;
      c.receiveMarkers = receive;
    });
  }

  public Shape rtr(RtrKind to) {
    return change(c -> c.rtr = to);
  }

  public Shape depths(int in, int out) {
    return change(c -> {
      c.ird = in;
      c.ord = out;
    });
  }

  public Shape emss(int to) {
    return change(c -> c.emss = to);
  }

  public Shape timestamps(boolean to) {
    return change(c -> c.timestamps = to);
  }

  public Shape sack(boolean to) {
    return change(c -> c.sack = to);
  }

  public Shape windows(int scale, int bytes) {
    return change(c -> {
      c.windowScale = scale;
      c.windowBytes = bytes;
    });
  }

  public Shape vlan(boolean to) {
    return change(c -> c.vlan = to);
  }

  public Shape privateDataBytes(int to) {
    return change(c -> c.privateDataBytes = to);
  }

  public Shape queues(int unread, int unacknowledged, int unsent) {
    return change(c -> {
      c.unreadBytes = unread;
      c.unacknowledgedBytes = unacknowledged;
      c.unsentBytes = unsent;
    });
  }

  private Shape change(java.util.function.Consumer<Copy> how) {
    Copy copy = new Copy(this);
    how.accept(copy);
    return copy.shape();
  }

  /** The components, changeable. */
  private static final class Copy {
    private final Shape from;
    private TcpResidence residence;
    private MpaRole role;
    private boolean ipv6;
    private int revision;
    private boolean crc;
    private boolean sendMarkers;
    private boolean receiveMarkers;
    private RtrKind rtr;
    private int ird;
    private int ord;
    private int emss;
    private boolean timestamps;
    private boolean sack;
    private int windowScale;
    private int windowBytes;
    private boolean vlan;
    private int privateDataBytes;
    private int unreadBytes;
    private int unacknowledgedBytes;
    private int unsentBytes;

    Copy(Shape s) {
      from = s;
      residence = s.residence;
      role = s.role;
      ipv6 = s.ipv6;
      revision = s.revision;
      crc = s.crc;
      sendMarkers = s.sendMarkers;
      receiveMarkers = s.receiveMarkers;
      rtr = s.rtr;
      ird = s.ird;
      ord = s.ord;
      emss = s.emss;
      timestamps = s.timestamps;
      sack = s.sack;
      windowScale = s.windowScale;
      windowBytes = s.windowBytes;
      vlan = s.vlan;
      privateDataBytes = s.privateDataBytes;
      unreadBytes = s.unreadBytes;
      unacknowledgedBytes = s.unacknowledgedBytes;
      unsentBytes = s.unsentBytes;
    }

    Shape shape() {
      Shape made =
          new Shape(
              residence,
              role,
              ipv6,
              revision,
              crc,
              sendMarkers,
              receiveMarkers,
              rtr,
              ird,
              ord,
              emss,
              timestamps,
              sack,
              windowScale,
              windowBytes,
              vlan,
              privateDataBytes,
              unreadBytes,
              unacknowledgedBytes,
              unsentBytes);
      return made.equals(from) ? from : made;
    }
  }
}
