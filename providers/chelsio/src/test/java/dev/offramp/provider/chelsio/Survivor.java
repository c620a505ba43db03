package dev.offramp.provider.chelsio;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.provider.chelsio.FlippingWindow.Flip;
import java.io.IOException;
import java.util.List;

/**
 * A field whose wrong bits need not be noticed.
 *
 * @param roles {@code both} or a role
 * @param bit one that is never noticed; -1 when that is not certain for any
 * @param why for people
 */
record Survivor(String command, String field, String roles, int bit, String why) {
  /** The list in the test's resources. */
  static List<Survivor> all() throws IOException {
    return Commands.rows("survivors.txt").stream()
        .map(row ->
            new Survivor(
                row[0], row[1], row[2], row[3].equals("-") ? -1 : Integer.parseInt(row[3]), row[4]))
        .toList();
  }

  boolean isOf(MpaRole role) {
    return roles.equals("both") || roles.equals(role.name());
  }

  boolean explains(MpaRole role, String fieldName, Flip flip) {
    return isOf(role) && flip.command().equals(command) && fieldName.equals(field);
  }
}
