package dev.offramp.linux;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.linux.tcp.ConnectedChannel;
import dev.offramp.linux.tcp.FileDescriptors;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.StateReader;
import dev.offramp.linux.tcp.TcpInfo;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * Connections change the process and stay in their kernel: the socket itself is passed by
 * SCM_RIGHTS (unix(7)) over a {@link PassingLink}. Takes no privilege, no TCP_REPAIR and no fence;
 * unread and unsent bytes stay where they are, and the peer notices nothing.
 *
 * <p>Needs {@code --enable-native-access=dev.offramp.linux}. Thread-safe; a departure or arrival
 * belongs to one thread at a time. What the process itself keeps of a connection, as TLS or buffers
 * of its own, does not travel.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class SocketPassing {
  private final HostStack stack;

  /** Passes connections of {@code stack}. */
  public SocketPassing(HostStack stack) {
    this.stack = stack;
  }

  /**
   * Stops this process's use of a connection, so that its socket can be passed. From now on nothing
   * may use the channel; who does is found and refused, who begins later cannot be.
   *
   * @throws TransferException when it is no connected TCP socket, somebody uses the channel, or
   *     native access is missing; it goes on
   */
  public SocketDeparture pass(SocketChannel connection) throws TransferException {
    synchronized (connection.blockingLock()) {
      return stop(connection, null);
    }
  }

  /** The same under its users: they wait at the gate, and find the channel closed afterwards. */
  public SocketDeparture pass(GatedChannel connection) throws TransferException {
    Stopper.shut(connection);
    SocketDeparture departure = null;
    try {
      departure = stop(connection.channel(), connection);
      return departure;
    } finally {
      if (departure == null) {
        connection.reopen();
      }
    }
  }

  private SocketDeparture stop(SocketChannel channel, @Nullable GatedChannel gate)
      throws TransferException {
    Kernel kernel = stack.kernel(TransferStep.ADMIT);
    List<Refusal> found = DepartureCheck.javaSide(channel);
    StoppedSocket held = null;
    SocketDeparture departure = null;
    try {
      if (found.isEmpty()) {
        // Found anew where it has changed; the duplicate is compared with what was found.
        kernel.descriptors().of(channel);
        FileDescriptors.Known known = kernel.descriptors().lastKnown(channel);
        held = StoppedSocket.hold(known);
        if (held == null) {
          throw new IOException("the channel was closed meanwhile");
        }
        ChannelUsers users = gate != null && gate.isSole() ? ChannelUsers.excludedByCaller() : null;
        kernel.check().beforePassing(channel, known, held.socket(), users, found);
      }
      if (!found.isEmpty()) {
        throw TransferException.refused(TransferStep.ADMIT, found);
      }
      StoppedSocket stopped = Objects.requireNonNull(held);
      departure = new SocketDeparture(channel, gate, stopped, describe(kernel, stopped.socket()));
      return departure;
    } catch (TransferException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw HostStack.failed(TransferStep.ADMIT, e);
    } finally {
      if (departure == null && held != null) {
        held.letGo();
      }
    }
  }

  private static IwarpConnectionDescriptor describe(Kernel kernel, OsSocket socket)
      throws IOException {
    TcpInfo info = TcpInfo.of(socket);
    IwarpConnectionDescriptor.Builder facts = IwarpConnectionDescriptor.builder();
    StateReader.Ends ends = StateReader.describeConstants(socket, info, facts);
    StateReader.describeRunning(info, facts);
    kernel.describePath(socket, ends, PrivilegeProbe.namespaceCookie(socket), facts);
    return facts.build();
  }

  /**
   * Makes a connection of this process out of a socket that was passed, if it is the one that is
   * described. Until activation it is neither read nor written here.
   *
   * @param passed closed when this returns or throws: the arrival has a descriptor of its own
   * @return when activated a blocking channel, like a connected one in all respects; when abandoned
   *     only this process's descriptor is closed, without a segment as long as another one exists
   * @throws TransferException when it is no TCP connection, another one, not running, or of another
   *     network namespace; or a channel cannot be made of it. Nothing is left here
   */
  public Arrival<SocketChannel> adopt(PassedSocket passed, IwarpConnectionDescriptor descriptor)
      throws TransferException {
    try (passed) {
      Kernel kernel = stack.kernel(TransferStep.PREPARE);
      OsSocket socket = passed.socket();
      List<Refusal> found = new ArrayList<>();
      DepartureCheck.passed(socket, found);
      if (found.isEmpty()) {
        requireDescribed(socket, descriptor, found);
        kernel.privilege().foreign(socket).ifPresent(found::add);
      }
      if (!found.isEmpty()) {
        throw TransferException.refused(TransferStep.PREPARE, found);
      }
      return new SocketArrival(ConnectedChannel.over(kernel.descriptors(), socket));
    } catch (TransferException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw HostStack.failed(TransferStep.PREPARE, e);
    }
  }

  /** In one namespace two addresses and two ports are one connection (RFC 9293, section 3.3.1). */
  private static void requireDescribed(
      OsSocket socket, IwarpConnectionDescriptor d, List<Refusal> found) throws IOException {
    InetSocketAddress local = socket.localName().address();
    InetSocketAddress remote = socket.remoteName().address();
    InetSocketAddress localThere = d.value(DescriptorFields.LOCAL_ADDRESS);
    InetSocketAddress remoteThere = d.value(DescriptorFields.REMOTE_ADDRESS);
    if (!local.equals(localThere) || !remote.equals(remoteThere)) {
      found.add(
          DepartureCheck.refusal(
              RefusalReason.NO_OWNER,
              "the socket of " + local + " to " + remote,
              "that of " + localThere + " to " + remoteThere + ", which is described",
              "pass the socket of the connection that is described"));
    }
  }
}
