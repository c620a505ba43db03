package dev.offramp.tck.scan;

import static java.util.stream.Collectors.toUnmodifiableSet;

import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a driver has no honest use for, by the rule that it would break. Names are the JDK's. */
final class Forbidden {
  private static final String NEW = "<init>";

  private static final Map<String, Rule> CLASSES = new HashMap<>();
  private static final Map<String, Rule> MEMBERS = new HashMap<>();
  private static final Map<Pattern, Rule> PACKAGES = new HashMap<>();

  /** Without an executor among the arguments they run on the common pool. */
  private static final Pattern ASYNC = Pattern.compile("\\w+Async");

  /** Constructors of these open a file when they are given its name. */
  private static final Set<String> FILE_BY_NAME =
      Stream.of("java/io/PrintStream", "java/io/PrintWriter", "java/util/Formatter")
          .collect(toUnmodifiableSet());

  static {
    classes(
        PortRules.P01,
        "java/lang/foreign/Linker",
        "java/lang/foreign/Linker$Option",
        "java/lang/foreign/SymbolLookup",
        "java/lang/foreign/FunctionDescriptor",
        "java/lang/ModuleLayer$Controller");
    members(PortRules.P01, "java/lang/System", "load", "loadLibrary", "mapLibraryName");
    members(PortRules.P01, "java/lang/Runtime", "load", "loadLibrary");
    members(PortRules.P01, "java/lang/foreign/MemorySegment", "reinterpret");
    members(PortRules.P01, "java/lang/foreign/AddressLayout", "withTargetLayout");
    classes(
        PortRules.P02,
        "java/io/FileInputStream",
        "java/io/FileOutputStream",
        "java/io/FileReader",
        "java/io/FileWriter",
        "java/io/RandomAccessFile",
        "java/nio/file/Files",
        "java/nio/file/FileSystems",
        "java/nio/file/WatchService",
        "java/nio/channels/FileChannel",
        "java/nio/channels/AsynchronousFileChannel",
        "java/util/zip/ZipFile",
        "java/util/jar/JarFile",
        "java/util/logging/FileHandler",
        "jdk/jfr/Recording");
    members(PortRules.P02, "java/io/File", "createNewFile", "createTempFile", "delete", "exists");
    members(PortRules.P02, "java/io/File", "list", "listFiles", "mkdir", "mkdirs", "renameTo");
    classes(
        PortRules.P03,
        "java/net/Socket",
        "java/net/ServerSocket",
        "java/net/DatagramSocket",
        "java/net/MulticastSocket",
        "java/net/URLConnection",
        "java/net/HttpURLConnection",
        "java/nio/channels/SocketChannel",
        "java/nio/channels/ServerSocketChannel",
        "java/nio/channels/DatagramChannel",
        "java/nio/channels/AsynchronousSocketChannel",
        "java/nio/channels/AsynchronousServerSocketChannel",
        "java/nio/channels/Pipe",
        "java/nio/channels/Selector");
    packages(PortRules.P03, "java/net/http/.*|javax/net/.*|java/rmi/.*|com/sun/net/.*");
    members(PortRules.P03, "java/net/URL", "openStream", "openConnection", "getContent");
    members(PortRules.P03, "java/net/InetAddress", "getByName", "getAllByName", "isReachable");
    classes(PortRules.P04, "java/lang/ProcessBuilder", "java/lang/ProcessHandle");
    members(PortRules.P04, "java/lang/Runtime", "exec");
    classes(
        PortRules.P05,
        "java/util/Timer",
        "java/util/concurrent/Executors",
        "java/util/concurrent/ThreadPoolExecutor",
        "java/util/concurrent/ScheduledThreadPoolExecutor",
        "java/util/concurrent/ForkJoinPool",
        "java/util/concurrent/ForkJoinTask",
        "java/util/concurrent/SubmissionPublisher",
        "java/util/concurrent/StructuredTaskScope");
    members(PortRules.P05, "java/lang/Thread", NEW, "ofVirtual", "ofPlatform", "start");
    members(PortRules.P05, "java/lang/Thread", "startVirtualThread");
    members(PortRules.P05, "java/lang/Runtime", "addShutdownHook");
    members(PortRules.P05, "java/lang/ref/Cleaner", "create");
    members(PortRules.P05, "java/util/Collection", "parallelStream");
    members(PortRules.P05, "java/util/stream/Stream", "parallel");
    members(PortRules.P06, "java/lang/invoke/MethodHandles", "privateLookupIn");
    members(PortRules.P06, "java/lang/Module", "addOpens", "addExports", "implAddOpens");
    for (String reflected :
        Stream.of("AccessibleObject", "Field", "Method", "Constructor").toList()) {
      members(PortRules.P06, "java/lang/reflect/" + reflected, "setAccessible", "trySetAccessible");
    }
    packages(PortRules.P06, "java/lang/instrument/.*|com/sun/tools/attach/.*|sun/reflect/.*");
    classes(PortRules.P06, "sun/misc/Unsafe");
    members(PortRules.P07, "java/lang/System", "exit");
    members(PortRules.P07, "java/lang/Runtime", "exit", "halt");
    members(SpiRules.S20, "java/lang/System", "nanoTime", "currentTimeMillis");
    members(SpiRules.S20, "java/time/Instant", "now");
    members(SpiRules.S20, "java/time/Clock", "systemUTC", "systemDefaultZone", "system");
    packages(PortRules.P11, "jdk/internal/.*|sun/.*|com/sun/.*");
  }

  private Forbidden() {}

  private static void classes(Rule rule, String... names) {
    for (String name : names) {
      CLASSES.put(name, rule);
    }
  }

  private static void members(Rule rule, String owner, String... names) {
    for (String name : names) {
      MEMBERS.put(owner + "." + name, rule);
    }
  }

  private static void packages(Rule rule, String pattern) {
    PACKAGES.put(Pattern.compile(pattern), rule);
  }

  /** The rule that a reference breaks. */
  static Optional<Rule> rule(Reference reference) {
    Rule member = MEMBERS.get(reference.owner() + "." + reference.member());
    if (member != null) {
      return Optional.of(member);
    }
    if (reference.owner().equals("java/util/concurrent/CompletableFuture")
        && ASYNC.matcher(reference.member()).matches()
        && !reference.descriptor().contains("Ljava/util/concurrent/Executor;")) {
      return Optional.of(PortRules.P05);
    }
    if (FILE_BY_NAME.contains(reference.owner())
        && reference.member().equals(NEW)
        && opensFile(reference.descriptor())) {
      return Optional.of(PortRules.P02);
    }
    return named(reference.owner());
  }

  private static boolean opensFile(String descriptor) {
    return descriptor.startsWith("(Ljava/lang/String;") || descriptor.startsWith("(Ljava/io/File;");
  }

  /** The rule that a class breaks by being named. */
  static Optional<Rule> named(String owner) {
    Rule known = CLASSES.get(owner);
    if (known != null) {
      return Optional.of(known);
    }
    return PACKAGES.entrySet().stream()
        .filter(entry -> entry.getKey().matcher(owner).matches())
        .map(Map.Entry::getValue)
        .min(java.util.Comparator.comparing(Rule::id));
  }

  /** The rule that a class breaks whose name stands in a text, next to reflection. */
  static Optional<Rule> inText(String owner) {
    Optional<Rule> named = named(owner);
    if (named.isPresent()) {
      return named;
    }
    return MEMBERS.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(owner + "."))
        .map(Map.Entry::getValue)
        .min(java.util.Comparator.comparing(Rule::id));
  }
}
