package dev.offramp.linux.helper;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import dev.offramp.linux.tcp.Opt;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A helper that gives itself SIGKILL at a request. Arguments: its socket; the number of that
 * request, from 1, or 0; whether before it is carried out, or between that and the answer.
 */
public final class HelperMain {
  private static final int SIGKILL = 9;
  private static final Set<Integer> OPTIONS =
      Set.of(
          Opt.TCP_REPAIR.number(),
          Opt.SO_SNDBUFFORCE.number(),
          Opt.SO_RCVBUFFORCE.number(),
          Opt.SO_ATTACH_FILTER.number(),
          Opt.SO_DETACH_FILTER.number());

  private HelperMain() {}

  public static void main(String[] args) throws Exception {
    int last = Integer.parseInt(args[1]);
    boolean before = args[2].equals("RECEIVED");
    LibC real = NativeAccess.libc();
    AtomicInteger requests = new AtomicInteger();
    LibC mortal =
        (LibC)
            Proxy.newProxyInstance(
                LibC.class.getClassLoader(),
                new Class<?>[] {LibC.class},
                (proxy, method, arguments) -> {
                  boolean dies =
                      method.getName().equals("setsockopt")
                          && OPTIONS.contains((Integer) arguments[2])
                          && requests.incrementAndGet() == last;
                  if (dies && before) {
                    real.kill((int) real.getpid(), SIGKILL);
                  }
                  try {
                    return method.invoke(real, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  } finally {
                    if (dies) {
                      real.kill((int) real.getpid(), SIGKILL);
                    }
                  }
                });
    try (HelperServer server = HelperServer.open(mortal, Path.of(args[0]), Set.of(0))) {
      System.out.println("ready " + server.hashCode());
      System.out.flush();
      new CountDownLatch(1).await();
    }
  }
}
