package dev.offramp.runtime;

import dev.offramp.runtime.journal.TransferJournal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The settings {@code journal.directory} and {@code journal.durability}. */
final class JournalSettings {
  private static final String DIRECTORY = "journal.directory";
  private static final String DURABILITY = "journal.durability";

  private JournalSettings() {}

  static TransferJournal open(Map<String, String> settings) {
    String directory = settings.get(DIRECTORY);
    if (directory == null) {
      return TransferJournal.none();
    }
    try {
      return TransferJournal.open(Path.of(directory), durability(settings.get(DURABILITY)));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "setting ["
              + DIRECTORY
              + "]: seen ["
              + directory
              + "], expected a directory to write to: "
              + e,
          e);
    }
  }

  private static TransferJournal.Durability durability(@Nullable String text) {
    if (text == null) {
      return TransferJournal.Durability.PROCESS;
    }
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "process" -> TransferJournal.Durability.PROCESS;
      case "power-loss" -> TransferJournal.Durability.POWER_LOSS;
      default ->
          throw new IllegalArgumentException(
              "setting [" + DURABILITY + "]: seen [" + text + "], expected process or power-loss");
    };
  }
}
