package dev.offramp.linux;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.libc.LibC;
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

  Kernel(LibC libc, OpenFiles openFiles, HostOptions options) {
    this.libc = libc;
    this.options = options;
    this.descriptors = new FileDescriptors(libc, openFiles);
    this.privilege = new PrivilegeProbe(libc, options.namespace());
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
