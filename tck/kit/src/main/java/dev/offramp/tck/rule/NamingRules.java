package dev.offramp.tck.rule;

import java.util.List;

/** Leaks G: naming, packaging, native surface. */
public final class NamingRules {
  private static final RuleSet SET = new RuleSet(Family.NAMING);

  public static final Rule L66 =
      SET.must(
          "L66",
          "leak catalogue, 0.1 (g)",
          "No type, method or variable is named after another transport's connection manager or"
              + " verbs.",
          "The identifiers that the finding lists. Constants that name a shared register are only"
              + " reported.");

  public static final Rule L67 =
      SET.must(
          "L67",
          "JEP 472; RnicDriver",
          "No symbol or device node of another RDMA stack is named in the jar or in a library in"
              + " it.",
          "Strings such as /dev/infiniband, symbols rdma_*, ib_cm_*, ibv_*; ELF files in the jar.");

  public static final Rule L68 =
      SET.untestable(
          Level.MUST,
          "L68",
          "leak catalogue, L68",
          "One handle is not used as two kinds of identifier.",
          "needs a person: casts between handle types look like any other cast in byte code");

  public static final Rule L69 =
      SET.must(
          "L69",
          Needs.DEPART,
          "IwarpConnectionDescriptor.toBytes",
          "What a departure describes has the descriptor's own form: the fields that came,"
              + " unnarrowed, and no image of another transport's record.",
          "depart(): each constant field equal to that of the arrival; sequence numbers where the"
              + " stream stands.");

  public static final Rule L70 =
      SET.must(
          "L70",
          "leak catalogue, 0.2 LX",
          "Messages, logs and events speak of TCP and iWARP only.",
          "The texts that the finding lists: exceptions, refusals, log lines, toString.");

  public static final Rule L71 =
      SET.must(
          "L71",
          "DriverContext.settings",
          "No setting has a meaning of another transport's connection manager.",
          "The keys that the driver looks up, and those in its strings.");

  public static final Rule L72 =
      SET.must(
          "L72",
          "RnicCapabilities",
          "Capabilities are iWARP's and true: each operation that is declared works, and each that"
              + " is not is refused.",
          "operations() of the capabilities and of the connection; post for each of them.");

  static final List<Rule> ALL = SET.all();

  private NamingRules() {}
}
