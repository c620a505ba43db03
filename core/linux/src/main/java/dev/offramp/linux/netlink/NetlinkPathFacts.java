package dev.offramp.linux.netlink;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.PathFacts;
import dev.offramp.linux.libc.LibC;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * {@link PathFacts} from rtnetlink: {@link EgressPath} as fields of a descriptor. In the namespace
 * of this process over sockets that stay open for as long as this object is in use; in any other
 * over one for each question, so that it can end. Safe for many threads.
 */
public final class NetlinkPathFacts implements PathFacts {
  // The descriptor limits a source to 255 bytes; reasons can quote the kernel.
  private static final int MAX_SOURCE_CHARACTERS = 200;

  private static final Cleaner CLEANER = Cleaner.create();

  private final LibC libc;
  private @Nullable OwnNamespacePaths own;
  private long otherNamespace;

  /**
   * Asks through {@code libc}.
   *
   * @param libc the C library
   */
  public NetlinkPathFacts(LibC libc) {
    this.libc = libc;
  }

  @Override
  public void describe(PathQuery query, IwarpConnectionDescriptor.Builder to) throws IOException {
    OwnNamespacePaths paths = ownPaths(query.namespaceCookie());
    if (paths == null) {
      put(to, askOnce(query));
      return;
    }
    try {
      put(to, paths.describe(query));
    } finally {
      // Else the cleaner could close the sockets in the middle of the last question.
      Reference.reachabilityFence(this);
    }
  }

  private EgressPath askOnce(PathQuery query) throws IOException {
    try (NetlinkSocket socket = NetlinkSocket.open(libc)) {
      return EgressPath.describe(
          socket,
          query.local(),
          query.remote(),
          new EgressPath.Hints(query.mark(), 0, 0, query.boundInterfaceIndex()));
    }
  }

  /** The open sockets, when they are of that namespace; null when one has to be opened there. */
  private synchronized @Nullable OwnNamespacePaths ownPaths(long namespaceCookie)
      throws IOException {
    if (namespaceCookie == 0 || namespaceCookie == otherNamespace) {
      return null;
    }
    OwnNamespacePaths known = own;
    if (known == null) {
      known = OwnNamespacePaths.open(libc);
      if (known != null) {
        own = known;
        CLEANER.register(this, known::close);
      }
    }
    if (known != null && known.isOf(namespaceCookie)) {
      return known;
    }
    otherNamespace = namespaceCookie;
    return null;
  }

  /** Puts the fields of {@link PathFacts#fields} into {@code to}, absent ones with a reason. */
  public static void put(IwarpConnectionDescriptor.Builder to, EgressPath path) {
    put(to, DescriptorFields.EGRESS_INTERFACE, path.egressInterface());
    put(to, DescriptorFields.EGRESS_INTERFACE_INDEX, path.egressInterfaceIndex());
    put(to, DescriptorFields.SOURCE_MAC, path.sourceMac());
    put(to, DescriptorFields.NEXT_HOP, path.nextHop());
    put(to, DescriptorFields.NEXT_HOP_MAC, path.nextHopMac());
    put(to, DescriptorFields.VLAN_TAG, path.vlanTag());
  }

  static <T> void put(IwarpConnectionDescriptor.Builder to, FieldKey<T> key, Field<T> field) {
    String source = field.source();
    String brief =
        source.length() <= MAX_SOURCE_CHARACTERS
            ? source
            : source.substring(0, MAX_SOURCE_CHARACTERS);
    switch (field.origin()) {
      case PRESENT -> to.present(key, field.value(), brief);
      case DERIVED -> to.derived(key, field.value(), brief);
      case ABSENT -> to.absent(key, brief);
    }
  }
}
