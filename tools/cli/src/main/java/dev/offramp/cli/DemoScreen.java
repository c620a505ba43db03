package dev.offramp.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows a demonstration to a person, as it goes. Safe for use by several threads. */
final class DemoScreen {
  private final @Nullable PrintWriter out;

  /**
   * A screen.
   *
   * @param out where to; null shows nothing
   */
  DemoScreen(@Nullable PrintWriter out) {
    this.out = out;
  }

  void begin(Map<String, Object> report) {
    print("Two processes talk plain TCP over " + report.get("ip") + "; then one side is moved.");
    Object adapter = report.get("rnic");
    if (adapter != null) {
      print("RNIC: " + adapter + ", emulated: " + report.get("description"));
      print(
          "A model, not silicon. TCP timestamps are off at both ends: no adapter continues them.");
    } else {
      print("RNIC: softiwarp, residence: " + report.get("residence"));
    }
    Object note = report.get("note");
    if (note != null) {
      print("note: " + note);
    }
    print("");
  }

  void event(String party, Map<String, Object> event) {
    switch (String.valueOf(event.get("event"))) {
      case "owner" -> print("  owner         " + event.get("owner"));
      case "step" ->
          print(
              "  step          %-10s at %-20s %10.1f us"
                  .formatted(
                      String.valueOf(event.get("step")).toLowerCase(Locale.ROOT),
                      event.get("owner"),
                      number(event.get("micros"))));
      case "loss" ->
          print(
              "  loss          accepted: %s: %s"
                  .formatted(event.get("field"), event.get("consequence")));
      case "transferred" -> print("  " + transferred(party, event));
      case "waited" ->
          print(
              "  silence       the peer waited %.0f us for the MPA Reply"
                  .formatted(number(event.get("micros"))));
      case "silence" ->
          print(
              "  silence       under refused moves the peer heard nothing for %.0f us at most"
                  .formatted(number(event.get("micros"))));
      case "refused" ->
          print(
              "  refused       %s moves; stopped %.1f us (median), %.1f us at most; %s"
                  .formatted(
                      event.get("attempts"),
                      number(event.getOrDefault("stopped_micros_median", 0)),
                      number(event.getOrDefault("stopped_micros_max", 0)),
                      event.get("refusal")));
      default -> {}
    }
  }

  void end(Map<String, Object> report) {
    print("");
    print("owners          " + String.join(" -> ", strings(report.get("owners"))));
    print("bytes moved     " + report.get("bytes_moved"));
    print("bytes lost      " + report.get("bytes_lost"));
    print("digests equal   " + report.get("digests_equal"));
    Object left = report.get("left_behind");
    if (left != null) {
      print("left behind     " + left);
    }
    if (report.get("complaints") instanceof List<?> complaints) {
      complaints.forEach(complaint -> print("the model says  " + complaint));
    }
    Object leaks = report.get("leaks");
    if (leaks != null && !leaks.equals("")) {
      print(leaks.toString());
    }
  }

  private static String transferred(String party, Map<String, Object> event) {
    double micros = number(event.get("micros"));
    double bytes = number(event.get("received_bytes"));
    return "%-13s %s: %,.0f bytes, %.0f MB/s, SHA-256 %.12s…"
        .formatted(
            event.get("name"),
            party,
            bytes,
            micros == 0 ? 0 : bytes / micros,
            event.get("received_sha256"));
  }

  private static double number(@Nullable Object value) {
    return value instanceof Number number ? number.doubleValue() : 0;
  }

  private static List<String> strings(@Nullable Object value) {
    return value instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
  }

  private synchronized void print(String line) {
    PrintWriter screen = out;
    if (screen != null) {
      screen.println(line);
      screen.flush();
    }
  }
}
