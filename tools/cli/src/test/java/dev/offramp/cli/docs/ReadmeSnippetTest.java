package dev.offramp.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.Offramp;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs what the README and docs/application.md show, against each other, on loopback. */
@Timeout(60)
final class ReadmeSnippetTest {
  private ServerSocketChannel listener;
  private ExecutorService server;

  @BeforeEach
  void listen() throws Exception {
    listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    server = Executors.newSingleThreadExecutor();
  }

  @AfterEach
  void close() throws Exception {
    listener.close();
    server.shutdown();
    assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void theReadmesHelloArrives() throws Exception {
    Future<String> heard =
        serve(() -> {
          try (SocketChannel tcp = listener.accept();
              Offramp offramp = Offramp.open(ApplicationSnippets.options())) {
            ByteBuffer line = ByteBuffer.allocate("any plain conversation\n".length());
            while (line.hasRemaining()) {
              tcp.read(line);
            }
            return ApplicationSnippets.receiveOne(offramp, tcp, Mpa.responder().build());
          }
        });
    ReadmeSnippet.run(address());
    assertThat(heard.get()).isEqualTo("hello over RDMA");
  }

  @Test
  void rejectionLeavesTcpUsableAtBothEnds() throws Exception {
    Future<Boolean> rejected =
        serve(() -> {
          try (SocketChannel tcp = listener.accept();
              Offramp offramp = Offramp.open()) {
            boolean isPlain =
                ApplicationSnippets.tryOffload(offramp, tcp, ApplicationSnippets.responder())
                    .isEmpty();
            tcp.write(ByteBuffer.wrap(new byte[] {42}));
            return isPlain;
          }
        });
    try (SocketChannel tcp = SocketChannel.open(address());
        Offramp offramp = Offramp.open()) {
      MpaOptions empty = ApplicationSnippets.initiator(ByteBuffer.allocate(0));
      assertThat(ApplicationSnippets.tryOffload(offramp, tcp, empty)).isEqualTo(Optional.empty());
      ByteBuffer plain = ByteBuffer.allocate(1);
      assertThat(tcp.read(plain)).isEqualTo(1);
      assertThat(plain.get(0)).isEqualTo((byte) 42);
    }
    assertThat(rejected.get()).isTrue();
  }

  private InetSocketAddress address() throws Exception {
    return (InetSocketAddress) listener.getLocalAddress();
  }

  private <T> Future<T> serve(Callable<T> work) {
    return server.submit(work);
  }
}
