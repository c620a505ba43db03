package dev.offramp.tck.witness;

import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.rule.Rule;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Methods of the JDK that open something or reach somewhere, traced by Flight Recorder (JEP 520),
 * and exceptions that say that something was tried in vain. Where the public entry hands on to one
 * place of the JDK's inside, that place is watched; a test opens each of them.
 */
final class Watched {
  private static final Map<String, Rule> METHODS = new LinkedHashMap<>();
  private static final Map<String, Rule> FAILURES = new LinkedHashMap<>();

  static {
    methods(
        PortRules.P01,
        "java.lang.foreign.Linker::nativeLinker",
        "jdk.internal.foreign.abi.AbstractLinker::downcallHandle",
        "jdk.internal.foreign.abi.AbstractLinker::upcallStub",
        "java.lang.Runtime::loadLibrary0",
        "java.lang.Runtime::load0");
    methods(
        PortRules.P02,
        "java.io.FileInputStream::<init>",
        "java.io.FileOutputStream::<init>",
        "java.io.RandomAccessFile::<init>",
        "sun.nio.fs.UnixChannelFactory::newFileChannel",
        "sun.nio.fs.UnixFileSystemProvider::newDirectoryStream",
        "sun.nio.fs.UnixFileSystemProvider::readAttributes",
        "sun.nio.fs.UnixFileSystemProvider::newFileChannel");
    methods(
        PortRules.P03,
        "java.net.Socket::<init>",
        "java.net.ServerSocket::<init>",
        "java.net.DatagramSocket::<init>",
        "sun.nio.ch.SocketChannelImpl::<init>",
        "sun.nio.ch.ServerSocketChannelImpl::<init>",
        "sun.nio.ch.DatagramChannelImpl::<init>",
        "sun.nio.ch.PipeImpl::<init>",
        "sun.nio.ch.SelectorImpl::<init>",
        "sun.nio.ch.AsynchronousSocketChannelImpl::<init>");
    methods(PortRules.P04, "java.lang.ProcessBuilder::start");
    methods(PortRules.P05, "java.lang.Thread::start", "java.lang.VirtualThread::start");
    methods(
        PortRules.P06,
        "java.lang.reflect.Method::setAccessible",
        "java.lang.reflect.Field::setAccessible",
        "java.lang.reflect.Constructor::setAccessible",
        "java.lang.reflect.AccessibleObject::trySetAccessible",
        "java.lang.invoke.MethodHandles::privateLookupIn");
    failures(PortRules.P01, "java.lang.UnsatisfiedLinkError", "java.lang.IllegalCallerException");
    failures(
        PortRules.P02,
        "java.io.FileNotFoundException",
        "java.nio.file.NoSuchFileException",
        "java.nio.file.AccessDeniedException",
        "java.nio.file.FileSystemException",
        "java.nio.file.FileAlreadyExistsException",
        "java.nio.file.NotDirectoryException");
    failures(
        PortRules.P03,
        "java.net.SocketException",
        "java.net.ConnectException",
        "java.net.BindException",
        "java.net.NoRouteToHostException",
        "java.net.UnknownHostException");
    failures(PortRules.P06, "java.lang.reflect.InaccessibleObjectException");
  }

  private Watched() {}

  private static void methods(Rule rule, String... names) {
    for (String name : names) {
      METHODS.put(name, rule);
    }
  }

  private static void failures(Rule rule, String... names) {
    for (String name : names) {
      FAILURES.put(name, rule);
    }
  }

  /** For the setting {@code filter} of jdk.MethodTrace. */
  static String filter() {
    return String.join(";", METHODS.keySet());
  }

  static Optional<Rule> method(String type, String name) {
    return Optional.ofNullable(METHODS.get(type + "::" + name));
  }

  static Optional<Rule> failure(String type) {
    return Optional.ofNullable(FAILURES.get(type));
  }
}
