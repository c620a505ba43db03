package dev.offramp.provider.intel;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Entries of a table of the device that connections share: next hops, ports, own MAC addresses. The
 * first user adds one, the last one removes it. Safe for several threads.
 */
final class SharedEntries {
  private final Table table;
  private final Map<Long, Entry> entries = new HashMap<>();

  /** The device's table. */
  interface Table {
    /** Adds an entry; gives its place. */
    int add(long key) throws IOException;

    /** Puts another in its place. */
    default void change(int place, long key) throws CommandException {
      throw new CommandException("entries of this table do not change");
    }

    /** Removes it. */
    void remove(int place, long key) throws CommandException;
  }

  private static final class Entry {
    final int place;
    int users;

    Entry(int place) {
      this.place = place;
    }
  }

  SharedEntries(Table table) {
    this.table = table;
  }

  /** Uses the entry for {@code key}; gives its place. */
  synchronized int use(long key) throws IOException {
    Entry entry = entries.get(key);
    if (entry == null) {
      entry = new Entry(table.add(key));
      entries.put(key, entry);
    }
    entry.users++;
    return entry.place;
  }

  /**
   * Puts {@code to} in the place of {@code from}, for its only user.
   *
   * @return false when there are other users, or {@code to} is there already; nothing has changed
   */
  synchronized boolean change(long from, long to) throws CommandException {
    Entry entry = entries.get(from);
    if (entry == null || entry.users > 1 || entries.containsKey(to)) {
      return false;
    }
    table.change(entry.place, to);
    entries.remove(from);
    entries.put(to, entry);
    return true;
  }

  /** Uses it no more. */
  synchronized void release(long key) throws CommandException {
    Entry entry = entries.get(key);
    if (entry != null && --entry.users == 0) {
      entries.remove(key);
      table.remove(entry.place, key);
    }
  }

  /** How many entries there are. */
  synchronized int count() {
    return entries.size();
  }
}
