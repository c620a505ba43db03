package dev.offramp.tck.scan;

import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.TransferRules;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.StringEntry;
import java.lang.reflect.AccessFlag;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What the jar's classes call and name that a driver has no business with. */
final class ReferenceScan {
  /** Packages of this project that a driver is made for; the last two are annotations. */
  private static final Pattern OPEN = Pattern.compile("dev/offramp/(api|spi|iwarp|checker)/.*");

  private static final String PROJECT = "dev/offramp/";

  private static final Set<String> REFLECTION =
      Set.of(
          "java/lang/Class.forName",
          "java/lang/ClassLoader.loadClass",
          "java/lang/Class.getMethod",
          "java/lang/Class.getDeclaredMethod",
          "java/lang/Class.getDeclaredField",
          "java/lang/Class.getDeclaredConstructor",
          "java/lang/invoke/MethodHandles$Lookup.findClass",
          "java/lang/invoke/MethodHandles$Lookup.findVirtual",
          "java/lang/invoke/MethodHandles$Lookup.findStatic",
          "java/lang/ModuleLayer.findModule");

  /** Classes that come into being at run time are in no jar, so nobody has read them. */
  private static final Set<String> MAKES_CLASSES =
      Set.of(
          "java/lang/ClassLoader.defineClass",
          "java/lang/ClassLoader.<init>",
          "java/security/SecureClassLoader.<init>",
          "java/net/URLClassLoader.<init>",
          "java/net/URLClassLoader.newInstance",
          "java/lang/invoke/MethodHandles$Lookup.defineClass",
          "java/lang/invoke/MethodHandles$Lookup.defineHiddenClass");

  /** Socket options and files by which a driver would take state out of the host's stack itself. */
  private static final Pattern STACK_STATE =
      Pattern.compile("TCP_REPAIR\\w*|TCP_INFO|/proc/(self/)?(net|fd).*|[gs]etsockopt|SIOC[A-Z]+");

  private final JarContents jar;
  private final Set<String> own;
  private final ScanResult result = new ScanResult();

  private ReferenceScan(JarContents jar) {
    this.jar = jar;
    this.own = jar.byRealName().keySet();
  }

  static ScanResult of(JarContents jar) {
    ReferenceScan scan = new ReferenceScan(jar);
    scan.references();
    scan.nativeMethods();
    scan.texts();
    return scan.result;
  }

  private void references() {
    for (Reference reference : References.of(jar)) {
      if (own.contains(reference.owner())) {
        continue;
      }
      Optional<Rule> rule = Forbidden.rule(reference);
      rule.ifPresent(broken ->
          result.breach(broken, "%s uses %s".formatted(reference.where(), reference.words())));
      if (reference.owner().startsWith(PROJECT) && !OPEN.matcher(reference.owner()).matches()) {
        result.breach(
            PortRules.P11,
            "%s uses %s, which is neither api nor spi nor iwarp"
                .formatted(reference.where(), reference.words()));
      }
      if (MAKES_CLASSES.contains(reference.owner() + "." + reference.member())) {
        result.breach(
            PortRules.P11,
            "%s uses %s: classes that it makes are not in the jar, and nobody has read them"
                .formatted(reference.where(), reference.words()));
      }
    }
  }

  private void nativeMethods() {
    for (ClassModel type : jar.allClasses()) {
      for (MethodModel method : type.methods()) {
        if (method.flags().has(AccessFlag.NATIVE)) {
          result.breach(
              PortRules.P01,
              "%s declares the native method %s"
                  .formatted(
                      type.thisClass().asInternalName().replace('/', '.'),
                      method.methodName().stringValue()));
        }
      }
    }
  }

  private void texts() {
    List<Reference> reflecting =
        References.of(jar).stream()
            .filter(r -> REFLECTION.contains(r.owner() + "." + r.member()))
            .toList();
    Set<String> places = new TreeSet<>();
    reflecting.forEach(r -> places.add(r.where() + " uses " + r.words()));
    places.forEach(place -> result.note(place + ": reflection"));
    for (ClassModel type : jar.allClasses()) {
      String where = type.isModuleInfo() ? "module-info" : type.thisClass().asInternalName();
      for (PoolEntry entry : type.constantPool()) {
        if (entry instanceof StringEntry string) {
          String text = string.stringValue();
          NativeNames.symbol(text)
              .ifPresent(why ->
                  result.breach(
                      dev.offramp.tck.rule.NamingRules.L67,
                      "%s has the text [%s]: %s".formatted(where.replace('/', '.'), text, why)));
          if (STACK_STATE.matcher(text).matches()) {
            result.breach(
                TransferRules.L73, "%s has the text [%s]".formatted(where.replace('/', '.'), text));
          }
          if (!places.isEmpty()) {
            byName(text.replace('.', '/'), where.replace('/', '.'), places);
          }
        }
      }
    }
  }

  /** A class that is named in a text, in a jar that uses reflection. */
  private void byName(String text, String where, Set<String> places) {
    String words =
        "%s names %s in a text, and %s"
            .formatted(where, text.replace('/', '.'), String.join(", ", places));
    Forbidden.inText(text).ifPresent(rule -> result.breach(rule, words));
    boolean foreign =
        text.startsWith(PROJECT) && !OPEN.matcher(text).matches() && !own.contains(text);
    if (foreign || text.startsWith("jdk/internal/") || text.startsWith("sun/")) {
      result.breach(PortRules.P06, words);
    }
  }
}
