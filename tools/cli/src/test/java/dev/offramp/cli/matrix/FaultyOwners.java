package dev.offramp.cli.matrix;

import dev.offramp.api.Offramp;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Owners that break their contract on purpose, around real ones: an RNIC that is open is replaced
 * by one that asks a {@link Breaker} before and after each call. The runtime has no place for that,
 * and needs none, so its private table is written to.
 */
final class FaultyOwners {
  /** A call of an owner's that can go wrong. */
  enum Call {
    /** The new owner is asked, with nothing stopped. */
    ADMIT,
    /** The new owner is asked again, about the stopped connection. */
    ADMIT_STOPPED,
    /** The old owner is about to stop it. */
    DEPART,
    /** The old owner has stopped it, and says that it has not. */
    DEPARTED,
    /** The new owner is about to prepare it. */
    ARRIVE,
    /** The new owner has prepared it, and says that it has not. */
    ARRIVED,
    /** The old owner is about to lead segments away. */
    STEER_AWAY,
    /** The old owner is about to let go. */
    RELEASE,
    /** The new owner is about to run it, and the old one is gone. */
    ACTIVATE
  }

  /** Makes one call go wrong, once. For one move at a time. */
  static final class Breaker {
    private @Nullable Call armed;
    private int admissions;

    /** From here on the first call of this kind fails; null for none. */
    synchronized void arm(@Nullable Call call) {
      armed = call;
      admissions = 0;
    }

    /** Whether that has happened, or nothing was to. */
    synchronized boolean isDone() {
      return armed == null;
    }

    private synchronized boolean breaks(Call call) {
      Call now = call;
      if (call == Call.ADMIT && admissions++ > 0) {
        now = Call.ADMIT_STOPPED;
      }
      boolean breaks = now == armed;
      if (breaks) {
        armed = null;
      }
      return breaks;
    }
  }

  private FaultyOwners() {}

  /** Puts a breaker around an RNIC that {@code offramp} has opened. */
  static void wrap(Offramp offramp, String rnic, Breaker breaker) {
    try {
      Field table = offramp.getClass().getDeclaredField("opened");
      table.setAccessible(true);
      @SuppressWarnings("unchecked") // the field's type, but for the record, which is private
      Map<String, Object> opened = (Map<String, Object>) table.get(offramp);
      synchronized (offramp) {
        Record entry = (Record) Objects.requireNonNull(opened.get(rnic), rnic);
        Record open = (Record) component(entry, "rnic");
        Rnic real = (Rnic) component(open, "rnic");
        opened.put(rnic, with(entry, "rnic", with(open, "rnic", faulty(real, breaker))));
      }
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the runtime's table of RNICs is another one now", e);
    }
  }

  private static Object component(Record of, String name) throws ReflectiveOperationException {
    Method accessor = of.getClass().getDeclaredMethod(name);
    accessor.setAccessible(true);
    return accessor.invoke(of);
  }

  /** A copy with another value of one component. */
  private static Record with(Record of, String name, Object value)
      throws ReflectiveOperationException {
    RecordComponent[] components = of.getClass().getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          components[i].getName().equals(name) ? value : component(of, components[i].getName());
    }
    Constructor<?> constructor = of.getClass().getDeclaredConstructor(types);
    constructor.setAccessible(true);
    return (Record) constructor.newInstance(values);
  }

  private static Rnic faulty(Rnic real, Breaker breaker) {
    return proxy(
        Rnic.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "admits" ->
                  breaker.breaks(Call.ADMIT) ? refused() : call(real, method, arguments);
              case "depart" -> {
                fail(breaker, Call.DEPART);
                Departure departure = (Departure) call(real, method, arguments);
                if (breaker.breaks(Call.DEPARTED)) {
                  departure.resume();
                  throw broken(Call.DEPARTED);
                }
                yield faulty(departure, breaker);
              }
              case "arrive" -> {
                fail(breaker, Call.ARRIVE);
                RnicArrival arrival = (RnicArrival) call(real, method, arguments);
                if (breaker.breaks(Call.ARRIVED)) {
                  arrival.abandon();
                  throw broken(Call.ARRIVED);
                }
                yield faulty(arrival, breaker);
              }
              case "equals" -> isSame(proxy, arguments[0]);
              default -> call(real, method, arguments);
            });
  }

  @SuppressWarnings("ReferenceEquality") // what equals of an RNIC is
  private static boolean isSame(Object proxy, Object other) {
    return proxy == other;
  }

  private static Departure faulty(Departure real, Breaker breaker) {
    return proxy(
        Departure.class,
        (proxy, method, arguments) -> {
          switch (method.getName()) {
            case "steerAway" -> fail(breaker, Call.STEER_AWAY);
            case "release" -> fail(breaker, Call.RELEASE);
            default -> {}
          }
          return call(real, method, arguments);
        });
  }

  private static RnicArrival faulty(RnicArrival real, Breaker breaker) {
    return proxy(
        RnicArrival.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("activate")) {
            fail(breaker, Call.ACTIVATE);
          }
          return call(real, method, arguments);
        });
  }

  private static void fail(Breaker breaker, Call call) {
    if (breaker.breaks(call)) {
      throw broken(call);
    }
  }

  private static IllegalStateException broken(Call call) {
    return new IllegalStateException("broken on purpose: " + call);
  }

  private static Admission refused() {
    return Admission.refused(
        List.of(
            new Refusal(
                RefusalReason.NO_RESOURCES,
                "an owner that refuses on purpose",
                "none",
                "take the fault away")));
  }

  private static Object call(Object real, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            FaultyOwners.class.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
