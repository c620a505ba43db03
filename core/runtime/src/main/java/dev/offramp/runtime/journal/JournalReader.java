package dev.offramp.runtime.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads what processes have recorded of their transfers, living ones included. */
public final class JournalReader {
  private JournalReader() {}

  /**
   * One transfer, as far as it was recorded.
   *
   * @param id drawn at random
   * @param begun when its first record was written that is still there
   * @param last when its last one was
   * @param phase how far it had come
   * @param local this end's address and port
   * @param remote the peer's
   * @param from the old owner
   * @param to the new owner
   * @param remark what went wrong, or nothing
   * @param isUnderWay whether it is not over, and its process lives
   */
  public record Recorded(
      long id,
      Instant begun,
      Instant last,
      Phase phase,
      String local,
      String remote,
      String from,
      String to,
      String remark,
      boolean isUnderWay) {
    /** Whether its process ended in the middle of it. */
    public boolean isCutOff() {
      return !phase.isLast() && !isUnderWay;
    }
  }

  /**
   * All transfers that are recorded in a directory, the oldest first. Records behind a torn or
   * altered one are not believed.
   *
   * @throws IOException when a file cannot be read; a directory that is missing has none
   */
  public static List<Recorded> read(Path directory) throws IOException {
    List<Recorded> all = new ArrayList<>();
    for (Path file : files(directory)) {
      // Asked first: a writer that ends meanwhile has said what it had to say.
      boolean written = TransferJournal.isWritten(file);
      Map<Long, List<JournalRecord>> transfers = new LinkedHashMap<>();
      for (Path each : List.of(TransferJournal.with(file, TransferJournal.OLDER), file)) {
        for (JournalRecord record : records(each)) {
          transfers.computeIfAbsent(record.id(), id -> new ArrayList<>()).add(record);
        }
      }
      transfers.values().forEach(records -> all.add(recorded(records, written)));
    }
    all.sort(Comparator.comparing(Recorded::begun));
    return all;
  }

  private static Recorded recorded(List<JournalRecord> records, boolean written) {
    JournalRecord last = records.getLast();
    return new Recorded(
        last.id(),
        Instant.ofEpochMilli(records.getFirst().timeMillis()),
        Instant.ofEpochMilli(last.timeMillis()),
        last.phase(),
        last.local(),
        last.remote(),
        last.from(),
        last.to(),
        last.remark(),
        written && !last.phase().isLast());
  }

  private static List<JournalRecord> records(Path file) throws IOException {
    List<JournalRecord> records = new ArrayList<>();
    ByteBuffer in;
    try {
      in = ByteBuffer.wrap(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return records;
    }
    for (Optional<JournalRecord> next = JournalRecord.decode(in);
        next.isPresent();
        next = JournalRecord.decode(in)) {
      records.add(next.get());
    }
    return records;
  }

  /** The files of one process each, the one that was written last at the end. */
  static List<Path> files(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory.toRealPath())) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(TransferJournal.SUFFIX))
          .sorted(Comparator.comparingLong(file -> file.toFile().lastModified()))
          .toList();
    }
  }
}
