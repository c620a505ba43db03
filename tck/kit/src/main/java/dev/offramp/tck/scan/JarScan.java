package dev.offramp.tck.scan;

import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.NamingRules;
import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.TransferRules;
import java.util.List;
import java.util.Set;

/**
 * Reads the vendor's jars without running anything: what they name, call, require and bring. A
 * cheap first net; what a driver does is judged by the other stages.
 */
public final class JarScan {
  /** What it decides: a rule that is not broken here passes as far as reading can tell. */
  public static final Set<Rule> DECIDES =
      Set.copyOf(
          List.of(
              PortRules.P01,
              PortRules.P02,
              PortRules.P03,
              PortRules.P04,
              PortRules.P05,
              PortRules.P06,
              PortRules.P11,
              NamingRules.L66,
              NamingRules.L67,
              NamingRules.L70,
              NamingRules.L71,
              AddressingRules.L05,
              AddressingRules.L11,
              TransferRules.L73));

  private JarScan() {}

  /** Reads everything. */
  public static ScanResult of(JarContents jar) {
    ScanResult result = new ScanResult();
    result.addAll(ReferenceScan.of(jar));
    result.addAll(ModuleScan.of(jar));
    result.addAll(ResourceScan.of(jar));
    result.addAll(NameScan.of(jar));
    return result;
  }
}
