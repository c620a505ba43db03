package dev.offramp.tck.scan;

import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that the jar's classes name in their constant pools: what is called, and what is only
 * handed on as a method reference. A member that a class of the jar inherits counts as the member
 * of the class that it comes from.
 */
final class References {
  private static final String OBJECT = "java/lang/Object";

  private final Map<String, ClassModel> own;
  private final List<Reference> all = new ArrayList<>();

  private References(Map<String, ClassModel> own) {
    this.own = own;
  }

  static List<Reference> of(JarContents jar) {
    References references = new References(jar.byRealName());
    jar.allClasses().forEach(references::collect);
    return references.all;
  }

  private void collect(ClassModel type) {
    String where = type.thisClass().asInternalName().replace('/', '.');
    for (PoolEntry entry : type.constantPool()) {
      switch (entry) {
        case ClassEntry named -> all.add(new Reference(element(named), "", "", where));
        case MemberRefEntry member ->
            all.add(
                new Reference(
                    origin(element(member.owner()), member),
                    member.name().stringValue(),
                    member.type().stringValue(),
                    where));
        default -> {}
      }
    }
  }

  /** An array's class is its elements'. */
  private static String element(ClassEntry entry) {
    String name = entry.asInternalName();
    int start = name.lastIndexOf('[') + 1;
    return start > 0 && name.endsWith(";")
        ? name.substring(start + 1, name.length() - 1)
        : name.substring(start);
  }

  private String origin(String owner, MemberRefEntry member) {
    String at = owner;
    Set<String> seen = new HashSet<>();
    while (seen.add(at)) {
      ClassModel type = own.get(at);
      if (type == null || declares(type, member) || type.superclass().isEmpty()) {
        break;
      }
      at = type.superclass().get().asInternalName();
    }
    return at.equals(OBJECT) ? owner : at;
  }

  private static boolean declares(ClassModel type, MemberRefEntry member) {
    return type.methods().stream().anyMatch(method -> isSame(method, member))
        || type.fields().stream()
            .anyMatch(field ->
                field.fieldName().equalsString(member.name().stringValue())
                    && field.fieldType().equalsString(member.type().stringValue()));
  }

  private static boolean isSame(MethodModel method, MemberRefEntry member) {
    return method.methodName().equalsString(member.name().stringValue())
        && method.methodType().equalsString(member.type().stringValue());
  }
}
