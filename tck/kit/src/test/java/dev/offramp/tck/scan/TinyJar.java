package dev.offramp.tck.scan;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.ModuleAttribute;
import java.lang.classfile.attribute.ModuleRequireInfo;
import java.lang.classfile.constantpool.ConstantPoolBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.constant.ModuleDesc;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Jars in memory, with classes that are made here. */
final class TinyJar {
  static final int PUBLIC = ClassFile.ACC_PUBLIC;
  static final int CONSTANT = ClassFile.ACC_STATIC | ClassFile.ACC_FINAL;
  static final MethodTypeDesc NOTHING = MethodTypeDesc.ofDescriptor("()V");

  private final Map<String, byte[]> entries = new LinkedHashMap<>();

  /** A class that is built. */
  TinyJar type(String name, Consumer<ClassBuilder> body) {
    entries.put(name + ".class", ClassFile.of().build(ClassDesc.ofInternalName(name), body));
    return this;
  }

  /** A class with a method that makes one static call, whatever the callee is. */
  TinyJar calling(String owner, String member, String descriptor) {
    return type(
        "acme/Driver",
        body ->
            body.withMethodBody(
                "work",
                NOTHING,
                ClassFile.ACC_STATIC,
                code -> {
                  MethodTypeDesc type = MethodTypeDesc.ofDescriptor(descriptor);
                  type.parameterList().forEach(parameter -> zero(code, parameter));
                  code.invokestatic(ClassDesc.ofInternalName(owner), member, type).return_();
                }));
  }

  private static void zero(CodeBuilder code, ClassDesc type) {
    switch (TypeKind.from(type)) {
      case LONG -> code.lconst_0();
      case REFERENCE -> code.aconst_null();
      default -> code.iconst_0();
    }
  }

  /** A class with a method that has a text. */
  TinyJar saying(String text) {
    return type(
        "acme/Text",
        body ->
            body.withMethodBody(
                "work",
                MethodTypeDesc.ofDescriptor("()Ljava/lang/String;"),
                ClassFile.ACC_STATIC,
                code -> code.loadConstant(text).areturn()));
  }

  TinyJar module(String name, String... required) {
    entries.put(
        "module-info.class",
        ClassFile.of()
            .buildModule(
                ModuleAttribute.of(
                    ModuleDesc.of(name),
                    module -> {
                      ConstantPoolBuilder pool = ConstantPoolBuilder.of();
                      for (String other : required) {
                        module.requires(
                            ModuleRequireInfo.of(pool.moduleEntry(pool.utf8Entry(other)), 0, null));
                      }
                    })));
    return this;
  }

  TinyJar file(String name, byte[] bytes) {
    entries.put(name, bytes);
    return this;
  }

  ScanResult scan() {
    return JarScan.of(JarContents.of(entries));
  }

  /** The class file of a name. */
  byte[] bytes(String name) {
    byte[] bytes = entries.get(name);
    if (bytes == null) {
      throw new IllegalArgumentException(name);
    }
    return bytes;
  }
}
