package dev.offramp.linux.helper;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.SocketFilter;
import dev.offramp.linux.unix.UnixLink;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The C library of a process without privilege: what the kernel refuses it is asked of the helper.
 * Every other call is the real one. Safe for any thread; one question to the helper at a time.
 *
 * <p>What stops a connection fails at once with EPERM when no helper answers: the move can still be
 * given up. What lets one go on again is asked until a helper answers, at growing intervals, and
 * fails with {@link Errno#ETIMEDOUT} when none did in the time allowed; no kernel returns that for
 * these options. A helper that dies between doing something and saying so is no question: the
 * kernel tells what is set.
 */
public final class HelperLibC {
  private static final System.Logger LOG = System.getLogger(HelperLibC.class.getName());
  private static final Set<Opt> ASKED =
      Set.of(Opt.TCP_REPAIR, Opt.SO_SNDBUFFORCE, Opt.SO_RCVBUFFORCE, Opt.SO_DETACH_FILTER);

  /** For one answer; the helper does nothing that takes time. */
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** No link, or one that had been closed for being idle: the second try is on a new one. */
  private static final int QUICK_ATTEMPTS = 2;

  private static final long FIRST_WAIT_NANOS = 1_000_000;
  private static final long LONGEST_WAIT_NANOS = 500_000_000;

  private final LibC real;
  private final Path helper;
  private final long patienceNanos;
  private @Nullable UnixLink link;

  /** What became of one question. */
  private record Asked(boolean answered, boolean delivered, boolean late, long result) {
    static Asked answered(long result) {
      return new Asked(true, true, false, result);
    }

    static Asked silence(boolean delivered, boolean late) {
      return new Asked(false, delivered, late, -Errno.EPERM);
    }
  }

  private HelperLibC(LibC real, Path helper, Duration patience) {
    this.real = real;
    this.helper = helper;
    this.patienceNanos = patience.toNanos();
  }

  /**
   * A C library.
   *
   * @param helper the helper's Unix socket; connected to when it is first needed
   * @param patience how long a helper is waited for by what lets a connection go on again
   */
  @SuppressWarnings("exports") // for HostStack
  public static LibC of(LibC real, Path helper, Duration patience) {
    HelperLibC own = new HelperLibC(real, helper, patience);
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

  private long ask(int fd, HelperRequest request) {
    boolean patient = request.letsGoOn();
    long start = System.nanoTime();
    long wait = FIRST_WAIT_NANOS;
    boolean interrupted = false;
    try {
      for (int attempt = 1; ; attempt++) {
        Asked asked = attempt(fd, request);
        if (asked.answered()) {
          return asked.result();
        }
        if (asked.delivered() && isSet(fd, request)) {
          return 0;
        }
        long left = patienceNanos - (System.nanoTime() - start);
        // A helper that is late must not be asked a second time to stop what the first may stop.
        if (!patient && (attempt >= QUICK_ATTEMPTS || asked.late())) {
          LOG.log(System.Logger.Level.WARNING, "no helper answers at [{0}]", helper);
          return -Errno.EPERM;
        }
        if (attempt >= QUICK_ATTEMPTS) {
          if (left <= 0) {
            LOG.log(
                System.Logger.Level.ERROR,
                "no helper answers at [{0}], and a connection stands still; start one",
                helper);
            return -Errno.ETIMEDOUT;
          }
          // An interrupt must not leave a connection standing still: it is kept for later.
          interrupted |= Thread.interrupted();
          LockSupport.parkNanos(this, Math.min(wait, left));
          wait = Math.min(2 * wait, LONGEST_WAIT_NANOS);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized Asked attempt(int fd, HelperRequest request) {
    UnixLink asking = null;
    try {
      asking = link == null ? connect() : link;
      link = asking;
      asking.send(request.encode(), fd);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the helper at [" + helper + "] is not there", e);
      disconnect();
      return Asked.silence(false, false);
    }
    try {
      ByteBuffer answer = asking.receive().bytes();
      if (answer.remaining() >= Integer.BYTES) {
        return Asked.answered(told(answer));
      }
      disconnect();
      return Asked.silence(true, false);
    } catch (IOException e) {
      return afterSilence(asking);
    }
  }

  /**
   * From here on the helper cannot answer any more, and so takes back what it does; or it has
   * answered at the last moment.
   */
  private Asked afterSilence(UnixLink asking) {
    asking.shutdown();
    try {
      ByteBuffer answer = asking.receive().bytes();
      if (answer.remaining() >= Integer.BYTES) {
        return Asked.answered(told(answer));
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the helper at [" + helper + "] says nothing", e);
    } finally {
      disconnect();
    }
    return Asked.silence(true, true);
  }

  /** What the kernel says, which takes no privilege. */
  private boolean isSet(int fd, HelperRequest request) {
    OsSocket socket = new OsSocket(real, fd);
    try {
      if (HelperPolicy.is(request, Opt.TCP_REPAIR)) {
        return socket.getInt(Opt.TCP_REPAIR) == (request.value() == 1 ? 1 : 0);
      }
      if (HelperPolicy.is(request, Opt.SO_ATTACH_FILTER)) {
        return SocketFilter.attachedTo(socket).equals(SocketFilter.dropAll());
      }
      return HelperPolicy.is(request, Opt.SO_DETACH_FILTER)
          && SocketFilter.attachedTo(socket).isEmpty();
    } catch (LinuxException e) {
      return false;
    }
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
    UnixLink fresh = UnixLink.connect(real, helper, HelperRequest.MAX_MESSAGE_BYTES, ANSWER);
    fresh.timeout(ANSWER);
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
