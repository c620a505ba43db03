package dev.offramp.tck.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** What an exception of the file system means to a person. */
final class Messages {
  private Messages() {}

  static String of(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "[" + missing.getFile() + "] does not exist";
      case AccessDeniedException denied -> "[" + denied.getFile() + "] may not be accessed";
      default -> String.valueOf(e.getMessage());
    };
  }
}
