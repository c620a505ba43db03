package dev.offramp.iwarp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** The two byte streams of a capture that holds one TCP connection over IPv4 and Ethernet. */
public final class Pcap {
  private static final int FILE_HEADER = 24;
  private static final int RECORD_HEADER = 16;
  private static final int ETHERNET_HEADER = 14;
  private static final int SYN = 0x02;

  private Pcap() {}

  /** One direction: what its sender wrote, in order, without retransmissions. */
  private static final class Direction {
    private final TreeMap<Long, byte[]> segments = new TreeMap<>();
    private long start = -1;

    void add(long sequence, int flags, byte[] payload) {
      if ((flags & SYN) != 0) {
        start = sequence + 1;
      } else if (payload.length > 0) {
        segments.merge(sequence - start, payload, (a, b) -> a.length >= b.length ? a : b);
      }
    }

    byte[] bytes() {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (Map.Entry<Long, byte[]> segment : segments.entrySet()) {
        int known = (int) (out.size() - segment.getKey());
        if (known < 0) {
          throw new AssertionError("a hole in the capture at " + out.size());
        }
        if (known < segment.getValue().length) {
          out.write(segment.getValue(), known, segment.getValue().length - known);
        }
      }
      return out.toByteArray();
    }
  }

  /** The streams of the Initiator, who sends the Request, and of the Responder. */
  public static byte[][] streams(String name) {
    Map<Integer, Direction> directions = new LinkedHashMap<>();
    ByteBuffer file = read("/captures/" + name);
    int at = FILE_HEADER;
    while (at < file.limit()) {
      int length = file.getInt(at + 8);
      segment(file.slice(at + RECORD_HEADER, length).order(ByteOrder.BIG_ENDIAN), directions);
      at += RECORD_HEADER + length;
    }
    byte[][] both = directions.values().stream().map(Direction::bytes).toArray(byte[][]::new);
    boolean requestFirst = both[0].length > 9 && both[0][9] == 'q';
    return requestFirst ? both : new byte[][] {both[1], both[0]};
  }

  private static void segment(ByteBuffer frame, Map<Integer, Direction> directions) {
    int ip = ETHERNET_HEADER;
    int tcp = ip + (frame.get(ip) & 0x0F) * 4;
    int end = ip + (frame.getShort(ip + 2) & 0xFFFF);
    int payloadAt = tcp + ((frame.get(tcp + 12) >> 4) & 0x0F) * 4;
    byte[] payload = new byte[end - payloadAt];
    frame.get(payloadAt, payload);
    int ports = frame.getInt(tcp);
    directions
        .computeIfAbsent(ports, p -> new Direction())
        .add(frame.getInt(tcp + 4) & 0xFFFF_FFFFL, frame.get(tcp + 13), payload);
  }

  private static ByteBuffer read(String resource) {
    try (InputStream in = Pcap.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new AssertionError("no resource " + resource);
      }
      return ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
