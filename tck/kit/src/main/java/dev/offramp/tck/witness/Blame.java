package dev.offramp.tck.witness;

import java.util.List;
import java.util.Optional;

/**
 * Whose doing something is, by the stack at which it happened: the vendor's when its code asked for
 * it, and neither when the kit did on the way, nor when the JDK did of its own accord (class
 * loading, initialisers, look-up of services and texts).
 */
final class Blame {
  /** Frames of these between the vendor's code and the deed: the JDK's own accord. */
  private static final List<String> OWN_ACCORD =
      List.of(
          "jdk.internal.loader.",
          "java.lang.ClassLoader",
          "java.lang.invoke.MethodHandleNatives",
          "java.lang.invoke.CallSite",
          "java.lang.invoke.BootstrapMethodInvoker",
          "java.lang.invoke.LambdaMetafactory",
          "java.lang.invoke.InnerClassLambdaMetafactory",
          "java.lang.invoke.StringConcatFactory",
          "jdk.internal.reflect.MethodHandleAccessorFactory",
          "jdk.internal.reflect.ReflectionFactory",
          "java.util.ResourceBundle",
          "java.util.ServiceLoader",
          "sun.util.locale.",
          "jdk.internal.logger.");

  /** Frames by which a call passes that was made by reflection or a method handle. */
  private static final List<String> PASSING =
      List.of("java.lang.reflect.", "jdk.internal.reflect.", "java.lang.invoke.");

  private static final String KIT = "dev.offramp.tck.";
  private static final String MODELS = "dev.offramp.models.";

  /**
   * A frame.
   *
   * @param type the class, with dots
   * @param method its name
   * @param isVendors whether it is the vendor's code
   */
  record Frame(String type, String method, boolean isVendors) {
    String words() {
      return type + "." + method;
    }
  }

  private Blame() {}

  /**
   * The vendor's frame that is to blame.
   *
   * @param stack the innermost frame first
   * @param directly whether only the innermost caller counts: for what the JDK does a lot itself
   */
  static Optional<Frame> of(List<Frame> stack, boolean directly) {
    for (int i = 0; i < stack.size(); i++) {
      Frame frame = stack.get(i);
      if (frame.isVendors()) {
        return Optional.of(frame);
      }
      if (frame.type().startsWith(KIT) || frame.type().startsWith(MODELS)) {
        return Optional.empty();
      }
      boolean ownAccord = frame.method().equals("<clinit>") || startsWith(frame.type(), OWN_ACCORD);
      if (i > 0 && (ownAccord || (directly && !startsWith(frame.type(), PASSING)))) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static boolean startsWith(String type, List<String> prefixes) {
    return prefixes.stream().anyMatch(type::startsWith);
  }
}
