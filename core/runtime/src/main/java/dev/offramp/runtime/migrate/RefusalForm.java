package dev.offramp.runtime.migrate;

import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Refusals on the wire: u16 count, then four strings each (u16 length, UTF-8). */
final class RefusalForm {
  private static final int MAX_CHARS = 2_000;

  private RefusalForm() {}

  /** What stood in the way; a failure that is no refusal becomes one. */
  static ByteBuffer encode(Exception why) throws IOException {
    List<Refusal> refusals =
        why instanceof TransferException typed && !typed.refusals().isEmpty()
            ? typed.refusals()
            : List.of(
                new Refusal(
                    RefusalReason.NO_RESOURCES,
                    String.valueOf(why.getMessage()),
                    "a connection that arrives",
                    "see the receiving process"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeShort(refusals.size());
    for (Refusal refusal : refusals) {
      out.writeUTF(refusal.reason().name());
      out.writeUTF(cut(refusal.seen()));
      out.writeUTF(cut(refusal.expected()));
      out.writeUTF(cut(refusal.remedy()));
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  private static String cut(String text) {
    return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS);
  }

  /**
   * What stood in the way.
   *
   * @param step at which
   * @throws MigrationException PROTOCOL for octets that are no refusals
   */
  static TransferException decode(ByteBuffer payload, TransferStep step) throws MigrationException {
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    List<Refusal> refusals = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      for (int left = in.readUnsignedShort(); left > 0; left--) {
        refusals.add(new Refusal(reason(in.readUTF()), in.readUTF(), in.readUTF(), in.readUTF()));
      }
    } catch (IOException e) {
      throw new MigrationException(
          MigrationException.Reason.PROTOCOL,
          "refusals of [" + bytes.length + "] bytes, expected what they say they have",
          e);
    }
    if (refusals.isEmpty()) {
      throw new MigrationException(
          MigrationException.Reason.PROTOCOL, "no refusal at all, expected at least one");
    }
    return TransferException.refused(step, refusals);
  }

  /** A newer process may know more of them. */
  private static RefusalReason reason(String name) {
    try {
      return RefusalReason.valueOf(name);
    } catch (IllegalArgumentException e) {
      return RefusalReason.UNSUPPORTED;
    }
  }
}
