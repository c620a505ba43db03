package dev.offramp.cli.matrix;

import dev.offramp.api.transfer.TransferStep;
import dev.offramp.cli.matrix.Fault.Kind;
import dev.offramp.linux.net.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Faults of a pair, one connection each. */
final class FaultSuite {
  private static final int ATTEMPTS = 5;

  /**
   * How often TCP repeats itself: some 6 s, and longer than a move takes. A connection whose
   * segments go to a place that it has left does not live longer than that.
   */
  private static final String TCP_PATIENCE = "4";

  private final MatrixWorld world;
  private final FaultPage page;

  FaultSuite(MatrixWorld world, FaultPage page) throws IOException {
    this.world = world;
    this.page = page;
    for (NetworkNamespace each : world.namespaces()) {
      each.call(() -> Files.writeString(Path.of("/proc/sys/net/ipv4/tcp_retries2"), TCP_PATIENCE));
    }
  }

  /**
   * Runs cases of a pair.
   *
   * @param choice which of all of them
   */
  void run(MatrixOwner from, MatrixOwner to, UnaryOperator<List<Fault>> choice) throws Exception {
    FaultRig rig = FaultRig.open(world, from, to);
    try {
      // What has made the rig unfit for other cases.
      Fault last = null;
      for (Fault fault : choice.apply(faults(rig))) {
        if (last != null || rig.isToBeSilent() != fault.isSilence()) {
          report(rig, last, rig.dismantle(last));
          rig = rig.anew(fault.isSilence());
        }
        boolean well = run(rig, fault);
        last = well && fault.kind() != Kind.DEVICE_FAILS ? null : fault;
      }
      report(rig, last, rig.dismantle(last));
    } finally {
      rig.close();
    }
  }

  private void report(FaultRig rig, @Nullable Fault last, List<String> left) {
    if (!left.isEmpty()) {
      page.wrong(rig, last, "left behind " + left);
    }
  }

  private boolean run(FaultRig rig, Fault fault) {
    long start = System.nanoTime();
    String outcome;
    boolean well = true;
    try {
      outcome = outcome(rig, fault);
      page.add(rig, fault, outcome);
    } catch (Exception | AssertionError e) {
      outcome = "WRONG, " + e;
      page.wrong(rig, fault, e.toString());
      well = false;
      e.printStackTrace(System.out);
    }
    System.out.printf(
        "%s, %s, %s: %s (%d ms)%n",
        rig, rig.traffic().label(), fault, outcome, (System.nanoTime() - start) / 1_000_000);
    return well;
  }

  /** A move that ends before the fault can happen, by its pause limit, is no case: another one. */
  private static String outcome(FaultRig rig, Fault fault) throws Exception {
    for (int left = ATTEMPTS; ; left--) {
      try {
        return new FaultCase(rig, FaultInjection.of(fault)).run();
      } catch (FaultInjection.NeverHappened e) {
        if (left == 1) {
          throw e;
        }
      }
    }
  }

  /** In an order that does not change. */
  private static List<Fault> faults(FaultRig rig) throws Exception {
    List<Fault> faults = new ArrayList<>();
    Set<TransferStep> steps = rig.steps();
    for (Kind kind : Kind.values()) {
      if (kind.isAfterStep()) {
        for (TransferStep step : steps) {
          faults.add(Fault.after(kind, step.name().toLowerCase(Locale.ROOT)));
        }
      }
    }
    for (FaultyOwners.Call call : FaultyOwners.Call.values()) {
      faults.add(Fault.of(call));
    }
    faults.addAll(FaultPlaces.faults(rig));
    return faults;
  }
}
