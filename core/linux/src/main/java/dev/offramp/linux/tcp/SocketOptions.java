package dev.offramp.linux.tcp;

import static dev.offramp.api.descriptor.DescriptorFields.CONGESTION_CONTROL;
import static dev.offramp.api.descriptor.DescriptorFields.KEEP_ALIVE;
import static dev.offramp.api.descriptor.DescriptorFields.KEEP_ALIVE_IDLE_SECONDS;
import static dev.offramp.api.descriptor.DescriptorFields.KEEP_ALIVE_INTERVAL_SECONDS;
import static dev.offramp.api.descriptor.DescriptorFields.KEEP_ALIVE_PROBES;
import static dev.offramp.api.descriptor.DescriptorFields.LINGER_SECONDS;
import static dev.offramp.api.descriptor.DescriptorFields.NO_DELAY;
import static dev.offramp.api.descriptor.DescriptorFields.OUT_OF_BAND_INLINE;
import static dev.offramp.api.descriptor.DescriptorFields.USER_TIMEOUT_MILLIS;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The options that an application has chosen for its socket, as they travel in a descriptor. */
public final class SocketOptions {
  /** TCP_CA_NAME_MAX. */
  private static final int MAX_NAME_BYTES = 16;

  private static final int LINGER_BYTES = 8;

  private static final List<Switch> SWITCHES =
      List.of(
          new Switch(NO_DELAY, Opt.TCP_NODELAY),
          new Switch(KEEP_ALIVE, Opt.SO_KEEPALIVE),
          new Switch(OUT_OF_BAND_INLINE, Opt.SO_OOBINLINE));
  private static final List<Choice> NUMBERS =
      List.of(
          new Choice(KEEP_ALIVE_IDLE_SECONDS, Opt.TCP_KEEPIDLE),
          new Choice(KEEP_ALIVE_INTERVAL_SECONDS, Opt.TCP_KEEPINTVL),
          new Choice(KEEP_ALIVE_PROBES, Opt.TCP_KEEPCNT));

  private record Switch(FieldKey<Boolean> key, Opt option) {}

  private record Choice(FieldKey<Integer> key, Opt option) {}

  private SocketOptions() {}

  /** Reads them all into {@code to}. */
  public static void describe(OsSocket socket, IwarpConnectionDescriptor.Builder to)
      throws LinuxException {
    for (Switch s : SWITCHES) {
      to.present(s.key, socket.getInt(s.option) != 0, s.option.name());
    }
    for (Choice n : NUMBERS) {
      to.present(n.key, socket.getInt(n.option), n.option.name());
    }
    to.present(
        USER_TIMEOUT_MILLIS,
        Integer.toUnsignedLong(socket.getInt(Opt.TCP_USER_TIMEOUT)),
        Opt.TCP_USER_TIMEOUT.name());
    String congestion = text(socket.getBytes(Opt.TCP_CONGESTION, MAX_NAME_BYTES));
    if (congestion.isEmpty()) {
      to.absent(CONGESTION_CONTROL, "TCP_CONGESTION gave no name");
    } else {
      to.present(CONGESTION_CONTROL, congestion, Opt.TCP_CONGESTION.name());
    }
    ByteBuffer linger = words(socket.getBytes(Opt.SO_LINGER, LINGER_BYTES));
    if (linger.getInt() == 0) {
      to.absent(LINGER_SECONDS, "SO_LINGER is off");
    } else {
      to.present(LINGER_SECONDS, linger.getInt(), Opt.SO_LINGER.name());
    }
  }

  /**
   * Sets those that {@code from} knows, on a new socket: there, switches are off and there is no
   * user timeout, whatever the system's settings are (sock_init_data, tcp_init_sock).
   */
  public static void apply(IwarpConnectionDescriptor from, OsSocket socket) throws LinuxException {
    for (Choice n : NUMBERS) {
      if (from.isKnown(n.key)) {
        socket.setInt(n.option, from.value(n.key));
      }
    }
    for (Switch s : SWITCHES) {
      if (from.get(s.key).orElse(false)) {
        socket.setInt(s.option, 1);
      }
    }
    long userTimeoutMillis = from.get(USER_TIMEOUT_MILLIS).orElse(0L);
    if (userTimeoutMillis != 0) {
      socket.setInt(Opt.TCP_USER_TIMEOUT, (int) userTimeoutMillis);
    }
    if (from.isKnown(CONGESTION_CONTROL)) {
      setCongestionControl(from.value(CONGESTION_CONTROL), socket);
    }
    if (from.isKnown(LINGER_SECONDS)) {
      byte[] linger = new byte[LINGER_BYTES];
      words(linger).putInt(1).putInt(from.value(LINGER_SECONDS));
      socket.setBytes(Opt.SO_LINGER, linger);
    }
  }

  private static void setCongestionControl(String name, OsSocket socket) throws LinuxException {
    try {
      socket.setBytes(Opt.TCP_CONGESTION, name.getBytes(StandardCharsets.UTF_8));
    } catch (LinuxException e) {
      // Admission has told of this loss: the algorithm is not there. The default one stays.
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

  private static ByteBuffer words(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }

  /** A C string: up to the first NUL. */
  static String text(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }
}
