package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks into a Python program that talks to itself all the time, and must not notice. */
class ProcessSocketsIT {
  private static final int LOOKS = 200;

  /**
   * Two threads; counts checked round trips until the file {@code stop} is there. Talks through
   * files, since Java closes the pipes of a child that has ended, and this is a grandchild.
   */
  private static final String PROGRAM =
      """
      import os, socket, sys, threading
      os.chdir(sys.argv[1])
      def say(name, *words):
          with open(name + ".part", "w") as out:
              print(*words, file=out)
          os.rename(name + ".part", name)
      listener = socket.create_server(("127.0.0.1", 0))
      near = socket.create_connection(listener.getsockname())
      far, _ = listener.accept()
      def echo():
          while True:
              far.sendall(far.recv(65536))
      threading.Thread(target=echo, daemon=True).start()
      say("start", near.fileno(), near.getsockname()[1], near.getpeername()[1], os.getpid())
      count = 0
      while not os.path.exists("stop"):
          message = os.urandom(20000)
          near.sendall(message)
          answer = b""
          while len(answer) < len(message):
              more = near.recv(65536)
              if not more:
                  say("end", "lost", count)
                  sys.exit()
              answer += more
          if answer != message:
              say("end", "wrong", count)
              sys.exit()
          count += 1
      say("end", "ok", count)
      """;

  @TempDir Path directory;
  private int pid;
  private int fd;
  private InetSocketAddress local = new InetSocketAddress(0);
  private InetSocketAddress remote = new InetSocketAddress(0);

  private void start(String... launcher) throws Exception {
    List<String> command = new ArrayList<>(List.of(launcher));
    command.addAll(List.of("python3", "-c", PROGRAM, directory.toString()));
    new ProcessBuilder(command).inheritIO().start();
    String[] words = said("start");
    fd = Integer.parseInt(words[0]);
    local = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(words[1]));
    remote = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(words[2]));
    pid = Integer.parseInt(words[3]);
  }

  @AfterEach
  void stop() {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  private String[] said(String name) throws Exception {
    Path file = directory.resolve(name);
    Bytes.await(() -> Files.exists(file));
    return Files.readString(file).trim().split(" ", -1);
  }

  @Test
  void aTalkingProcessIsDescribedAndNoticesNothing() throws Exception {
    start("setsid", "-f");
    ProcessSockets sockets = ProcessSockets.create();
    long start = System.nanoTime();
    for (int i = 0; i < LOOKS; i++) {
      IwarpConnectionDescriptor d = sockets.inspect(pid, fd);
      assertThat(d.value(DescriptorFields.LOCAL_ADDRESS)).isEqualTo(local);
      assertThat(d.value(DescriptorFields.REMOTE_ADDRESS)).isEqualTo(remote);
      assertThat(d.value(DescriptorFields.TCP_STATE)).isEqualTo(TcpState.ESTABLISHED);
    }
    System.out.printf("%d looks, %.0f us each%n", LOOKS, (System.nanoTime() - start) / 1e3 / LOOKS);
    assertThat(sockets.inspect(local, remote).value(DescriptorFields.LOCAL_ADDRESS))
        .isEqualTo(local);
    Files.createFile(directory.resolve("stop"));
    String[] words = said("end");
    assertThat(words[0]).isEqualTo("ok");
    assertThat(Integer.parseInt(words[1])).isPositive();
  }

  @Test
  void childrenOfThisJvmAreRefused() throws Exception {
    start();
    ProcessSockets sockets = ProcessSockets.create();
    assertThatThrownBy(() -> sockets.inspect(pid, fd))
        .isInstanceOf(TransferException.class)
        .hasMessageContaining("child");
    Files.createFile(directory.resolve("stop"));
    assertThat(said("end")[0]).isEqualTo("ok");
  }

  @Test
  void whatIsNoConnectionIsRefused() throws Exception {
    start("setsid", "-f");
    ProcessSockets sockets = ProcessSockets.create();
    assertThatThrownBy(() -> sockets.inspect(pid, 0)).isInstanceOf(TransferException.class);
    assertThatThrownBy(() -> sockets.inspect(pid, 9999)).isInstanceOf(TransferException.class);
    assertThatThrownBy(() -> sockets.inspect(local, local))
        .isInstanceOfSatisfying(
            TransferException.class,
            e ->
                assertThat(e.refusals())
                    .extracting(Refusal::reason)
                    .containsExactly(RefusalReason.NO_OWNER));
  }
}
