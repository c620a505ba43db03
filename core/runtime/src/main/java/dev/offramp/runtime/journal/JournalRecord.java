package dev.offramp.runtime.journal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One phase of one transfer. Complete in itself, so that nothing is missing when older ones are
 * gone.
 *
 * <pre>
 * u32 length of what follows the checksum, u32 CRC32c of that, then: u8 version, u64 id,
 * u64 milliseconds since 1970, u8 phase, and five strings: local end, remote end, old owner,
 * new owner, remark (each u16 length, UTF-8)
 * </pre>
 *
 * @param id which transfer; drawn at random
 * @param timeMillis since 1970
 * @param phase what is recorded
 * @param local this end's address and port
 * @param remote the peer's
 * @param from the old owner
 * @param to the new owner
 * @param remark what went wrong, or nothing
 */
record JournalRecord(
    long id,
    long timeMillis,
    Phase phase,
    String local,
    String remote,
    String from,
    String to,
    String remark) {
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = 8;
  private static final int MAX_TEXT_CHARS = 300;

  /** Five strings at their longest, in UTF-8, and the rest. */
  static final int MAX_BYTES = HEADER_BYTES + 18 + 5 * (2 + 3 * MAX_TEXT_CHARS);

  JournalRecord {
    local = cut(local);
    remote = cut(remote);
    from = cut(from);
    to = cut(to);
    remark = cut(remark);
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT_CHARS ? text : text.substring(0, MAX_TEXT_CHARS);
  }

  JournalRecord with(Phase next, long nowMillis, String why) {
    return new JournalRecord(id, nowMillis, next, local, remote, from, to, why);
  }

  ByteBuffer encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeLong(id);
      out.writeLong(timeMillis);
      out.writeByte(phase.code());
      out.writeUTF(local);
      out.writeUTF(remote);
      out.writeUTF(from);
      out.writeUTF(to);
      out.writeUTF(remark);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    byte[] payload = bytes.toByteArray();
    return ByteBuffer.allocate(HEADER_BYTES + payload.length)
        .putInt(payload.length)
        .putInt(checksum(payload))
        .put(payload)
        .flip();
  }

  /**
   * The record at a buffer's position, which moves behind it; nothing, and no move, when none is
   * there: the file ends, or was cut, or altered.
   */
  static Optional<JournalRecord> decode(ByteBuffer in) {
    if (in.remaining() < HEADER_BYTES) {
      return Optional.empty();
    }
    int start = in.position();
    int length = in.getInt(start);
    if (length < 1 || length > MAX_BYTES - HEADER_BYTES || length > in.remaining() - HEADER_BYTES) {
      return Optional.empty();
    }
    byte[] payload = new byte[length];
    in.get(start + HEADER_BYTES, payload);
    if (checksum(payload) != in.getInt(start + Integer.BYTES)) {
      return Optional.empty();
    }
    Optional<JournalRecord> record = parse(payload);
    if (record.isPresent()) {
      in.position(start + HEADER_BYTES + length);
    }
    return record;
  }

  private static Optional<JournalRecord> parse(byte[] payload) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(payload))) {
      if (in.readUnsignedByte() != VERSION) {
        return Optional.empty();
      }
      long id = in.readLong();
      long time = in.readLong();
      Optional<Phase> phase = Phase.of(in.readUnsignedByte());
      JournalRecord record =
          new JournalRecord(
              id,
              time,
              phase.orElse(Phase.BEGUN),
              in.readUTF(),
              in.readUTF(),
              in.readUTF(),
              in.readUTF(),
              in.readUTF());
      return phase.isPresent() && in.available() == 0 ? Optional.of(record) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
