package dev.offramp.linux.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.linux.libc.LinuxException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

class NetworkNamespaceTest {
  private static final Callable<String> WHICH =
      () -> Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();

  @Test
  void codeRunsInsideAndTheCallerStaysOutside() throws Exception {
    String outside = WHICH.call();
    try (NetworkNamespace one = NetworkNamespace.create();
        NetworkNamespace two = NetworkNamespace.create()) {
      assertThat(one.call(WHICH)).isNotEqualTo(outside).isNotEqualTo(two.call(WHICH));
      assertThat(one.call(() -> two.call(WHICH))).isEqualTo(two.call(WHICH));
      assertThat(WHICH.call()).isEqualTo(outside);
    }
  }

  @Test
  void theSameOneByEveryName() throws Exception {
    String outside = WHICH.call();
    try (NetworkNamespace current = NetworkNamespace.current();
        NetworkNamespace process = NetworkNamespace.ofProcess(ProcessHandle.current().pid());
        NetworkNamespace path = NetworkNamespace.ofPath(Path.of(current.path()))) {
      assertThat(current.call(WHICH)).isEqualTo(outside);
      assertThat(process.call(WHICH)).isEqualTo(outside);
      assertThat(path.call(WHICH)).isEqualTo(outside);
    }
  }

  @Test
  void aSocketStaysWhereItWasMade() throws Exception {
    try (NetworkNamespace namespace = NetworkNamespace.create()) {
      CommandLine.in(namespace)
          .ipBatch(java.util.List.of("link set lo up", "addr add 10.0.0.9/32 dev lo"));
      InetAddress address = InetAddress.getByName("10.0.0.9");
      try (SocketChannel channel = namespace.call(SocketChannel::open)) {
        channel.bind(new InetSocketAddress(address, 0));
      }
    }
  }

  @Test
  void failuresOfTheCodeKeepTheirType() throws Exception {
    try (NetworkNamespace namespace = NetworkNamespace.create()) {
      assertThatThrownBy(() -> namespace.call(() -> fail(new IOException("one"))))
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("one");
      assertThatThrownBy(() -> namespace.call(() -> fail(new IllegalStateException("two"))))
          .isExactlyInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> namespace.call(() -> fail(new InterruptedException("three"))))
          .isExactlyInstanceOf(IOException.class)
          .hasCauseInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void whatIsNoNamespaceIsTyped() throws Exception {
    assertThatThrownBy(() -> NetworkNamespace.ofPath(Path.of("/run/netns/nowhere")))
        .isInstanceOf(LinuxException.class)
        .hasMessageContaining("ENOENT");
    try (NetworkNamespace file = NetworkNamespace.ofPath(Path.of("/dev/null"))) {
      assertThatThrownBy(() -> file.call(WHICH))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("setns");
    }
  }

  @Test
  void closingTwiceClosesOneDescriptor() throws Exception {
    long before = TopologyTest.descriptors();
    NetworkNamespace namespace = NetworkNamespace.create();
    assertThat(TopologyTest.descriptors()).isEqualTo(before + 1);
    namespace.close();
    try (NetworkNamespace reusesTheNumber = NetworkNamespace.create()) {
      namespace.close();
      assertThat(reusesTheNumber.call(WHICH)).startsWith("net:[");
    }
    assertThat(TopologyTest.descriptors()).isEqualTo(before);
    assertThat(TopologyTest.namespaceThreads()).isZero();
    assertThatThrownBy(() -> namespace.call(WHICH)).isInstanceOf(IllegalStateException.class);
  }

  private static String fail(Exception failure) throws Exception {
    throw failure;
  }
}
