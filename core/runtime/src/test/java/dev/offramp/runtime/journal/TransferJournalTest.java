package dev.offramp.runtime.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.offramp.runtime.journal.JournalReader.Recorded;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read again; what was torn or altered is not believed. */
class TransferJournalTest {
  @TempDir private Path directory;

  private TransferJournal open() throws IOException {
    return TransferJournal.open(directory, TransferJournal.Durability.POWER_LOSS);
  }

  private static TransferJournal.Entry begin(TransferJournal journal, int port) {
    return journal.begin("10.0.0.1:" + port, "10.0.0.2:1", "linux", "softiwarp");
  }

  private Path file() throws IOException {
    return JournalReader.files(directory).getFirst();
  }

  @Test
  void aTransferIsReadAsFarAsItCame() throws Exception {
    try (TransferJournal journal = open()) {
      TransferJournal.Entry whole = begin(journal, 1);
      for (Phase phase : List.of(Phase.STOPPED, Phase.PREPARED, Phase.RELEASING, Phase.RELEASED)) {
        whole.reached(phase);
      }
      whole.reached(Phase.ACTIVE);
      begin(journal, 2).reached(Phase.STOPPED);
      TransferJournal.Entry undone = begin(journal, 3);
      undone.reached(Phase.RESUMED, new IOException("no room"));
      assertThat(JournalReader.read(directory))
          .extracting(Recorded::local, Recorded::phase, Recorded::isUnderWay, Recorded::remark)
          .containsExactlyInAnyOrder(
              tuple("10.0.0.1:1", Phase.ACTIVE, false, ""),
              tuple("10.0.0.1:2", Phase.STOPPED, true, ""),
              tuple("10.0.0.1:3", Phase.RESUMED, false, "no room"));
    }
    assertThat(JournalReader.read(directory))
        .filteredOn(Recorded::isCutOff)
        .extracting(Recorded::local)
        .containsExactly("10.0.0.1:2");
  }

  /** A crash may leave any beginning of what was being written. */
  @Test
  void everyBeginningOfAFileIsReadUpToItsLastWholeRecord() throws Exception {
    int[] ends = new int[4];
    byte[] whole;
    try (TransferJournal journal = open()) {
      TransferJournal.Entry entry = begin(journal, 1);
      ends[0] = (int) Files.size(file());
      List<Phase> phases = List.of(Phase.STOPPED, Phase.PREPARED, Phase.RELEASING);
      for (int i = 0; i < phases.size(); i++) {
        entry.reached(phases.get(i));
        ends[i + 1] = (int) Files.size(file());
      }
      whole = Files.readAllBytes(file());
    }
    Phase[] expected = {Phase.BEGUN, Phase.STOPPED, Phase.PREPARED, Phase.RELEASING};
    for (int length = 0; length <= whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      List<Recorded> read = JournalReader.read(directory);
      int records = 0;
      while (records < ends.length && ends[records] <= length) {
        records++;
      }
      assertThat(read).as("of %d bytes", length).hasSize(records == 0 ? 0 : 1);
      if (records > 0) {
        assertThat(read.getFirst().phase()).isEqualTo(expected[records - 1]);
      }
    }
  }

  @Test
  void anAlteredOctetIsNoticed() throws Exception {
    ByteBuffer record = new JournalRecord(7, 8, Phase.RELEASED, "a", "b", "c", "d", "e").encode();
    assertThat(JournalRecord.decode(record.duplicate())).isPresent();
    for (int at = 0; at < record.limit(); at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] octets = new byte[record.limit()];
        record.get(0, octets);
        ByteBuffer altered = ByteBuffer.wrap(octets);
        altered.put(at, (byte) (altered.get(at) ^ (1 << bit)));
        assertThat(JournalRecord.decode(altered)).as("octet %d, bit %d", at, bit).isEmpty();
      }
    }
  }

  @Test
  void anyBytesAreSafeToRead() {
    long seed = Long.getLong("offramp.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 10_000; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      ByteBuffer in = ByteBuffer.wrap(bytes);
      assertThat(JournalRecord.decode(in)).as("seed %d", seed).isEmpty();
      assertThat(in.position()).isZero();
    }
  }

  @Test
  void itDoesNotGrowBeyondItsBound() throws Exception {
    int bound = 20_000;
    try (TransferJournal journal =
        TransferJournal.open(directory, TransferJournal.Durability.PROCESS, bound)) {
      for (int i = 0; i < 5_000; i++) {
        begin(journal, i).reached(Phase.ACTIVE);
      }
      try (Stream<Path> files = Files.list(directory)) {
        assertThat(files.mapToLong(file -> file.toFile().length()).sum())
            .isLessThanOrEqualTo(2L * bound);
      }
      assertThat(JournalReader.read(directory))
          .last()
          .satisfies(last -> assertThat(last.local()).isEqualTo("10.0.0.1:4999"));
    }
    for (int i = 0; i < TransferJournal.KEPT + 5; i++) {
      open().close();
    }
    assertThat(JournalReader.files(directory)).hasSizeLessThanOrEqualTo(TransferJournal.KEPT + 1);
  }

  @Test
  void aLivingJournalIsNeverTakenAway() throws Exception {
    try (TransferJournal living = open()) {
      begin(living, 1);
      for (int i = 0; i < TransferJournal.KEPT + 5; i++) {
        open().close();
      }
      assertThat(JournalReader.read(directory)).hasSize(1);
    }
  }
}
