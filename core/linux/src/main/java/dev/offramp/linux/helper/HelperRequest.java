package dev.offramp.linux.helper;

import dev.offramp.linux.tcp.Opt;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What can be asked of the helper: one socket option to be set on the socket that comes along.
 *
 * <p>SO_ATTACH_FILTER with 0 stands for one program, the fence that drops every segment: no other
 * is taken from a client. Linux 6.18 lets no process attach one without CAP_NET_ADMIN, as seen.
 *
 * <pre>
 * u32 magic, u32 level, u32 option, s32 value; answered by s32 0 or -errno, and a text in UTF-8
 * </pre>
 */
record HelperRequest(int level, int option, int value) {
  /** More than any request, or answer, has. */
  static final int MAX_MESSAGE_BYTES = 512;

  private static final int MAGIC = 0x4F46_4831;
  private static final int BYTES = 16;

  /** Whether it undoes a stop, or begins what was prepared: nothing else can be done instead. */
  boolean letsGoOn() {
    return HelperPolicy.is(this, Opt.SO_DETACH_FILTER)
        || (HelperPolicy.is(this, Opt.TCP_REPAIR) && value != 1);
  }

  /** What takes it back, where its being done unknown would leave a connection standing still. */
  Optional<HelperRequest> undoing() {
    if (HelperPolicy.is(this, Opt.SO_ATTACH_FILTER)) {
      Opt detach = Opt.SO_DETACH_FILTER;
      return Optional.of(new HelperRequest(detach.level(), detach.number(), 0));
    }
    return HelperPolicy.is(this, Opt.TCP_REPAIR) && value == 1
        ? Optional.of(new HelperRequest(level, option, -1))
        : Optional.empty();
  }

  byte[] encode() {
    byte[] bytes = new byte[BYTES];
    ByteBuffer.wrap(bytes).putInt(MAGIC).putInt(level).putInt(option).putInt(value);
    return bytes;
  }

  static Optional<HelperRequest> decode(ByteBuffer bytes) {
    if (bytes.remaining() != BYTES) {
      return Optional.empty();
    }
    ByteBuffer in = bytes.duplicate();
    return in.getInt() == MAGIC
        ? Optional.of(new HelperRequest(in.getInt(), in.getInt(), in.getInt()))
        : Optional.empty();
  }
}
