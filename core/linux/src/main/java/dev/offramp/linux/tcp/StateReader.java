package dev.offramp.linux.tcp;

import static dev.offramp.api.descriptor.DescriptorFields.*;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Turns what Linux says about a socket into a descriptor's fields, each with its source. */
public final class StateReader {
  private static final String IN_REPAIR_ONLY = "only repair mode shows it";
  private static final int MIN_SEND_MSS = 1;

  private StateReader() {}

  /**
   * What needs no freeze and does not change while no application thread touches the socket.
   *
   * @return the two ends
   */
  public static Ends describeConstants(
      OsSocket socket, TcpInfo info, IwarpConnectionDescriptor.Builder to) throws IOException {
    OsSocket.Name local = socket.localName();
    to.present(LOCAL_ADDRESS, local.address(), "getsockname");
    InetSocketAddress remote = socket.remoteName().address();
    to.present(REMOTE_ADDRESS, remote, "getpeername");
    to.present(V4_MAPPED_SOCKET, local.mapped(), "getsockname");
    boolean v6 =
        local.family() == dev.offramp.linux.libc.SocketAddresses.AF_INET6 && !local.mapped();
    describeNegotiated(info, to);
    SocketOptions.describe(socket, to);
    IpOptions.describe(socket, v6, to);
    return new Ends(local.address(), remote);
  }

  /** The addresses of a connection, v4-mapped ones as IPv4. */
  public record Ends(InetSocketAddress local, InetSocketAddress remote) {}

  private static void describeNegotiated(TcpInfo info, IwarpConnectionDescriptor.Builder to) {
    to.present(WINDOW_SCALING, info.windowScaling(), "TCP_INFO.tcpi_options");
    to.present(
        SEND_WINDOW_SCALE, info.windowScaling() ? info.sendScale() : 0, "TCP_INFO.tcpi_snd_wscale");
    to.present(
        RECEIVE_WINDOW_SCALE,
        info.windowScaling() ? info.receiveScale() : 0,
        "TCP_INFO.tcpi_rcv_wscale");
    to.present(SACK_PERMITTED, info.sack(), "TCP_INFO.tcpi_options");
    to.present(TIMESTAMPS, info.timestamps(), "TCP_INFO.tcpi_options");
    to.present(ECN, info.ecn(), "TCP_INFO.tcpi_options");
  }

  /** What changes with traffic and can be seen on a running connection: a snapshot. */
  public static void describeRunning(TcpInfo info, IwarpConnectionDescriptor.Builder to) {
    describeMetrics(info, to);
    word(SND_WND, info.sendWindowBytes(), "TCP_INFO.tcpi_snd_wnd", to);
    word(RCV_WND, info.receiveWindowBytes(), "TCP_INFO.tcpi_rcv_wnd", to);
    for (FieldKey<?> key :
        new FieldKey<?>[] {
          MSS_CLAMP_BYTES,
          SND_UNA,
          SND_NXT,
          SND_MAX,
          SND_WL1,
          MAX_SND_WND,
          RCV_NXT,
          RCV_WUP,
          TIMESTAMP_NOW,
          UNACKNOWLEDGED,
          UNSENT,
          UNREAD
        }) {
      to.absent(key, IN_REPAIR_ONLY);
    }
  }

  static void describe(Snapshot snapshot, IwarpConnectionDescriptor.Builder to) {
    SequenceNumbers numbers = snapshot.numbers();
    describeMetrics(snapshot.info(), to);
    if (snapshot.mssClampBytes() >= 1) {
      to.present(MSS_CLAMP_BYTES, snapshot.mssClampBytes(), "TCP_MAXSEG in repair");
    }
    to.derived(SND_UNA, numbers.sndUna(), "TCP_QUEUE_SEQ(send) - SIOCOUTQ");
    to.derived(SND_NXT, numbers.sndNxt(), "TCP_QUEUE_SEQ(send) - SIOCOUTQNSD");
    to.derived(SND_MAX, numbers.sndNxt(), "snd_nxt: Linux never moves it back");
    to.present(RCV_NXT, numbers.rcvNxt(), "TCP_QUEUE_SEQ(receive)");
    RepairWindow window = snapshot.window();
    to.present(SND_WL1, window.sndWl1(), "TCP_REPAIR_WINDOW.snd_wl1");
    to.present(SND_WND, window.sndWnd(), "TCP_REPAIR_WINDOW.snd_wnd");
    to.present(MAX_SND_WND, window.maxWindow(), "TCP_REPAIR_WINDOW.max_window");
    to.present(RCV_WND, window.rcvWnd(), "TCP_REPAIR_WINDOW.rcv_wnd");
    to.present(RCV_WUP, window.rcvWup(), "TCP_REPAIR_WINDOW.rcv_wup");
    to.present(UNACKNOWLEDGED, snapshot.unacknowledged(), "recv(MSG_PEEK) of the send queue");
    to.present(UNSENT, snapshot.unsent(), "recv(MSG_PEEK) of the send queue");
    to.present(UNREAD, snapshot.unread(), "recv(MSG_PEEK) of the receive queue");
    if (snapshot.info().timestamps()) {
      to.present(TIMESTAMP_NOW, snapshot.timestamp(), "TCP_TIMESTAMP");
    } else {
      to.absent(TIMESTAMP_NOW, "the timestamp option is off");
    }
  }

  private static void describeMetrics(TcpInfo info, IwarpConnectionDescriptor.Builder to) {
    to.present(TCP_STATE, info.state(), "TCP_INFO.tcpi_state");
    if (info.sendMssBytes() >= MIN_SEND_MSS) {
      to.present(SEND_MSS_BYTES, (int) info.sendMssBytes(), "TCP_INFO.tcpi_snd_mss");
    }
    to.derived(
        CWND_BYTES,
        info.cwndSegments() * info.sendMssBytes(),
        "TCP_INFO.tcpi_snd_cwnd * tcpi_snd_mss");
    if (info.ssthreshSegments() < TcpInfo.INFINITE_SSTHRESH) {
      to.derived(
          SSTHRESH_BYTES,
          info.ssthreshSegments() * info.sendMssBytes(),
          "TCP_INFO.tcpi_snd_ssthresh * tcpi_snd_mss");
    } else {
      to.absent(SSTHRESH_BYTES, "TCP_INFO.tcpi_snd_ssthresh is infinite: no loss so far");
    }
    if (info.rttMicros() == 0) {
      to.absent(SRTT_MICROS, "no round trip has been measured");
      to.absent(RTTVAR_MICROS, "no round trip has been measured");
    } else {
      to.present(SRTT_MICROS, info.rttMicros(), "TCP_INFO.tcpi_rtt");
      to.present(RTTVAR_MICROS, info.rttvarMicros(), "TCP_INFO.tcpi_rttvar");
    }
    to.present(RTO_MICROS, info.rtoMicros(), "TCP_INFO.tcpi_rto");
    to.absent(TS_RECENT, "Linux has no getsockopt for it");
    to.absent(TS_RECENT_AGE_MILLIS, "Linux has no getsockopt for it");
    to.absent(TCP_RESIDENCE, "the new owner decides it");
    to.absent(IWARP_PHASE, "the host's stack does not know what its bytes mean");
  }

  private static void word(
      FieldKey<Long> key, long value, String source, IwarpConnectionDescriptor.Builder to) {
    if (value == TcpInfo.ABSENT) {
      to.absent(key, source + " is not in this kernel's structure");
    } else {
      to.present(key, value, source);
    }
  }

  /** Whether both queues fit a descriptor. */
  public static boolean fits(int unreadBytes, int queuedBytes) {
    return unreadBytes <= DescriptorFields.MAX_QUEUE_BYTES
        && queuedBytes <= DescriptorFields.MAX_QUEUE_BYTES;
  }
}
