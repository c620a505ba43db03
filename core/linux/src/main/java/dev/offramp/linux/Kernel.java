package dev.offramp.linux;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.tcp.Fence;
import dev.offramp.linux.tcp.FileDescriptors;
import dev.offramp.linux.tcp.OpenFiles;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.StateReader;
import java.io.IOException;

/** The services that a {@link HostStack} is made of, over one C library. Thread-safe. */
final class Kernel {
  private static final String MEANING_UNKNOWN =
      "the host's stack does not know what its bytes mean";

  private final LibC libc;
  private final HostOptions options;
  private final FileDescriptors descriptors;
  private final PrivilegeProbe privilege;
  private final DepartureCheck check;
  private final Fence fence;
  private final StandingStill standing = new StandingStill();

  Kernel(LibC libc, OpenFiles openFiles, HostOptions options) {
    this.libc = libc;
    this.options = options;
    this.descriptors = new FileDescriptors(libc, openFiles);
    this.privilege = new PrivilegeProbe(libc, options.namespace(), options.helper());
    this.check = new DepartureCheck(descriptors, privilege);
    this.fence = new Fence(libc);
  }

  LibC libc() {
    return libc;
  }

  FileDescriptors descriptors() {
    return descriptors;
  }

  PrivilegeProbe privilege() {
    return privilege;
  }

  DepartureCheck check() {
    return check;
  }

  Fence fence() {
    return fence;
  }

  /** Connections that could not be let go on. */
  StandingStill standing() {
    return standing;
  }

  /** What to say of a connection that could not be let go on, or not as it was. */
  TransferException resumeFailed(StoppedSocket stopped, Exception cause) {
    boolean frozen = stopped.isStopped();
    String what =
        frozen
            ? "the kernel refuses to let the connection go on; call resume() again, of its"
                + " departure or of HostStack, or close the channel: "
            : "the connection goes on, but not all of its options could be restored: ";
    if (frozen && isHelperMissing(cause)) {
      what =
          "no helper answered at [%s] within %d ms; start one, and then call resume(), of its"
                  .formatted(options.helper(), options.helperTimeout().toMillis())
              + " departure or of HostStack, or close the channel: ";
    }
    return new TransferException(
        TransferStep.RESUME,
        frozen ? Whereabouts.FROZEN : Whereabouts.OLD_OWNER,
        what + cause.getMessage(),
        cause);
  }

  /** As {@link dev.offramp.linux.helper.HelperLibC} says it. */
  static boolean isHelperMissing(Exception failure) {
    return failure instanceof LinuxException e && e.errno() == Errno.ETIMEDOUT;
  }

  /** Asks for the path, in the connection's namespace. What cannot be found out is absent. */
  void describePath(
      OsSocket socket,
      StateReader.Ends ends,
      long namespaceCookie,
      IwarpConnectionDescriptor.Builder to)
      throws IOException {
    try {
      PathFacts.PathQuery query =
          new PathFacts.PathQuery(
              ends.local(),
              ends.remote(),
              socket.getInt(Opt.SO_MARK),
              socket.getInt(Opt.SO_BINDTOIFINDEX),
              namespaceCookie);
      describePath(query, to);
    } catch (IOException e) {
      for (FieldKey<?> key : PathFacts.fields()) {
        to.absent(key, "the host could not be asked: " + brief(e));
      }
    }
    to.absent(DescriptorFields.MPA_SEND_START, MEANING_UNKNOWN);
    to.absent(DescriptorFields.MPA_RECEIVE_START, MEANING_UNKNOWN);
  }

  private void describePath(PathFacts.PathQuery query, IwarpConnectionDescriptor.Builder to)
      throws IOException {
    if (options.namespace().equals(NamespaceRunner.CURRENT)) {
      options.pathFacts().describe(query, to);
      return;
    }
    InNamespace.call(
        options.namespace(),
        () -> {
          options.pathFacts().describe(query, to);
          return query;
        });
  }

  /** A source is limited to 255 bytes. */
  private static String brief(Exception e) {
    String message = String.valueOf(e.getMessage());
    int limit = 60;
    return message.length() <= limit ? message : message.substring(0, limit);
  }
}
