package dev.offramp.linux;

import static dev.offramp.api.descriptor.DescriptorFields.LOCAL_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WND;
import static dev.offramp.api.descriptor.DescriptorFields.REMOTE_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.SND_UNA;
import static dev.offramp.api.descriptor.DescriptorFields.TIMESTAMPS;
import static dev.offramp.api.descriptor.DescriptorFields.TIMESTAMP_NOW;
import static dev.offramp.api.descriptor.DescriptorFields.V4_MAPPED_SOCKET;
import static dev.offramp.api.descriptor.DescriptorFields.WINDOW_SCALING;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.libc.SocketAddresses;
import dev.offramp.linux.tcp.BufferLimitException;
import dev.offramp.linux.tcp.FileDescriptors;
import dev.offramp.linux.tcp.FreshSocket;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Carries out one arrival; whatever fails, nothing is left behind and nothing was sent. */
final class Installer {
  private final Kernel kernel;
  private final HostOptions options;
  private final IwarpConnectionDescriptor descriptor;
  private final Steps steps;

  Installer(Kernel kernel, HostOptions options, IwarpConnectionDescriptor descriptor) {
    this.kernel = kernel;
    this.options = options;
    this.descriptor = descriptor;
    this.steps = new Steps(options.listener());
  }

  Arrival<SocketChannel> install() throws TransferException {
    requireFields();
    steps.begin(TransferStep.PREPARE);
    try {
      return prepare();
    } catch (TransferException e) {
      throw e;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      throw new TransferException(
          TransferStep.PREPARE, Whereabouts.OLD_OWNER, String.valueOf(e.getMessage()), e);
    } finally {
      steps.end();
    }
  }

  /** What no default can stand for. */
  private void requireFields() throws TransferException {
    List<Refusal> refusals = new ArrayList<>();
    List<FieldKey<?>> needed =
        new ArrayList<>(List.of(RCV_NXT, SND_UNA, WINDOW_SCALING, TIMESTAMPS));
    if (descriptor.get(TIMESTAMPS).orElse(false)) {
      needed.add(TIMESTAMP_NOW);
    }
    for (FieldKey<?> key : needed) {
      if (!descriptor.isKnown(key)) {
        refusals.add(
            new Refusal(
                RefusalReason.FIELD_ABSENT,
                key + " absent: " + descriptor.get(key).source(),
                "a value: without it the peer would drop what this host sends",
                "use an owner that gives it"));
      }
    }
    DepartureCheck.state(
        descriptor.get(DescriptorFields.TCP_STATE).orElse(TcpState.ESTABLISHED), refusals);
    if (!refusals.isEmpty()) {
      throw TransferException.refused(TransferStep.PREPARE, refusals);
    }
  }

  private Arrival<SocketChannel> prepare() throws IOException {
    Opened opened = InNamespace.call(options.namespace(), this::open);
    SocketChannel channel = opened.files().channel();
    FreshSocket fresh = null;
    Arrival<SocketChannel> arrival = null;
    try {
      fresh = new FreshSocket(opened.files().socket());
      fill(channel, opened.family(), fresh);
      arrival = new HostArrival(channel, fresh, new Steps(options.listener()));
      return arrival;
    } finally {
      if (arrival == null) {
        discard(channel, fresh);
      }
    }
  }

  static void discard(SocketChannel channel, @org.jspecify.annotations.Nullable FreshSocket fresh) {
    if (fresh != null) {
      fresh.destroy();
    }
    try {
      channel.close();
    } catch (IOException e) {
      // The descriptor is given back whatever close(2) returns.
    }
  }

  /** A new channel, and the family of its socket. */
  private record Opened(FileDescriptors.Opened files, int family) {}

  /** IPv4 on an IPv6 socket stays that, where the host has IPv6. */
  private Opened open() throws IOException {
    boolean v4 = descriptor.value(LOCAL_ADDRESS).getAddress() instanceof Inet4Address;
    if (!v4 || descriptor.get(V4_MAPPED_SOCKET).orElse(false)) {
      try {
        return new Opened(open(StandardProtocolFamily.INET6), SocketAddresses.AF_INET6);
      } catch (UnsupportedOperationException e) {
        if (!v4) {
          throw new IOException("this host, or JVM, has no IPv6", e);
        }
      }
    }
    return new Opened(open(StandardProtocolFamily.INET), SocketAddresses.AF_INET);
  }

  private FileDescriptors.Opened open(StandardProtocolFamily family) throws IOException {
    return kernel.descriptors().open(() -> SocketChannel.open(family));
  }

  private void fill(SocketChannel channel, int family, FreshSocket fresh) throws IOException {
    ConnectionQueues queues = ConnectionQueues.of(descriptor);
    fresh.fenceAndFreeze(kernel.fence());
    makeRoom(fresh, queues);
    bind(fresh, family);
    fresh.setSequences(
        descriptor.value(RCV_NXT) - queues.unread().length(), descriptor.value(SND_UNA));
    connect(channel);
    fresh.negotiate(descriptor);
    fresh.fill(descriptor, queues.unread(), queues.unacknowledged());
    fresh.keepUnsent(queues.unsent());
  }

  private void makeRoom(FreshSocket fresh, ConnectionQueues queues) throws IOException {
    try {
      fresh.makeRoom(
          queues.unread().length(), descriptor.get(RCV_WND).orElse(0L), queues.outgoingBytes());
    } catch (BufferLimitException e) {
      throw TransferException.refused(
          TransferStep.PREPARE,
          List.of(
              new Refusal(
                  RefusalReason.QUEUE_TOO_LARGE,
                  "a queue of " + e.neededBytes() + " bytes",
                  "at most "
                      + e.limitBytes()
                      + " bytes without CAP_NET_ADMIN in the first user"
                      + " namespace",
                  "raise net.core.wmem_max and net.core.rmem_max, run as root, or drain first")));
    }
  }

  private void bind(FreshSocket fresh, int family) throws IOException {
    InetSocketAddress local = descriptor.value(LOCAL_ADDRESS);
    try {
      fresh.bind(local, family);
    } catch (LinuxException e) {
      String advice =
          switch (e.errno()) {
            case Errno.EADDRNOTAVAIL ->
                "the address is not one of this network namespace: add it to an interface first";
            case Errno.EADDRINUSE -> "another socket holds the port: close it first";
            default -> "see the error";
          };
      throw prepareFailed("cannot bind to " + local + "; " + advice, e);
    }
  }

  private void connect(SocketChannel channel) throws IOException {
    InetSocketAddress remote = descriptor.value(REMOTE_ADDRESS);
    try {
      channel.connect(remote); // in repair: no SYN, and at once
    } catch (BindException e) {
      throw prepareFailed(
          "the 4-tuple "
              + descriptor.value(LOCAL_ADDRESS)
              + " to "
              + remote
              + " is open on another socket of this network namespace; release the departure of"
              + " that one first, or arrive in another namespace",
          e);
    }
  }

  private static TransferException prepareFailed(String message, Exception cause) {
    return new TransferException(
        TransferStep.PREPARE, Whereabouts.OLD_OWNER, message + ": " + cause.getMessage(), cause);
  }
}
