package dev.offramp.tck.rule;

import java.util.List;

/** Complete mediation: what makes the verdict sound. */
public final class PortRules {
  private static final RuleSet SET = new RuleSet(Family.MEDIATION);

  private static final String SOURCE = "RnicDriver; design, decision 5";

  public static final Rule P01 =
      SET.must(
          "P01",
          SOURCE + "; JEP 472",
          "The driver makes no native call: it uses no linker, declares no native method, loads no"
              + " library.",
          "java.lang.foreign.Linker and SymbolLookup, System.load, native methods, ELF files.");

  public static final Rule P02 =
      SET.must(
          "P02",
          SOURCE,
          "The driver opens no file.",
          "java.io and java.nio.file; FileChannel; the path that the finding names.");

  public static final Rule P03 =
      SET.must(
          "P03",
          SOURCE,
          "The driver opens no socket or channel.",
          "java.net sockets, java.nio.channels; streams come from streams().prepare.");

  public static final Rule P04 =
      SET.must("P04", SOURCE, "The driver starts no process.", "ProcessBuilder, Runtime.exec.");

  public static final Rule P05 =
      SET.must(
          "P05",
          SOURCE,
          "The driver makes no thread: none is started, and none is left when it is closed.",
          "Thread, executors, timers; work belongs on context.eventLoops().");

  public static final Rule P06 =
      SET.must(
          "P06",
          SOURCE,
          "The driver does not reach into the runtime, the kit or the JDK by reflection.",
          "setAccessible, Class.forName on dev.offramp packages that are not api, spi or iwarp.");

  public static final Rule P07 =
      SET.must(
          "P07",
          SOURCE,
          "The driver does not end the virtual machine.",
          "System.exit, Runtime.halt.");

  public static final Rule P08 =
      SET.must(
          "P08",
          "RnicDriver; CONTRIBUTING",
          "Every call comes back: there is no endless loop and no wait without a deadline.",
          "The stack that the finding shows; loops that poll without context.nanoTime().");

  public static final Rule P09 =
      SET.must(
          "P09",
          "RnicDriver",
          "The driver lives in bounded memory.",
          "Tables that grow with each connection or message; the heap limit is in the report.");

  public static final Rule P10 =
      SET.must(
          "P10",
          "RnicDriver",
          "The driver does not crash the virtual machine, and what it throws is of the contract.",
          "The crash log beside the report; Errors and exceptions that escaped.");

  public static final Rule P11 =
      SET.must(
          "P11",
          "design, section 2",
          "The jar names nothing but api, spi, iwarp and what it brings itself: no package of the"
              + " runtime, the kit or the JDK's internals.",
          "requires clauses and class references that the finding lists.");

  public static final Rule P12 =
      SET.must(
          "P12",
          "EventLoop; StreamHandler",
          "Tasks and handlers that the driver gives to an event loop do not throw, and do not"
              + " wait.",
          "The stack that the finding shows.");

  public static final Rule P13 =
      SET.must(
          "P13",
          "rule of the kit",
          "The same inputs give the same outputs, numbers that are drawn (STags, cookies) aside:"
              + " nothing of the machine, the environment or the time of day changes what the"
              + " driver does.",
          "System properties, environment variables, host name, hash order, the wall clock.");

  static final List<Rule> ALL = SET.all();

  private PortRules() {}
}
