package dev.offramp.interop;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The TCP streams of a capture in the classic pcap format on Ethernet, put together again from
 * segments in whatever order, with or without retransmissions.
 */
final class Capture {
  private static final int FILE_HEADER_BYTES = 24;
  private static final int RECORD_HEADER_BYTES = 16;
  private static final int LENGTH_OFFSET = 8;
  private static final int ETHERNET_BYTES = 14;
  private static final int ETHER_TYPE_OFFSET = 12;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int IPV6_BYTES = 40;
  private static final int TCP = 6;
  private static final int SYN = 0x02;
  private static final int ACK = 0x10;
  private static final int MICROSECONDS_MAGIC = 0xa1b2c3d4;

  /** One direction of a connection. */
  record Flow(InetSocketAddress from, InetSocketAddress to) {
    Flow reversed() {
      return new Flow(to, from);
    }
  }

  /** What one end wrote, in order. */
  static final class Stream {
    private final TreeMap<Long, byte[]> segments = new TreeMap<>();
    private final long start;

    Stream(long initialSequence) {
      this.start = initialSequence + 1;
    }

    private void add(long sequence, byte[] payload) {
      if (payload.length > 0) {
        segments.merge(
            sequence - start & 0xFFFF_FFFFL, payload, (a, b) -> a.length >= b.length ? a : b);
      }
    }

    /**
     * The octets.
     *
     * @throws CaseFailure when some are missing
     */
    byte[] octets() throws CaseFailure {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (Map.Entry<Long, byte[]> segment : segments.entrySet()) {
        long known = out.size() - segment.getKey();
        CaseFailure.require(known >= 0, "a hole at " + out.size(), "a capture without holes");
        byte[] octets = segment.getValue();
        if (known < octets.length) {
          out.write(octets, (int) known, octets.length - (int) known);
        }
      }
      return out.toByteArray();
    }
  }

  /**
   * A connection.
   *
   * @param flow of the end that connected
   * @param forth what that end wrote
   * @param back what the other end wrote
   */
  record Connection(Flow flow, Stream forth, Stream back) {}

  private final Map<Flow, Stream> open = new LinkedHashMap<>();
  private final List<Connection> connections = new ArrayList<>();

  private Capture() {}

  /** The connections in a file that fits into memory, in the order of their beginnings. */
  static List<Connection> read(Path file) throws IOException {
    return parse(bytes(file)).connections;
  }

  /** The same for what is in memory already. */
  static List<Connection> read(ByteBuffer file) throws IOException {
    return parse(file.duplicate().order(ByteOrder.LITTLE_ENDIAN)).connections;
  }

  /** Whether somebody tried to connect to this port; the end of the file may be incomplete. */
  static boolean hasAttempt(Path file, int port) throws IOException {
    try {
      return parse(bytes(file)).open.keySet().stream()
          .anyMatch(flow -> flow.to().getPort() == port);
    } catch (CaseFailure notWhole) {
      return false;
    }
  }

  private static ByteBuffer bytes(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return channel
          .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
          .order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private static Capture parse(ByteBuffer file) throws IOException {
    if (file.limit() < FILE_HEADER_BYTES || file.getInt(0) != MICROSECONDS_MAGIC) {
      throw new CaseFailure("seen [no pcap header], expected a little-endian pcap file");
    }
    Capture capture = new Capture();
    int at = FILE_HEADER_BYTES;
    while (at + RECORD_HEADER_BYTES <= file.limit()) {
      int length = file.getInt(at + LENGTH_OFFSET);
      if (length < 0 || length > file.limit() - at - RECORD_HEADER_BYTES) {
        throw new CaseFailure("seen [a record of " + length + " bytes], expected a whole file");
      }
      capture.frame(file.slice(at + RECORD_HEADER_BYTES, length).order(ByteOrder.BIG_ENDIAN));
      at += RECORD_HEADER_BYTES + length;
    }
    return capture;
  }

  private void frame(ByteBuffer frame) throws IOException {
    int type = frame.getShort(ETHER_TYPE_OFFSET) & 0xFFFF;
    if (type == IPV4 && frame.get(ETHERNET_BYTES + 9) == TCP) {
      int tcp = ETHERNET_BYTES + (frame.get(ETHERNET_BYTES) & 0x0F) * 4;
      int end = ETHERNET_BYTES + (frame.getShort(ETHERNET_BYTES + 2) & 0xFFFF);
      segment(frame, ETHERNET_BYTES + 12, 4, tcp, end);
    } else if (type == IPV6 && frame.get(ETHERNET_BYTES + 6) == TCP) {
      int tcp = ETHERNET_BYTES + IPV6_BYTES;
      int end = tcp + (frame.getShort(ETHERNET_BYTES + 4) & 0xFFFF);
      segment(frame, ETHERNET_BYTES + 8, 16, tcp, end);
    }
  }

  private void segment(ByteBuffer frame, int addresses, int addressBytes, int tcp, int end)
      throws IOException {
    byte[] octets = new byte[2 * addressBytes];
    frame.get(addresses, octets);
    Flow flow =
        new Flow(
            end(octets, 0, addressBytes, frame.getShort(tcp)),
            end(octets, addressBytes, addressBytes, frame.getShort(tcp + 2)));
    CaseFailure.require(
        end <= frame.limit(), "a frame cut to " + frame.limit() + " of " + end + " bytes", "all");
    long sequence = frame.getInt(tcp + 4) & 0xFFFF_FFFFL;
    int payloadAt = tcp + ((frame.get(tcp + 12) >> 4) & 0x0F) * 4;
    int flags = frame.get(tcp + 13);
    if ((flags & SYN) != 0) {
      synchronise(flow, sequence, (flags & ACK) != 0);
      return;
    }
    Stream stream = open.get(flow);
    if (stream != null) {
      byte[] payload = new byte[end - payloadAt];
      frame.get(payloadAt, payload);
      stream.add(sequence, payload);
    }
  }

  /** A SYN starts a connection, its answer completes the pair; copies of them change nothing. */
  private void synchronise(Flow flow, long sequence, boolean answer) {
    Stream known = open.get(flow);
    if (known != null && known.start == sequence + 1) {
      return;
    }
    Stream stream = new Stream(sequence);
    open.put(flow, stream);
    if (!answer) {
      // The ports may have been used before.
      open.remove(flow.reversed());
      return;
    }
    Stream other = open.get(flow.reversed());
    if (other != null) {
      connections.add(new Connection(flow.reversed(), other, stream));
    }
  }

  private static InetSocketAddress end(byte[] octets, int offset, int length, short port)
      throws IOException {
    byte[] address = new byte[length];
    System.arraycopy(octets, offset, address, 0, length);
    return new InetSocketAddress(InetAddress.getByAddress(address), port & 0xFFFF);
  }
}
