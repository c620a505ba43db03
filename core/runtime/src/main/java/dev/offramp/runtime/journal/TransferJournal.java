package dev.offramp.runtime.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where transfers are recorded while they go on: records with a checksum each, appended to a file
 * of this process's own. What was written is there after the process was killed; with {@link
 * Durability#POWER_LOSS} after the machine went down, too.
 *
 * <p>Bounded: two files of {@code maxBytes}, the older of which goes when the newer is full; and of
 * processes that have ended, the newest {@link #KEPT} only. A disk that fails stops no transfer: it
 * is logged, once. Safe for any thread.
 */
public final class TransferJournal implements AutoCloseable {
  /** How many files of other processes, dead ones, are kept. */
  static final int KEPT = 16;

  static final String SUFFIX = ".journal";
  static final String OLDER = ".older";
  static final String LOCK = ".lock";

  private static final System.Logger LOG = System.getLogger(TransferJournal.class.getName());
  private static final long DEFAULT_MAX_BYTES = 1 << 20;

  /** A lock says whether a writer lives; one process cannot ask for its own. */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final SecureRandom ids = new SecureRandom();
  private final @Nullable Path file;
  private final long maxBytes;
  private final Durability durability;
  private @Nullable FileChannel channel;
  private @Nullable FileChannel lockChannel;
  private @Nullable FileLock lock;
  private boolean complained;

  /** What a record survives. */
  public enum Durability {
    /** The end of the process, however it comes. */
    PROCESS,
    /** The end of the machine: the disk is waited for before the old owner lets go. */
    POWER_LOSS
  }

  private TransferJournal(@Nullable Path file, long maxBytes, Durability durability) {
    this.file = file;
    this.maxBytes = maxBytes;
    this.durability = durability;
  }

  /** Records nothing. */
  public static TransferJournal none() {
    return new TransferJournal(null, 0, Durability.PROCESS);
  }

  /**
   * Opens one in a directory, which is made where it is missing.
   *
   * @throws IOException when nothing can be written there
   */
  public static TransferJournal open(Path directory, Durability durability) throws IOException {
    return open(directory, durability, DEFAULT_MAX_BYTES);
  }

  static TransferJournal open(Path directory, Durability durability, long maxBytes)
      throws IOException {
    Files.createDirectories(directory);
    removeOld(directory);
    String name =
        "%d-%016x".formatted(ProcessHandle.current().pid(), new SecureRandom().nextLong());
    Path file = directory.toRealPath().resolve(name + SUFFIX);
    TransferJournal journal =
        new TransferJournal(file, Math.max(maxBytes, JournalRecord.MAX_BYTES), durability);
    journal.start(file);
    return journal;
  }

  private void start(Path path) throws IOException {
    OWN.add(path);
    try {
      lockChannel = FileChannel.open(with(path, LOCK), CREATE_APPEND);
      lock = lockChannel.lock();
      channel = FileChannel.open(path, CREATE_APPEND);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private static final Set<StandardOpenOption> CREATE_APPEND =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND);

  static Path with(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  /** Whether the process that writes a journal's file is alive. */
  static boolean isWritten(Path file) {
    if (OWN.contains(file)) {
      return true;
    }
    try (FileChannel probe = FileChannel.open(with(file, LOCK), StandardOpenOption.WRITE);
        FileLock held = probe.tryLock()) {
      return held == null;
    } catch (IOException e) {
      return false;
    }
  }

  private static void removeOld(Path directory) throws IOException {
    List<Path> dead =
        JournalReader.files(directory).stream().filter(file -> !isWritten(file)).toList();
    for (Path file : dead.subList(0, Math.max(0, dead.size() - KEPT))) {
      for (String suffix : List.of("", OLDER, LOCK)) {
        Files.deleteIfExists(with(file, suffix));
      }
    }
  }

  /**
   * Records that a connection's old owner is about to be stopped.
   *
   * @param local this end's address
   * @param remote the peer's
   * @param from the old owner
   * @param to the new one
   */
  public Entry begin(Object local, Object remote, String from, String to) {
    Entry entry =
        new Entry(
            new JournalRecord(
                file == null ? 0 : ids.nextLong(),
                System.currentTimeMillis(),
                Phase.BEGUN,
                String.valueOf(local),
                String.valueOf(remote),
                from,
                to,
                ""));
    entry.write(Phase.BEGUN, "");
    return entry;
  }

  /** One transfer. For one thread at a time. */
  public final class Entry {
    private JournalRecord last;

    private Entry(JournalRecord first) {
      this.last = first;
    }

    /** Records that it has come so far. */
    public void reached(Phase phase) {
      write(phase, "");
    }

    /** Records how it ended, and why. */
    public void reached(Phase phase, Throwable why) {
      write(phase, String.valueOf(why.getMessage()));
    }

    /** The last phase that was recorded. */
    public Phase phase() {
      return last.phase();
    }

    private void write(Phase phase, String why) {
      last = last.with(phase, System.currentTimeMillis(), why);
      if (file != null) {
        append(last);
      }
    }
  }

  private synchronized void append(JournalRecord record) {
    try {
      FileChannel out = channel;
      if (out == null) {
        return;
      }
      ByteBuffer bytes = record.encode();
      if (out.position() + bytes.remaining() > maxBytes) {
        out = rotated();
      }
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      // Before that nothing is lost that the old owner does not have.
      if (durability == Durability.POWER_LOSS && record.phase() == Phase.RELEASING) {
        out.force(false);
      }
    } catch (IOException e) {
      if (!complained) {
        complained = true;
        LOG.log(
            System.Logger.Level.WARNING,
            "transfers are not recorded: [" + file + "] cannot be written",
            e);
      }
    }
  }

  private FileChannel rotated() throws IOException {
    Path path = java.util.Objects.requireNonNull(file);
    java.util.Objects.requireNonNull(channel).close();
    Files.move(path, with(path, OLDER), StandardCopyOption.REPLACE_EXISTING);
    FileChannel fresh = FileChannel.open(path, CREATE_APPEND);
    channel = fresh;
    return fresh;
  }

  /** Ends it; the files stay. Idempotent. */
  @Override
  public synchronized void close() {
    closeQuietly(channel);
    channel = null;
    closeQuietly(lock);
    closeQuietly(lockChannel);
    lock = null;
    lockChannel = null;
    if (file != null) {
      OWN.remove(file);
    }
  }

  private static void closeQuietly(@Nullable AutoCloseable resource) {
    try {
      if (resource != null) {
        resource.close();
      }
    } catch (Exception e) {
      LOG.log(System.Logger.Level.DEBUG, "closing the journal", e);
    }
  }
}
