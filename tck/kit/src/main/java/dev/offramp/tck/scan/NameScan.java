package dev.offramp.tck.scan;

import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.NamingRules;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.MethodParameterInfo;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.StringEntry;
import java.lang.reflect.AccessFlag;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names and texts in the jar's classes against the {@link Lexicon}. Constants may name what a chip
 * shares between its protocols, so they are only reported.
 */
final class NameScan {
  /** A key of a setting: lower-case words with dots, hyphens or underscores between. */
  private static final Pattern KEY = Pattern.compile("[a-z0-9]+([._-][a-z0-9]+)+");

  private final ScanResult result = new ScanResult();

  private NameScan() {}

  static ScanResult of(JarContents jar) {
    NameScan scan = new NameScan();
    jar.allClasses().forEach(scan::scan);
    return scan.result;
  }

  private void scan(ClassModel type) {
    if (type.isModuleInfo()) {
      type.findAttribute(Attributes.module())
          .ifPresent(module ->
              name(module.moduleName().name().stringValue(), "module", "module-info", false));
      return;
    }
    String own = type.thisClass().asInternalName().replace('/', '.');
    name(own, "class", own, false);
    for (FieldModel field : type.fields()) {
      name(field.fieldName().stringValue(), "field", own, isConstant(field));
    }
    for (MethodModel method : type.methods()) {
      scan(method, own);
    }
    for (PoolEntry entry : type.constantPool()) {
      if (entry instanceof StringEntry string) {
        text(string.stringValue(), own);
      }
    }
  }

  private void scan(MethodModel method, String own) {
    String in = own + "." + method.methodName().stringValue();
    name(method.methodName().stringValue(), "method", own, false);
    Set<String> variables = new LinkedHashSet<>();
    method
        .findAttribute(Attributes.methodParameters())
        .ifPresent(parameters -> {
          for (MethodParameterInfo parameter : parameters.parameters()) {
            parameter.name().ifPresent(name -> variables.add(name.stringValue()));
          }
        });
    method
        .code()
        .flatMap(code -> code.findAttribute(Attributes.localVariableTable()))
        .ifPresent(
            table -> table.localVariables().forEach(v -> variables.add(v.name().stringValue())));
    variables.forEach(variable -> name(variable, "variable", in, false));
  }

  private static boolean isConstant(FieldModel field) {
    return field.flags().has(AccessFlag.STATIC) && field.flags().has(AccessFlag.FINAL);
  }

  private void name(String name, String kind, String where, boolean constant) {
    for (Lexicon.Hit hit : Lexicon.find(name)) {
      if (!hit.isStrong()) {
        result.note("%s [%s] in %s has [%s]".formatted(kind, name, where, hit.words()));
      } else if (constant) {
        result.note(
            "constant [%s] in %s has [%s] (%s): fine where a register is shared and stays zero"
                .formatted(name, where, hit.words(), hit.leak()));
      } else {
        String place =
            "%s [%s] in %s has [%s], a sign of %s"
                .formatted(kind, name, where, hit.words(), hit.leak());
        result.breach(NamingRules.L66, place);
        special(hit, place);
      }
    }
  }

  private void text(String text, String own) {
    boolean key = KEY.matcher(text).matches();
    boolean message = text.indexOf(' ') >= 0;
    for (Lexicon.Hit hit : Lexicon.find(text)) {
      String place =
          "text [%s] in %s has [%s]%s"
              .formatted(text, own, hit.words(), hit.isStrong() ? ", a sign of " + hit.leak() : "");
      if (hit.isStrong() && key) {
        result.breach(NamingRules.L71, place);
        special(hit, place);
      } else if (hit.isStrong() && message) {
        result.breach(NamingRules.L70, place);
        special(hit, place);
      } else {
        result.note(place);
      }
    }
  }

  /** Rules that are about names only. */
  private void special(Lexicon.Hit hit, String place) {
    if (hit.leak().equals(AddressingRules.L05.id())) {
      result.breach(AddressingRules.L05, place);
    } else if (hit.leak().equals(AddressingRules.L11.id())) {
      result.breach(AddressingRules.L11, place);
    }
  }
}
