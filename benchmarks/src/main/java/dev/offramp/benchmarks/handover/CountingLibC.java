package dev.offramp.benchmarks.handover;

import dev.offramp.linux.libc.LibC;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts every call of a {@link LibC} by name. Too slow to be timed with: counts and times come
 * from different moves.
 */
final class CountingLibC {
  private final LibC counted;
  private Map<String, Integer> calls = new TreeMap<>();

  CountingLibC(LibC real) {
    counted =
        (LibC)
            Proxy.newProxyInstance(
                LibC.class.getClassLoader(),
                new Class<?>[] {LibC.class},
                (proxy, method, args) -> call(real, method, args));
  }

  private Object call(LibC real, Method method, Object[] args) throws Throwable {
    if (method.getDeclaringClass() == LibC.class) {
      String name = method.getName();
      // The option says more than the call: level/number.
      calls.merge(
          name.endsWith("sockopt") ? name + " " + args[1] + "/" + args[2] : name, 1, Integer::sum);
    }
    try {
      return method.invoke(real, args);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  LibC libc() {
    return counted;
  }

  /** What was called since the last time, by name and, for socket options, level/number. */
  Map<String, Integer> take() {
    Map<String, Integer> taken = calls;
    calls = new TreeMap<>();
    return taken;
  }

  static int total(Map<String, Integer> calls) {
    return calls.values().stream().mapToInt(Integer::intValue).sum();
  }
}
