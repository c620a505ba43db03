package dev.offramp.interop;

import java.io.IOException;
import java.io.Serial;

/** A case did not end as it has to. */
final class CaseFailure extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /** Says what was seen and what was expected. */
  CaseFailure(String message) {
    super(message);
  }

  /** Fails unless {@code seen} is what was expected. */
  static void require(boolean holds, String seen, String expected) throws CaseFailure {
    if (!holds) {
      throw new CaseFailure("seen [" + seen + "], expected " + expected);
    }
  }
}
