package dev.offramp.interop;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A capture with the same octets in other segments: one for each MPA frame and each FPDU. TCP cuts
 * where it likes, and tshark often does not put an FPDU together again that spans segments; here it
 * has to see every one.
 */
final class Reframed implements Closeable {
  /** Where softiwarp is in this capture. */
  static final String OURS = "10.0.0.1";

  private static final int OUR_ADDRESS = 0x0a000001;
  private static final int SIW_ADDRESS = 0x0a000002;
  private static final int FIRST_PORT = 30_000;
  private static final int IWARP_PORT = 7174;
  private static final int HEADER_BYTES = 14 + 20 + 20;
  private static final int ETHERNET = 1;
  private static final int MAX_BYTES = 0xFFFF;

  private final OutputStream out;
  private int connections;

  private Reframed(OutputStream out) {
    this.out = out;
  }

  static Reframed create(Path file) throws IOException {
    Reframed capture = new Reframed(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
    ByteBuffer header = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    header.putInt(0).putInt(0).putInt(MAX_BYTES).putInt(ETHERNET);
    capture.out.write(header.array());
    return capture;
  }

  /** Adds one connection; {@code initiated} says whether our end sent the Request. */
  void add(List<byte[]> ours, List<byte[]> siws, boolean initiated) throws IOException {
    Direction mine = new Direction(true, FIRST_PORT + connections);
    Direction theirs = new Direction(false, FIRST_PORT + connections);
    connections++;
    (initiated ? mine : theirs).send((initiated ? ours : siws).get(0));
    (initiated ? theirs : mine).send((initiated ? siws : ours).get(0));
    for (byte[] unit : ours.subList(1, ours.size())) {
      mine.send(unit);
    }
    for (byte[] unit : siws.subList(1, siws.size())) {
      theirs.send(unit);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  private final class Direction {
    private final boolean ours;
    private final int port;
    private int sequence = 1;

    Direction(boolean ours, int port) {
      this.ours = ours;
      this.port = port;
    }

    void send(byte[] payload) throws IOException {
      int length = HEADER_BYTES + payload.length;
      ByteBuffer record = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
      record.putInt(0).putInt(0).putInt(length).putInt(length);
      out.write(record.array());
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
      header.put(new byte[] {2, 0, 0, 0, 0, (byte) (ours ? 2 : 1)});
      header.put(new byte[] {2, 0, 0, 0, 0, (byte) (ours ? 1 : 2)});
      header.putShort((short) 0x0800);
      header.put((byte) 0x45).put((byte) 0).putShort((short) (length - 14));
      header.putInt(0).put((byte) 64).put((byte) 6).putShort((short) 0);
      header.putInt(ours ? OUR_ADDRESS : SIW_ADDRESS).putInt(ours ? SIW_ADDRESS : OUR_ADDRESS);
      header.putShort((short) (ours ? port : IWARP_PORT));
      header.putShort((short) (ours ? IWARP_PORT : port));
      header.putInt(sequence).putInt(1).putShort((short) 0x5018).putShort((short) 0xFFFF).putInt(0);
      out.write(header.array());
      out.write(payload);
      sequence += payload.length;
    }
  }
}
