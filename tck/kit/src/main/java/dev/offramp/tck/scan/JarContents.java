package dev.offramp.tck.scan;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** What is in the vendor's jars, by name: classes parsed, everything else as octets. */
public final class JarContents {
  private static final String CLASS = ".class";

  private final Map<String, ClassModel> classes = new TreeMap<>();
  private final Map<String, byte[]> resources = new TreeMap<>();
  private final List<String> unreadable = new ArrayList<>();

  private JarContents() {}

  /** Nothing at all. */
  public static JarContents empty() {
    return new JarContents();
  }

  /** Entries by their names in a jar. */
  public static JarContents of(Map<String, byte[]> entries) {
    JarContents contents = new JarContents();
    new TreeMap<>(entries).forEach(contents::add);
    return contents;
  }

  /** Reads jars, or directories with classes. */
  public static JarContents read(List<Path> paths) throws IOException {
    JarContents contents = new JarContents();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        contents.readDirectory(path);
      } else {
        contents.readJar(path);
      }
    }
    return contents;
  }

  private void readDirectory(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        add(root.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
  }

  private void readJar(Path path) throws IOException {
    try (JarFile jar = new JarFile(path.toFile())) {
      Map<String, byte[]> entries = new LinkedHashMap<>();
      for (Enumeration<JarEntry> all = jar.entries(); all.hasMoreElements(); ) {
        JarEntry entry = all.nextElement();
        if (!entry.isDirectory()) {
          try (InputStream in = jar.getInputStream(entry)) {
            entries.put(entry.getName(), in.readAllBytes());
          }
        }
      }
      entries.forEach(this::add);
    }
  }

  private void add(String name, byte[] bytes) {
    if (!name.endsWith(CLASS)) {
      resources.put(name, bytes);
      return;
    }
    try {
      classes.put(name.substring(0, name.length() - CLASS.length()), ClassFile.of().parse(bytes));
    } catch (IllegalArgumentException e) {
      unreadable.add(name + ": " + e.getMessage());
    }
  }

  /** Classes by internal name, {@code module-info} among them. */
  public Map<String, ClassModel> classes() {
    return classes;
  }

  /** All classes, those for other versions of Java among them. */
  public Collection<ClassModel> allClasses() {
    return classes.values();
  }

  /** Classes by the names that they give themselves, wherever they lie in the jar. */
  public Map<String, ClassModel> byRealName() {
    Map<String, ClassModel> byName = new TreeMap<>();
    classes.values().forEach(type -> byName.put(type.thisClass().asInternalName(), type));
    return byName;
  }

  /** Everything else. */
  public Map<String, byte[]> resources() {
    return resources;
  }

  /** Class files that are none. */
  public List<String> unreadable() {
    return unreadable;
  }

  /** Whether a class is the vendor's own; dots or slashes. */
  public boolean owns(String className) {
    return classes.containsKey(className.replace('.', '/'));
  }
}
