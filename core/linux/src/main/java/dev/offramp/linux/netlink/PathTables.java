package dev.offramp.linux.netlink;

import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.MacAddress;
import java.io.IOException;
import java.net.InetAddress;

/** What the kernel knows besides routes: interfaces and neighbours. */
interface PathTables {
  /** As {@link Links#lookup}. */
  Link link(int index) throws IOException;

  /** As {@link Neighbours#lookup}. */
  Field<MacAddress> neighbour(int interfaceIndex, InetAddress address) throws IOException;

  /** Asks each time. */
  static PathTables asked(NetlinkSocket socket) {
    return new PathTables() {
      @Override
      public Link link(int index) throws IOException {
        return new Links(socket).lookup(index);
      }

      @Override
      public Field<MacAddress> neighbour(int interfaceIndex, InetAddress address)
          throws IOException {
        return new Neighbours(socket).lookup(interfaceIndex, address);
      }
    };
  }
}
