package dev.offramp.linux;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.libc.NativeAccess;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.netlink.NetlinkPathFacts;
import dev.offramp.linux.tcp.FrozenSocket;
import dev.offramp.linux.tcp.OpenFiles;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.PausedProcess;
import dev.offramp.linux.tcp.RepairSession;
import dev.offramp.linux.tcp.StateReader;
import dev.offramp.linux.tcp.TcpInfo;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apiguardian.api.API;

/**
 * Describes live connections of other processes without harming them.
 *
 * <p>The process is stopped (by ptrace, all its threads) for as long as the socket is frozen: a
 * {@code send} while TCP_REPAIR is on would corrupt its stream. It notices nothing: its system
 * calls are restarted, and TCP recovers what the peer sent meanwhile. Children of this JVM are
 * refused: Java would take the stop for their end. Needs CAP_NET_ADMIN and the right to trace the
 * process. Route, neighbour and VLAN are not looked up. Thread-safe.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class ProcessSockets {
  private final LibC libc;

  ProcessSockets(LibC libc) {
    this.libc = libc;
  }

  /**
   * Opens the look into other processes.
   *
   * @throws TransferException when native access is missing
   */
  public static ProcessSockets create() throws TransferException {
    var availability = NativeAccess.check();
    if (!availability.available()) {
      throw TransferException.refused(
          TransferStep.ADMIT,
          List.of(
              new Refusal(
                  RefusalReason.UNSUPPORTED,
                  availability.cause(),
                  "native access to Linux",
                  availability.remedy())));
    }
    return new ProcessSockets(NativeAccess.libc());
  }

  /**
   * Describes the connection with these ends, whichever other process has it open.
   *
   * @throws TransferException when none can be found or looked at; the connection goes on
   */
  public IwarpConnectionDescriptor inspect(InetSocketAddress local, InetSocketAddress remote)
      throws TransferException {
    for (int pid : numbers(Path.of("/proc"))) {
      if (pid == ProcessHandle.current().pid()) {
        continue;
      }
      for (int fd : numbers(Path.of("/proc", Integer.toString(pid), "fd"))) {
        if (isSocket(pid, fd) && connects(pid, fd, local, remote)) {
          return inspect(pid, fd);
        }
      }
    }
    throw TransferException.refused(
        TransferStep.ADMIT,
        List.of(
            new Refusal(
                RefusalReason.NO_OWNER,
                "no process with a connection from " + local + " to " + remote,
                "one that this process may look into",
                "check the addresses with [ss -tnp], and run as root")));
  }

  /** A process that is gone, or may not be looked into, has none. */
  private static int[] numbers(Path directory) {
    try {
      return OpenFiles.numbers(directory);
    } catch (IOException e) {
      return new int[0];
    }
  }

  private static boolean isSocket(int pid, int fd) {
    try {
      Path link = Path.of("/proc", Integer.toString(pid), "fd", Integer.toString(fd));
      return Files.readSymbolicLink(link).toString().startsWith("socket:");
    } catch (IOException e) {
      return false;
    }
  }

  private boolean connects(int pid, int fd, InetSocketAddress local, InetSocketAddress remote) {
    int copy;
    try {
      copy = copy(pid, fd);
    } catch (IOException e) {
      return false;
    }
    OsSocket socket = new OsSocket(libc, copy);
    try {
      return socket.localName().address().equals(local)
          && socket.remoteName().address().equals(remote);
    } catch (IOException e) {
      return false; // another kind of socket, or not connected
    } finally {
      libc.close(copy);
    }
  }

  /**
   * Describes the connection that is descriptor {@code fd} of process {@code pid}.
   *
   * @throws TransferException when it is no established TCP connection, or may not be looked at;
   *     the connection goes on
   */
  public IwarpConnectionDescriptor inspect(int pid, int fd) throws TransferException {
    CompletableFuture<IwarpConnectionDescriptor> result = new CompletableFuture<>();
    // The tracer is a thread, so this needs a platform thread that does nothing else meanwhile.
    Thread.ofPlatform()
        .daemon()
        .name("offramp-inspect-" + pid)
        .start(() -> {
          try {
            result.complete(inspectHere(pid, fd));
          } catch (IOException | RuntimeException | Error e) {
            result.completeExceptionally(e);
          }
        });
    try {
      return result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TransferException typed) {
        throw typed;
      }
      throw new TransferException(
          TransferStep.DESCRIBE,
          Whereabouts.OLD_OWNER,
          "descriptor " + fd + " of process " + pid + ": " + e.getCause(),
          e.getCause());
    }
  }

  private IwarpConnectionDescriptor inspectHere(int pid, int fd) throws IOException {
    int copy = copy(pid, fd);
    try {
      OsSocket socket = new OsSocket(libc, copy);
      requireMovable(socket);
      requireStranger(pid);
      IwarpConnectionDescriptor descriptor;
      try (PausedProcess paused = PausedProcess.pause(libc, pid)) {
        descriptor = describe(socket, paused);
      }
      return withPath(pid, socket, descriptor);
    } finally {
      libc.close(copy);
    }
  }

  /** Adds the way to the peer, as the process's own namespace sees it; the process runs again. */
  private IwarpConnectionDescriptor withPath(
      int pid, OsSocket socket, IwarpConnectionDescriptor descriptor) {
    IwarpConnectionDescriptor.Builder facts = descriptor.toBuilder();
    try (NetworkNamespace namespace = NetworkNamespace.ofProcess(pid)) {
      HostOptions options =
          HostOptions.defaults().withNamespace(namespace).withPathFacts(new NetlinkPathFacts(libc));
      StateReader.Ends ends =
          new StateReader.Ends(
              descriptor.value(DescriptorFields.LOCAL_ADDRESS),
              descriptor.value(DescriptorFields.REMOTE_ADDRESS));
      // Its namespace is not this process's: nothing is to be remembered of it.
      new Kernel(libc, OpenFiles.ofThisProcess(), options).describePath(socket, ends, 0, facts);
    } catch (IOException e) {
      // The process has ended, or its namespace is closed to us; the rest is still worth having.
      return descriptor;
    }
    return facts.build();
  }

  /** ptrace tells any waiting thread of the tracer: Java's reaper would take a stop for the end. */
  private static void requireStranger(int pid) throws TransferException {
    long self = ProcessHandle.current().pid();
    boolean related =
        pid == self
            || ProcessHandle.of(pid)
                .flatMap(ProcessHandle::parent)
                .map(parent -> parent.pid() == self)
                .orElse(false);
    if (related) {
      throw TransferException.refused(
          TransferStep.ADMIT,
          List.of(
              new Refusal(
                  RefusalReason.UNSUPPORTED,
                  "process " + pid + ", which is this JVM or a child of it",
                  "a process that Java does not wait for",
                  "look from another process; a channel of this JVM is described by"
                      + " HostStack.depart")));
    }
  }

  private int copy(int pid, int fd) throws IOException {
    int pidfd = (int) LinuxException.check(libc.pidfd_open(pid, 0), "pidfd_open(" + pid + ")");
    try {
      return (int)
          LinuxException.check(
              libc.pidfd_getfd(pidfd, fd, 0),
              "pidfd_getfd(" + pid + ", " + fd + ") (needs CAP_SYS_PTRACE, or the same user)");
    } finally {
      libc.close(pidfd);
    }
  }

  private static void requireMovable(OsSocket socket) throws IOException {
    List<Refusal> obstacles = DepartureCheck.ofSocket(socket);
    if (RepairSession.isOn(socket)) {
      obstacles.add(
          new Refusal(
              RefusalReason.CHANNEL_IN_USE,
              "a socket in repair mode",
              "a running one",
              "wait until whatever has frozen it is done"));
    }
    if (!obstacles.isEmpty()) {
      throw TransferException.refused(TransferStep.ADMIT, obstacles);
    }
  }

  /**
   * Needs the proof that the process is paused.
   *
   * @param paused the process; closed by the caller after the thaw
   */
  private static IwarpConnectionDescriptor describe(OsSocket socket, PausedProcess paused)
      throws IOException {
    java.util.Objects.requireNonNull(paused);
    IwarpConnectionDescriptor.Builder facts = IwarpConnectionDescriptor.builder();
    StateReader.describeConstants(socket, TcpInfo.of(socket), facts);
    FrozenSocket frozen = FrozenSocket.freeze(socket);
    try {
      frozen.fence();
      frozen.describe(facts);
    } finally {
      thaw(frozen);
    }
    return facts.build();
  }

  private static void thaw(FrozenSocket frozen) throws TransferException {
    try {
      frozen.thaw();
    } catch (LinuxException e) {
      throw new TransferException(
          TransferStep.RESUME,
          frozen.isStopped() ? Whereabouts.FROZEN : Whereabouts.OLD_OWNER,
          String.valueOf(e.getMessage()),
          e);
    }
  }
}
