package dev.offramp.linux;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.linux.helper.HelperLibC;
import dev.offramp.linux.libc.Availability;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import dev.offramp.linux.tcp.OpenFiles;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.StateReader;
import dev.offramp.linux.tcp.TcpInfo;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * The host's TCP stack as an owner of connections: gives a live {@link SocketChannel} up, and puts
 * a described connection in, by TCP_REPAIR.
 *
 * <p>Needs {@code --enable-native-access=dev.offramp.linux} and CAP_NET_ADMIN; where they are
 * missing every method refuses by name, and nothing is printed. Thread-safe; a departure or arrival
 * belongs to one thread at a time.
 *
 * <p>While a plain channel is departing, nothing else may use it: threads and selectors that wait
 * on it are found and refused, later ones cannot be. A {@link GatedChannel} excludes them reliably.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class HostStack implements StateTransfer<SocketChannel> {
  static final String OWNER_NAME = "linux";

  private final Availability availability;
  private final @Nullable Kernel kernel;
  private final HostOptions options;

  private HostStack(Availability availability, @Nullable LibC libc, HostOptions options) {
    this.availability = availability;
    this.kernel = libc == null ? null : new Kernel(libc, OpenFiles.ofThisProcess(), options);
    this.options = options;
  }

  /** The stack of the calling threads' network namespace. */
  public static HostStack create() {
    return create(HostOptions.defaults());
  }

  /** A stack with options. Never throws: see {@link Doctor} for what is missing. */
  public static HostStack create(HostOptions options) {
    Availability availability = NativeAccess.check();
    return new HostStack(availability, availability.available() ? libcFor(options) : null, options);
  }

  private static LibC libcFor(HostOptions options) {
    LibC real = NativeAccess.libc();
    Path helper = options.helper();
    return helper == null ? real : HelperLibC.of(real, helper, options.helperTimeout());
  }

  /**
   * A stack over a C library of the caller's choice, for tests and measurements: one that counts
   * its calls, or makes some of them fail. Its type is not exported, so this is for those who have
   * been let in ({@code --add-exports dev.offramp.linux/dev.offramp.linux.libc=...}).
   */
  @SuppressWarnings("exports")
  public static HostStack create(LibC libc, HostOptions options) {
    return new HostStack(Availability.yes(), libc, options);
  }

  @Override
  public String ownerName() {
    return OWNER_NAME;
  }

  /**
   * Puts a gate in front of a connected channel, and makes it non-blocking. From then on use only
   * the gate.
   *
   * @throws TransferException when native access is missing, or the channel is closed
   */
  public GatedChannel gate(SocketChannel channel) throws TransferException {
    Kernel k = kernel(TransferStep.EXCLUDE);
    try {
      OsSocket socket = k.descriptors().of(channel);
      boolean sole = k.descriptors().bySocket().getOrDefault(socket.cookie(), List.of()).size() < 2;
      return new GatedChannel(channel, socket, sole);
    } catch (IOException e) {
      throw failed(TransferStep.EXCLUDE, e);
    }
  }

  /**
   * Looks at a running connection without stopping it.
   *
   * @throws TransferException when it is no connected TCP socket, or native access is missing
   */
  public ConnectionProfile profile(SocketChannel channel) throws TransferException {
    Kernel k = kernel(TransferStep.ADMIT);
    List<Refusal> obstacles = departureObstacles(channel);
    try {
      OsSocket socket = k.descriptors().of(channel);
      TcpInfo info = TcpInfo.of(socket);
      IwarpConnectionDescriptor.Builder facts = IwarpConnectionDescriptor.builder();
      StateReader.Ends ends = StateReader.describeConstants(socket, info, facts);
      StateReader.describeRunning(info, facts);
      k.describePath(socket, ends, PrivilegeProbe.namespaceCookie(socket), facts);
      int unsent = socket.unsentBytes();
      int queued = Math.max(unsent, socket.queuedBytes());
      return new ConnectionProfile(
          facts.build(), socket.unreadBytes(), queued - unsent, unsent, Set.copyOf(obstacles));
    } catch (IOException | RuntimeException e) {
      if (obstacles.isEmpty()) {
        throw failed(TransferStep.ADMIT, e);
      }
      throw TransferException.refused(TransferStep.ADMIT, obstacles);
    }
  }

  /**
   * Adds what TCP says of a running connection: its constants and the numbers of the moment. Adds
   * nothing where native access is missing.
   *
   * @throws IOException when it is no connected TCP socket
   */
  public void describe(SocketChannel channel, IwarpConnectionDescriptor.Builder to)
      throws IOException {
    Kernel k = kernel;
    if (k != null) {
      OsSocket socket = k.descriptors().of(channel);
      TcpInfo info = TcpInfo.of(socket);
      StateReader.describeConstants(socket, info, to);
      StateReader.describeRunning(info, to);
    }
  }

  /**
   * Ends the input of a connection so many bytes behind what has been read of it, until the limit
   * is closed. Nobody else may read, or change its filter, meanwhile; a departure may follow, and
   * when it resumes the limit still stands.
   *
   * @return empty when TCP has received more already; nothing has changed then
   * @throws TransferException when the kernel or a missing privilege forbids it
   */
  public Optional<InputLimit> limitInput(SocketChannel channel, int furtherBytes)
      throws TransferException {
    Kernel k = kernel(TransferStep.DRAIN);
    try {
      return Optional.ofNullable(InputLimit.at(k.descriptors().of(channel), furtherBytes));
    } catch (IOException e) {
      throw failed(TransferStep.DRAIN, e);
    }
  }

  /** Why {@code channel} cannot depart; empty when it can. Nothing is stopped. */
  public List<Refusal> departureObstacles(SocketChannel channel) {
    Kernel k = kernel;
    return k == null ? List.of(nativeAccessMissing()) : k.check().of(channel);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Refuses what would lose bytes, in either direction, or cannot be read; and to travel with a
   * congestion state or an ECN negotiation is reported as lost, since TCP_REPAIR cannot set them.
   */
  @Override
  public Admission admits(ConnectionProfile profile) {
    Kernel k = kernel;
    return k == null
        ? Admission.refused(List.of(nativeAccessMissing()))
        : ArrivalAdmission.of(profile, k.privilege());
  }

  @Override
  public Departure depart(SocketChannel connection) throws TransferException {
    return depart(connection, Drain.NONE);
  }

  /** {@link #depart(SocketChannel)}, for a target that cannot take bytes under way. */
  public Departure depart(SocketChannel connection, Drain drain) throws TransferException {
    return stop(connection, drain, null);
  }

  /**
   * {@link #depart(SocketChannel, Drain)} for one of many connections, or for a caller who has kept
   * everybody else away: nothing is asked that grows with the number of threads or descriptors.
   *
   * @param users who uses the connections: {@link #lookForUsers}, shortly before, or {@link
   *     ChannelUsers#excludedByCaller}
   */
  public Departure depart(SocketChannel connection, Drain drain, ChannelUsers users)
      throws TransferException {
    return stop(connection, drain, users);
  }

  private Departure stop(SocketChannel connection, Drain drain, @Nullable ChannelUsers users)
      throws TransferException {
    Kernel k = kernel(TransferStep.ADMIT);
    // Keeps configureBlocking and register away while the state is being read.
    synchronized (connection.blockingLock()) {
      return new Stopper(k, options, drain, users).stop(connection, null);
    }
  }

  /**
   * Looks for who uses the connections of this process: its threads inside system calls, its epoll
   * instances, duplicate descriptors. Takes some microseconds for each thread and each descriptor.
   *
   * @throws TransferException when native access, or {@code /proc}, is missing
   */
  public ChannelUsers lookForUsers() throws TransferException {
    Kernel k = kernel(TransferStep.ADMIT);
    try {
      return k.check().users();
    } catch (IOException e) {
      throw failed(TransferStep.ADMIT, e);
    }
  }

  /** Departs under its users: they wait at the gate. */
  public Departure depart(GatedChannel connection) throws TransferException {
    return depart(connection, Drain.NONE);
  }

  /** {@link #depart(GatedChannel)}, for a target that cannot take bytes under way. */
  public Departure depart(GatedChannel connection, Drain drain) throws TransferException {
    Kernel k = kernel(TransferStep.ADMIT);
    return new Stopper(k, options, drain, null).stop(connection.channel(), connection);
  }

  /**
   * Lets a connection go on that a failed departure has left {@link
   * dev.offramp.api.transfer.Whereabouts#FROZEN}: what could not be undone then is tried again, on
   * behalf of whoever has no {@link Departure} to resume. For one thread at a time, and not while
   * its departure is being resumed.
   *
   * @return whether there was something to undo
   * @throws TransferException when it cannot be undone now either; ask again
   */
  public boolean resume(SocketChannel connection) throws TransferException {
    return kernel(TransferStep.RESUME).standing().resume(connection);
  }

  /** The same; its users, who wait at the gate, go on. */
  public boolean resume(GatedChannel connection) throws TransferException {
    return resume(connection.channel());
  }

  /**
   * {@inheritDoc}
   *
   * <p>Until activation the new socket is fenced, so it neither takes nor answers a segment. A
   * connection with unacknowledged bytes should be activated within a second: after that the
   * kernel's retransmission timer, which TCP_REPAIR does not stop, can repeat them.
   *
   * <p>The same 4-tuple cannot be open twice in one namespace, so a connection that returns to the
   * namespace it left must have been released there before. Until this returns nobody has the
   * 4-tuple then, and the host answers a segment of the peer with RST: something must drop them
   * meanwhile (docs/linux.md).
   */
  @Override
  public Arrival<SocketChannel> arrive(IwarpConnectionDescriptor descriptor)
      throws TransferException {
    Kernel k = kernel(TransferStep.PREPARE);
    return new Installer(k, options, descriptor).install();
  }

  /**
   * Has the peer of a connection that nobody has any more hear of it now, and not only when it
   * speaks next: by a SYN, to whose acknowledgement the host answers with RST (RFC 9293, section
   * 3.5.1). The SYN is repeated for some seconds, while this method has returned; a peer that
   * answers nothing is given up then. To be called as soon as the connection is lost, since a later
   * one of the same 4-tuple would be reset as well.
   *
   * @throws IOException when the host itself has a connection of this 4-tuple, or the address is
   *     not one of its own; and a {@link TransferException} when the means are missing
   */
  public void resetPeer(InetSocketAddress local, InetSocketAddress remote) throws IOException {
    new HalfOpen(kernel(TransferStep.ACTIVATE), options).resetPeer(local, remote);
  }

  Kernel kernel(TransferStep step) throws TransferException {
    Kernel k = kernel;
    if (k == null) {
      throw TransferException.refused(step, List.of(nativeAccessMissing()));
    }
    return k;
  }

  private Refusal nativeAccessMissing() {
    return new Refusal(
        RefusalReason.UNSUPPORTED,
        availability.cause(),
        "native access to Linux",
        availability.remedy());
  }

  static TransferException failed(TransferStep step, Exception cause) {
    return new TransferException(
        step,
        dev.offramp.api.transfer.Whereabouts.OLD_OWNER,
        String.valueOf(cause.getMessage()),
        cause);
  }
}
