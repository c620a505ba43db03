package dev.offramp.api.transfer;

import org.apiguardian.api.API;

/**
 * One typed reason why a connection is not taken over or given up.
 *
 * @param reason for programs
 * @param seen what the connection has: {@code 2 unread bytes}
 * @param expected what the owner could take: {@code none}
 * @param remedy what a person can do about it
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record Refusal(RefusalReason reason, String seen, String expected, String remedy) {
  /** One line for people. */
  @Override
  public String toString() {
    return reason + ": seen [" + seen + "], expected " + expected + "; " + remedy;
  }
}
