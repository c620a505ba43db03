package dev.offramp.tck.scan;

import dev.offramp.tck.rule.PortRules;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.ModuleAttribute;
import java.lang.classfile.attribute.ModuleRequireInfo;
import java.lang.reflect.AccessFlag;
import java.util.Set;
import java.util.TreeSet;

/** What the jar's modules require. */
final class ModuleScan {
  private static final Set<String> OURS =
      Set.of("dev.offramp.api", "dev.offramp.spi", "dev.offramp.iwarp");

  private ModuleScan() {}

  static ScanResult of(JarContents jar) {
    ScanResult result = new ScanResult();
    Set<String> brought = new TreeSet<>();
    for (ClassModel type : jar.allClasses()) {
      type.findAttribute(Attributes.module())
          .ifPresent(module -> brought.add(module.moduleName().name().stringValue()));
    }
    for (ClassModel type : jar.allClasses()) {
      type.findAttribute(Attributes.module())
          .ifPresent(module -> requires(module, brought, result));
    }
    return result;
  }

  private static void requires(ModuleAttribute module, Set<String> brought, ScanResult result) {
    for (ModuleRequireInfo require : module.requires()) {
      String name = require.requires().name().stringValue();
      boolean atCompileTimeOnly = require.requiresFlags().contains(AccessFlag.STATIC_PHASE);
      boolean ofTheJdk = name.startsWith("java.");
      if (!atCompileTimeOnly && !ofTheJdk && !OURS.contains(name) && !brought.contains(name)) {
        result.breach(
            PortRules.P11,
            "module %s requires %s, which is neither api nor spi nor iwarp nor in the jars"
                .formatted(module.moduleName().name().stringValue(), name));
      }
    }
  }
}
