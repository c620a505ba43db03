package dev.offramp.provider.chelsio.adapter;

import dev.offramp.spi.RnicException;
import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Local IPv6 addresses that the look-up engine knows (clip_tbl.c). Safe for several threads, which
 * take turns.
 */
final class LocalAddresses {
  private final Adapter adapter;
  private final Map<Inet6Address, Integer> users = new HashMap<>();

  LocalAddresses(Adapter adapter) {
    this.adapter = adapter;
  }

  /** Makes an address known. */
  synchronized void take(Inet6Address address) throws RnicException {
    if (!users.containsKey(address)) {
      ByteBuffer octets = ByteBuffer.wrap(address.getAddress());
      adapter.addClip(octets.getLong(0), octets.getLong(Long.BYTES));
    }
    users.merge(address, 1, Integer::sum);
  }

  /** Says that one connection less uses an address. */
  synchronized void giveBack(Inet6Address address) {
    if (users.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1) == null) {
      ByteBuffer octets = ByteBuffer.wrap(address.getAddress());
      adapter.removeClip(octets.getLong(0), octets.getLong(Long.BYTES));
    }
  }

  synchronized int inUse() {
    return users.size();
  }
}
