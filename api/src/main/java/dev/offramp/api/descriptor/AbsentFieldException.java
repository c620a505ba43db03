package dev.offramp.api.descriptor;

import java.io.Serial;
import org.apiguardian.api.API;

/** Thrown when the value of an absent {@link Field} is asked for: a programming error. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class AbsentFieldException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1L;

  /** Of a field that does not know which it is. */
  AbsentFieldException(String reason) {
    this("the field", reason);
  }

  AbsentFieldException(String field, String reason) {
    super(field + " is absent: " + reason + "; test isKnown() or use orElse()");
  }
}
