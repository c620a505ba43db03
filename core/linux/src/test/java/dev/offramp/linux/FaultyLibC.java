package dev.offramp.linux;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** The real C library, except that chosen calls are not made and return an errno. */
final class FaultyLibC {
  private final LibC libc;
  private final Rule rule;
  private int calls;
  private boolean healed;
  private String lastFailed = "none";

  /** Decides on a call: 0 makes it, else it returns that. */
  interface Rule {
    long resultOf(int number, String name, @Nullable Object[] arguments);
  }

  FaultyLibC(Rule rule) {
    this.rule = rule;
    LibC real = NativeAccess.libc();
    this.libc =
        (LibC)
            Proxy.newProxyInstance(
                LibC.class.getClassLoader(),
                new Class<?>[] {LibC.class},
                (proxy, method, arguments) -> call(real, method, arguments));
  }

  /** Fails only call number {@code failing}, counted from 1. */
  static FaultyLibC once(int failing, int errno) {
    return new FaultyLibC((number, name, arguments) -> number == failing ? -errno : 0);
  }

  /** Fails call number {@code first} and all after it. */
  static FaultyLibC from(int first, int errno) {
    return new FaultyLibC((number, name, arguments) -> number >= first ? -errno : 0);
  }

  private synchronized Object call(LibC real, Method method, Object[] arguments) throws Throwable {
    if (method.getDeclaringClass() == Object.class) {
      return method.invoke(real, arguments);
    }
    calls++;
    long result = healed ? 0 : rule.resultOf(calls, method.getName(), arguments);
    if (result != 0) {
      lastFailed = calls + " " + method.getName();
      if (method.getName().equals("close")) {
        method.invoke(real, arguments); // Linux frees the descriptor whatever it returns
      }
      return result;
    }
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  LibC libc() {
    return libc;
  }

  synchronized void heal() {
    healed = true;
  }

  synchronized int calls() {
    return calls;
  }

  synchronized String lastFailed() {
    return lastFailed;
  }
}
