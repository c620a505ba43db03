package dev.offramp.linux.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.transfer.Departure;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.SocketFilter;
import dev.offramp.linux.unix.UnixLink;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The helper serves an application of another user that has no privilege, and refuses everything
 * that it must not serve. Needs root.
 */
@Timeout(120)
class HelperIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int NOBODY = 65_534;
  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOL_SOCKET = 1;
  private static final int IPPROTO_TCP = 6;
  private static final HelperRequest REPAIR = new HelperRequest(IPPROTO_TCP, 19, 1);

  private final LibC libc = NativeAccess.libc();
  private final List<Integer> open = new ArrayList<>();
  private NetworkNamespace namespace;
  private Path directory;
  private Path socket;

  @BeforeEach
  void build() throws Exception {
    directory = Files.createTempDirectory("offramp-helper");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    socket = directory.resolve("socket");
    namespace = NetworkNamespace.create();
    dev.offramp.linux.net.CommandLine.in(namespace).ip("link", "set", "lo", "up");
  }

  @AfterEach
  void dismantle() throws Exception {
    open.forEach(libc::close);
    namespace.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  // ---- what it is for

  @Test
  void anApplicationWithoutPrivilegeGivesItsConnectionUpAndTakesItAgain() throws Exception {
    assertThat(application(Set.of(NOBODY)))
        .containsSubsequence("plain", "alone: PRIVILEGE", "resumed", "arrived", "done");
  }

  @Test
  void aUserWhoIsNotServedIsRefused() throws Exception {
    assertThat(application(Set.of(1, 0))).contains("alone: PRIVILEGE", "refused: PRIVILEGE");
  }

  private List<String> application(Set<Integer> users) throws Exception {
    return namespace.call(() -> {
      try (HelperServer helper = HelperServer.open(socket, users);
          ServerSocketChannel server = ServerSocketChannel.open()) {
        assertThat(helper).isNotNull();
        server.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        Thread.ofPlatform().daemon(true).start(() -> echo(server));
        int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
        Process process =
            new ProcessBuilder(
                    "setpriv",
                    "--reuid=" + NOBODY,
                    "--regid=" + NOBODY,
                    "--clear-groups",
                    "--no-new-privs",
                    "--bounding-set=-all",
                    "--inh-caps=-all",
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    readableClasses(),
                    UnprivilegedMain.class.getName(),
                    socket.toString(),
                    Integer.toString(port))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        List<String> said = process.inputReader().lines().toList();
        assertThat(process.waitFor()).as("%s", said).isZero();
        return said;
      }
    });
  }

  private static void echo(ServerSocketChannel server) {
    try (SocketChannel channel = server.accept()) {
      ByteBuffer bytes = ByteBuffer.allocate(100);
      while (channel.read(bytes.clear()) >= 0) {
        channel.write(bytes.flip());
      }
    } catch (IOException e) {
      // The application says what was wrong.
    }
  }

  /** Another user may not be able to read where this program is. */
  private String readableClasses() throws IOException, URISyntaxException {
    List<Path> places = new ArrayList<>();
    // A test's class says that it is where its module is; its own place has to be named.
    places.add(Path.of(System.getProperty("basedir", "."), "target", "test-classes"));
    for (Class<?> each : List.of(HelperServer.class, Departure.class)) {
      places.add(Path.of(each.getProtectionDomain().getCodeSource().getLocation().toURI()));
    }
    List<String> copies = new ArrayList<>();
    for (Path from : places) {
      String suffix = Files.isDirectory(from) ? "" : ".jar";
      Path to = directory.resolve("classes" + copies.size() + suffix);
      try (Stream<Path> files = Files.walk(from)) {
        for (Path file : files.toList()) {
          Files.copy(file, file.equals(from) ? to : to.resolve(from.relativize(file).toString()));
        }
      }
      copies.add(to.toString());
    }
    return String.join(File.pathSeparator, copies);
  }

  // ---- what it must not do

  private static Arguments refused(HelperRefusal why, HelperRequest request, Made made) {
    return Arguments.of(why, request, made);
  }

  /** Makes the descriptors that come with a request. */
  interface Made {
    int[] by(HelperIT test) throws IOException;
  }

  static Stream<Arguments> refusals() {
    Made tcp = test -> test.sockets(AF_INET, SOCK_STREAM);
    return Stream.of(
        refused(HelperRefusal.DESCRIPTORS, REPAIR, test -> new int[0]),
        refused(
            HelperRefusal.DESCRIPTORS,
            REPAIR,
            test -> new int[] {tcp.by(test)[0], tcp.by(test)[0]}),
        refused(HelperRefusal.NOT_TCP, REPAIR, test -> test.sockets(AF_INET, SOCK_DGRAM)),
        refused(HelperRefusal.NOT_TCP, REPAIR, test -> test.sockets(AF_UNIX, SOCK_STREAM)),
        refused(HelperRefusal.NOT_TCP, REPAIR, test -> test.file("/etc/passwd")),
        refused(HelperRefusal.NOT_TCP, REPAIR, test -> test.file("/proc/self/ns/net")),
        refused(HelperRefusal.NAMESPACE, REPAIR, HelperIT::elsewhere),
        refused(HelperRefusal.LISTENING, REPAIR, HelperIT::listening),
        refused(HelperRefusal.VALUE, new HelperRequest(IPPROTO_TCP, 19, 2), tcp),
        refused(HelperRefusal.VALUE, new HelperRequest(SOL_SOCKET, 32, (64 << 20) + 1), tcp),
        refused(HelperRefusal.VALUE, new HelperRequest(SOL_SOCKET, 33, -1), tcp),
        // SO_MARK, SO_BINDTODEVICE, SO_PRIORITY, SO_DEBUG, SO_ATTACH_FILTER, IP_TRANSPARENT,
        // TCP_CONGESTION, TCP_MD5SIG, TCP_QUEUE_SEQ
        refused(HelperRefusal.OPTION, new HelperRequest(SOL_SOCKET, 36, 1), tcp),
        refused(HelperRefusal.OPTION, new HelperRequest(SOL_SOCKET, 25, 1), tcp),
        refused(HelperRefusal.OPTION, new HelperRequest(SOL_SOCKET, 12, 7), tcp),
        refused(HelperRefusal.OPTION, new HelperRequest(SOL_SOCKET, 1, 1), tcp),
        refused(HelperRefusal.VALUE, new HelperRequest(SOL_SOCKET, 26, 1), tcp),
        refused(HelperRefusal.OPTION, new HelperRequest(0, 19, 1), tcp),
        refused(HelperRefusal.OPTION, new HelperRequest(IPPROTO_TCP, 13, 1), tcp),
        refused(HelperRefusal.OPTION, new HelperRequest(IPPROTO_TCP, 14, 1), tcp),
        refused(HelperRefusal.OPTION, new HelperRequest(IPPROTO_TCP, 21, 1), tcp));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource
  void refusals(HelperRefusal why, HelperRequest request, Made made) throws Exception {
    namespace.call(() -> {
      assertThat(asked(Set.of(0), request.encode(), made.by(this))).isEqualTo("refused " + why);
      // It goes on serving.
      assertThat(asked(Set.of(0), REPAIR.encode(), sockets(AF_INET, SOCK_STREAM))).isEqualTo("0");
      return true;
    });
  }

  @Test
  void whatIsNoRequestIsRefused() throws Exception {
    namespace.call(() -> {
      byte[] whole = REPAIR.encode();
      for (int length = 1; length < whole.length; length++) {
        assertThat(asked(Set.of(0), Arrays.copyOf(whole, length), tcp()))
            .isEqualTo("refused " + HelperRefusal.FORM);
      }
      for (byte[] other : List.of(new byte[16], new byte[17], new byte[511])) {
        assertThat(asked(Set.of(0), other, tcp())).isEqualTo("refused " + HelperRefusal.FORM);
      }
      return true;
    });
  }

  /** Somebody hands a served user a socket that is not his. */
  @Test
  void theSocketOfAnotherUserIsRefused() throws Exception {
    namespace.call(() -> {
      HelperPolicy policy = new HelperPolicy(libc, cookie());
      assertThat(policy.check(REPAIR, tcp()[0], 0)).isEmpty();
      assertThat(policy.check(REPAIR, tcp()[0], NOBODY)).contains(HelperRefusal.OWNER);
      return true;
    });
  }

  @Test
  void noDescriptorIsKept() throws Exception {
    namespace.call(() -> {
      int[] fd = tcp();
      asked(Set.of(0), REPAIR.encode(), fd);
      long before = descriptors();
      for (int i = 0; i < 50; i++) {
        asked(Set.of(0), REPAIR.encode(), fd);
        asked(Set.of(0), new byte[3], fd);
      }
      while (descriptors() > before) {
        Thread.onSpinWait();
      }
      return true;
    });
  }

  /** The client has gone between the request and the answer: what was done is not left done. */
  @ParameterizedTest(name = "{0}")
  @MethodSource
  void whatAClientIsNotToldIsTakenBack(HelperRequest request, HelperRequest back) throws Exception {
    namespace.call(() -> {
      CountDownLatch takenBack = new CountDownLatch(1);
      AtomicReference<UnixLink> asking = new AtomicReference<>();
      LibC watched =
          watched((level, option, value) -> {
            if (level == request.level() && option == request.option() && value == 1) {
              asking.get().shutdown();
            }
            return () -> {
              if (level == back.level() && option == back.option() && value == back.value()) {
                takenBack.countDown();
              }
            };
          });
      int[] fd = tcp();
      try (HelperServer helper = HelperServer.open(watched, socket, Set.of(0));
          UnixLink link =
              UnixLink.connect(libc, socket, HelperRequest.MAX_MESSAGE_BYTES, PATIENCE)) {
        assertThat(helper).isNotNull();
        asking.set(link);
        link.timeout(PATIENCE);
        link.send(request.encode(), fd);
        assertThat(link.receive().bytes().hasRemaining()).isFalse();
        assertThat(takenBack.await(60, TimeUnit.SECONDS)).isTrue();
        OsSocket stopped = new OsSocket(libc, fd[0]);
        assertThat(stopped.getInt(Opt.TCP_REPAIR)).isZero();
        assertThat(SocketFilter.attachedTo(stopped).isEmpty()).isTrue();
      }
      return true;
    });
  }

  static Stream<Arguments> whatAClientIsNotToldIsTakenBack() {
    return Stream.of(
        Arguments.of(REPAIR, new HelperRequest(IPPROTO_TCP, 19, -1)),
        Arguments.of(new HelperRequest(SOL_SOCKET, 26, 0), new HelperRequest(SOL_SOCKET, 27, 0)));
  }

  /** Sees the options that the helper sets: 1 stands for a filter's program. */
  private interface Watch {
    Runnable before(int level, int option, int value);
  }

  private LibC watched(Watch watch) {
    return (LibC)
        java.lang.reflect.Proxy.newProxyInstance(
            LibC.class.getClassLoader(),
            new Class<?>[] {LibC.class},
            (proxy, method, arguments) -> {
              Runnable after = () -> {};
              if (method.getName().equals("setsockopt")) {
                MemorySegment given = (MemorySegment) arguments[3];
                boolean filter = arguments[2].equals(26);
                int value = filter ? 1 : given.get(ValueLayout.JAVA_INT, 0);
                after = watch.before((int) arguments[1], (int) arguments[2], value);
              }
              Object result = method.invoke(libc, arguments);
              after.run();
              return result;
            });
  }

  @Test
  void aSocketThatAKilledHelperHasLeftIsReplacedAndALivingOnesIsNot() throws Exception {
    namespace.call(() -> {
      try (UnixLink left = UnixLink.listen(libc, socket, HelperRequest.MAX_MESSAGE_BYTES)) {
        assertThat(left).isNotNull();
        assertThatThrownBy(() -> HelperServer.open(socket, Set.of(0)))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("serves at")
            .hasMessageContaining("stop it first");
      }
      assertThat(socket).exists();
      assertThat(asked(Set.of(0), REPAIR.encode(), tcp())).isEqualTo("0");
      Files.writeString(socket, "somebody's file");
      assertThatThrownBy(() -> HelperServer.open(socket, Set.of(0)))
          .isInstanceOf(IOException.class);
      assertThat(socket).hasContent("somebody's file");
      return true;
    });
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  private String asked(Set<Integer> users, byte[] message, int... descriptors) throws IOException {
    try (HelperServer helper = HelperServer.open(socket, users);
        UnixLink link = UnixLink.connect(libc, socket, HelperRequest.MAX_MESSAGE_BYTES, PATIENCE)) {
      assertThat(helper).isNotNull();
      link.timeout(PATIENCE);
      link.send(message, descriptors);
      ByteBuffer answer = link.receive().bytes();
      int result = answer.getInt();
      String text = java.nio.charset.StandardCharsets.UTF_8.decode(answer).toString();
      if (text.isEmpty()) {
        return Integer.toString(result);
      }
      assertThat(result).isNegative();
      return "refused " + text.substring(0, text.indexOf(':'));
    }
  }

  private int[] tcp() throws IOException {
    return sockets(AF_INET, SOCK_STREAM);
  }

  private int[] sockets(int domain, int type) throws IOException {
    return new int[] {kept(libc.socket(domain, type, 0))};
  }

  private int kept(long fd) {
    assertThat(fd).isNotNegative();
    open.add((int) fd);
    return (int) fd;
  }

  private int[] file(String path) {
    try (var arena = java.lang.foreign.Arena.ofConfined()) {
      return new int[] {kept(libc.open(arena.allocateFrom(path), 0, 0))};
    }
  }

  private int[] listening() throws IOException {
    int fd = sockets(AF_INET, SOCK_STREAM)[0];
    assertThat(libc.listen(fd, 1)).isZero();
    return new int[] {fd};
  }

  private int[] elsewhere() throws IOException {
    try (NetworkNamespace other = NetworkNamespace.create()) {
      return other.call(() -> sockets(AF_INET, SOCK_STREAM));
    }
  }

  private long cookie() throws IOException {
    return HelperPolicy.namespaceOf(new dev.offramp.linux.tcp.OsSocket(libc, tcp()[0]));
  }
}
