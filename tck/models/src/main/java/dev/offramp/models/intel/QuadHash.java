package dev.offramp.models.intel;

import dev.offramp.models.Link;
import dev.offramp.models.Link.Claim;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The hash of 4-tuples. An entry that a command put in sends segments to a QP of raw packets, which
 * drops them; a connection that is loaded puts its own in that one's place, for irdma then forgets
 * the first ({@code qhash_set = false}) and removes the second by the bits of MODIFY_QP and
 * DESTROY_QP. The link's claim on the 4-tuple is held as long as there is an entry.
 */
final class QuadHash {
  /** IRDMA_QHASH_TYPE_TCP_ESTABLISHED. */
  static final int TYPE_ESTABLISHED = 1;

  /** IRDMA_QHASH_TYPE_TCP_SYN. */
  static final int TYPE_SYN = 2;

  static final int MANAGE_DELETE = 0;

  /** Of the device's view: it hashes what comes in, so the peer is the source. */
  record Quad(InetSocketAddress local, InetSocketAddress remote) {}

  private static final class Entry {
    private Claim claim;
    private boolean commanded;
    private int owner = NOBODY;

    Entry(Claim claim) {
      this.claim = claim;
    }
  }

  private static final int NOBODY = -1;

  private final Link link;
  private final Map<Quad, Entry> entries = new ConcurrentHashMap<>();

  /** Listening ports; the model has no packets for them. */
  private final Map<InetSocketAddress, Integer> listening = new ConcurrentHashMap<>();

  QuadHash(Link link) {
    this.link = link;
  }

  /** MANAGE_QHASH. */
  void manage(long[] command) throws CommandException {
    int manage = CommandFields.QHASH_MANAGE.getInt(command);
    int type = CommandFields.QHASH_ENTRYTYPE.getInt(command);
    InetSocketAddress local = local(command);
    if (type == TYPE_SYN) {
      if (manage == MANAGE_DELETE) {
        listening.remove(local);
      } else {
        listening.put(local, CommandFields.QHASH_QP.getInt(command));
      }
    } else if (type == TYPE_ESTABLISHED) {
      Quad quad = new Quad(local, remote(command));
      if (manage == MANAGE_DELETE) {
        delete(quad);
      } else {
        LocalTables.station(CommandFields.QHASH_MAC.get(command), "MAC of MANAGE_QHASH");
        entry(quad).commanded = true;
      }
    } else {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD,
          "MANAGE_QHASH of type [%d]: TCP has 1 and 2".formatted(type));
    }
  }

  private void delete(Quad quad) throws CommandException {
    Entry entry = entries.get(quad);
    if (entry == null || !entry.commanded) {
      throw new CommandException(
          CommandCodes.MINOR_ID_UNKNOWN,
          "MANAGE_QHASH deletes [%s], which is not there".formatted(quad));
    }
    entry.commanded = false;
    drop(quad, entry);
  }

  /** A connection is loaded: its entry takes the place of the one that a command put in. */
  Claim bind(Quad quad, int qpId) throws CommandException {
    Entry entry = entry(quad);
    if (entry.owner != NOBODY && entry.owner != qpId) {
      throw new CommandException(
          CommandCodes.MINOR_ID_IN_USE, "%s is QP %d's already".formatted(quad, entry.owner));
    }
    entry.owner = qpId;
    entry.commanded = false;
    return entry.claim;
  }

  /** A connection's entry goes. Idempotent. */
  void unbind(@Nullable Quad quad, int qpId) {
    Entry entry = quad == null ? null : entries.get(quad);
    if (quad != null && entry != null && entry.owner == qpId) {
      entry.owner = NOBODY;
      drop(quad, entry);
    }
  }

  /** Ends a connection that cannot be stopped, without a segment; its entry stays. */
  void silence(@Nullable Quad quad) {
    Entry entry = quad == null ? null : entries.get(quad);
    if (quad != null && entry != null) {
      entry.claim.close();
      try {
        entry.claim = link.claim(quad.local(), quad.remote());
      } catch (IOException e) {
        // The host has it again; what would be dropped here is answered there.
        entries.remove(quad);
      }
    }
  }

  private Entry entry(Quad quad) throws CommandException {
    Entry known = entries.get(quad);
    if (known != null) {
      return known;
    }
    try {
      Entry entry = new Entry(link.claim(quad.local(), quad.remote()));
      entries.put(quad, entry);
      return entry;
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      throw new CommandException(
          CommandCodes.MINOR_LINK, "%s cannot be claimed: %s".formatted(quad, e.getMessage()));
    }
  }

  private void drop(Quad quad, Entry entry) {
    if (!entry.commanded && entry.owner == NOBODY) {
      entries.remove(quad);
      entry.claim.close();
    }
  }

  /** Entries, each with a claim. */
  int count() {
    return entries.size();
  }

  int listeningCount() {
    return listening.size();
  }

  /** Gives everything up. */
  void clear() {
    entries.values().forEach(entry -> entry.claim.close());
    entries.clear();
    listening.clear();
  }

  private static InetSocketAddress local(long[] command) {
    return new InetSocketAddress(
        ConnectionContext.address(
            CommandFields.QHASH_DEST0.getInt(command),
            CommandFields.QHASH_DEST1.getInt(command),
            CommandFields.QHASH_DEST2.getInt(command),
            CommandFields.QHASH_DEST3.getInt(command),
            CommandFields.QHASH_IPV4VALID.isSet(command)),
        CommandFields.QHASH_DEST_PORT.getInt(command));
  }

  private static InetSocketAddress remote(long[] command) {
    return new InetSocketAddress(
        ConnectionContext.address(
            CommandFields.QHASH_SRC0.getInt(command),
            CommandFields.QHASH_SRC1.getInt(command),
            CommandFields.QHASH_SRC2.getInt(command),
            CommandFields.QHASH_SRC3.getInt(command),
            CommandFields.QHASH_IPV4VALID.isSet(command)),
        CommandFields.QHASH_SRC_PORT.getInt(command));
  }
}
