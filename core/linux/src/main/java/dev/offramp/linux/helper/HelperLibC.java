package dev.offramp.linux.helper;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.SocketFilter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The C library of a process without privilege: what the kernel refuses it is asked of the helper.
 * Every other call is the real one. Safe for any thread; one question to the helper at a time.
 */
public final class HelperLibC {
  private static final System.Logger LOG = System.getLogger(HelperLibC.class.getName());
  private static final Set<Opt> ASKED =
      Set.of(Opt.TCP_REPAIR, Opt.SO_SNDBUFFORCE, Opt.SO_RCVBUFFORCE, Opt.SO_DETACH_FILTER);
  private static final int PATIENCE_SECONDS = 10;

  private final LibC real;
  private final Path helper;
  private @Nullable UnixLink link;

  private HelperLibC(LibC real, Path helper) {
    this.real = real;
    this.helper = helper;
  }

  /**
   * A C library.
   *
   * @param helper the helper's Unix socket; connected to when it is first needed
   */
  @SuppressWarnings("exports") // for HostStack
  public static LibC of(LibC real, Path helper) {
    HelperLibC own = new HelperLibC(real, helper);
    return (LibC)
        Proxy.newProxyInstance(
            LibC.class.getClassLoader(),
            new Class<?>[] {LibC.class},
            (proxy, method, arguments) -> own.call(method, arguments));
  }

  private Object call(Method method, Object[] arguments) throws Throwable {
    Object result;
    try {
      result = method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
    if (method.getName().equals("setsockopt") && result.equals((long) -Errno.EPERM)) {
      int level = (int) arguments[1];
      int option = (int) arguments[2];
      if (level == Opt.SO_ATTACH_FILTER.level()
          && option == Opt.SO_ATTACH_FILTER.number()
          && SocketFilter.isDropAll((MemorySegment) arguments[3])) {
        return ask((int) arguments[0], new HelperRequest(level, option, 0));
      }
      for (Opt asked : ASKED) {
        if (asked.level() == level && asked.number() == option) {
          int value = ((MemorySegment) arguments[3]).get(ValueLayout.JAVA_INT, 0);
          return ask((int) arguments[0], new HelperRequest(level, option, value));
        }
      }
    }
    return result;
  }

  /** The kernel's own answer where there is no helper. */
  private synchronized long ask(int fd, HelperRequest request) {
    for (int attempt = 0; attempt < 2; attempt++) {
      try {
        UnixLink known = link == null ? connect() : link;
        link = known;
        known.send(request.encode(), fd);
        ByteBuffer answer = known.receive().bytes();
        if (answer.remaining() >= Integer.BYTES) {
          return told(answer);
        }
        // It has closed the link, being idle: once more.
        disconnect();
      } catch (IOException e) {
        disconnect();
        if (attempt > 0) {
          LOG.log(System.Logger.Level.WARNING, "the helper at [" + helper + "] is not there", e);
        }
      }
    }
    return -Errno.EPERM;
  }

  private static long told(ByteBuffer answer) {
    int result = answer.getInt();
    if (answer.hasRemaining()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the helper refuses: {0}",
          StandardCharsets.UTF_8.decode(answer));
      // Whatever its reason: to this process it is a privilege that it has not.
      return -Errno.EPERM;
    }
    return result;
  }

  private UnixLink connect() throws IOException {
    UnixLink fresh = UnixLink.connect(real, helper);
    fresh.timeout(PATIENCE_SECONDS);
    return fresh;
  }

  private void disconnect() {
    UnixLink known = link;
    link = null;
    if (known != null) {
      known.close();
    }
  }
}
