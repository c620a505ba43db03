package dev.offramp.api.descriptor;

import java.io.Serial;
import org.apiguardian.api.API;

/** Thrown when a descriptor, or its binary form, says something that no connection can be. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class InvalidDescriptorException extends IllegalArgumentException {
  @Serial private static final long serialVersionUID = 1L;

  private final String field;

  /**
   * Says what is wrong with a field.
   *
   * @param field which field, as a path: {@code delegated.rcvNxt}
   * @param seen what was found
   * @param expected what would have been valid
   */
  public InvalidDescriptorException(String field, String seen, String expected) {
    super("descriptor field " + field + ": seen [" + seen + "], expected " + expected);
    this.field = field;
  }

  /** The offending field, as a path. */
  public String field() {
    return field;
  }
}
