package dev.offramp.api.transfer;

import dev.offramp.api.descriptor.FieldKey;
import org.apiguardian.api.API;

/**
 * One thing that a connection would lose at a new owner, and could live without.
 *
 * @param field what is lost
 * @param consequence what it means, for people
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record Loss(FieldKey<?> field, String consequence) {
  @Override
  public String toString() {
    return field + ": " + consequence;
  }
}
