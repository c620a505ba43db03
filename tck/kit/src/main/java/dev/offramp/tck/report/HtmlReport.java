package dev.offramp.tck.report;

import dev.offramp.tck.rule.Family;
import dev.offramp.tck.rule.Level;
import dev.offramp.tck.rule.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** report.html: one file with all that it needs, for people to look at. */
public final class HtmlReport {
  private final Report report;
  private final List<Finding> findings = new ArrayList<>();

  private HtmlReport(Report report) {
    this.report = report;
    report.outcomes().forEach(outcome -> findings.addAll(outcome.findings()));
  }

  /** The whole page. */
  public static String of(Report report) {
    return new HtmlReport(report).page();
  }

  private String page() {
    String driver = report.facts().map("driver").text("id");
    String plugin = report.facts().map("plugin").text("name");
    String conclusion = report.conclusion().name();
    StringBuilder out = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n");
    out.append("<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<title>%s: %s</title>\n".formatted(Html.escape(plugin), words(conclusion)))
        .append("<style>\n%s</style>\n</head>\n".formatted(resource("report.css")))
        .append("<body>\n<header class=\"%s\"><div>\n".formatted(conclusion))
        .append("<h1>%s</h1>\n".formatted(words(conclusion)))
        .append(
            "<p>%s %s</p>\n"
                .formatted(Html.escape(driver), Html.escape("(" + plugin + "): " + meaning())))
        .append("</div></header>\n<main>\n")
        .append(tiles())
        .append(facts())
        .append(stages())
        .append(broken())
        .append(rules())
        .append(notes())
        .append(provenance());
    for (int i = 0; i < findings.size(); i++) {
      out.append(finding(i));
    }
    return out.append("</main>\n<script>\n%s</script>\n".formatted(resource("report.js")))
        .append("</body>\n</html>\n")
        .toString();
  }

  private String meaning() {
    return switch (report.conclusion()) {
      case COMPLIANT -> "every rule that counts is kept, and nothing is open";
      case NOT_COMPLIANT -> "a rule that counts is broken, or a known issue is out of date";
      case INCONCLUSIVE -> "nothing is broken, and something could not be decided";
      case PARTIAL -> "nothing is broken in the part that was judged";
    };
  }

  private String tiles() {
    StringBuilder out = new StringBuilder("<div class=\"tiles\">\n");
    for (Verdict verdict : Verdict.values()) {
      out.append(
          ("<button type=\"button\" class=\"tile t-%s\" data-verdict=\"%s\" aria-pressed=\"true\">"
                  + "<b>%d</b><span>%s</span></button>\n")
              .formatted(verdict, verdict, report.count(verdict), VerdictText.words(verdict)));
    }
    return out.append("</div>\n").toString();
  }

  private String facts() {
    Fields kit = report.facts().map("kit");
    Fields plugin = report.facts().map("plugin");
    Fields driver = report.facts().map("driver");
    Fields environment = report.facts().map("environment");
    Fields options = report.facts().map("options");
    StringBuilder out = new StringBuilder("<dl class=\"facts\">\n");
    fact(out, "driver", driver.text("description") + ", module " + driver.text("module"));
    fact(out, "jar", plugin.text("name") + ", SHA-256 " + plugin.text("sha256"));
    fact(
        out,
        "kit",
        "%s, SHA-256 %s, SPI %s; the driver was compiled against SPI %s"
            .formatted(
                kit.text("version"),
                kit.text("sha256"),
                kit.text("spi"),
                driver.text("compiled_spi")));
    List<String> devices = new ArrayList<>();
    for (Map<String, Object> target : driver.maps("targets")) {
      Fields device = new Fields(target);
      devices.add(
          device.text("name")
              + (device.text("kind").equals("ADAPTER")
                  ? device.bool("model") ? " (a model, not silicon)" : " (no model)"
                  : ""));
    }
    fact(out, "devices", String.join(", ", devices));
    fact(
        out,
        "ran on",
        "JDK %s, %s %s %s"
            .formatted(
                environment.text("jdk"),
                environment.text("os"),
                environment.text("kernel"),
                environment.text("arch")));
    fact(
        out,
        "options",
        "seeds %s%s%s%s"
            .formatted(
                options.strings("seeds"),
                report.isStrict() ? ", strict" : "",
                options.strings("rules").isEmpty() ? "" : ", rules " + options.strings("rules"),
                report.isPartial()
                    ? ", shard %s of %s".formatted(options.text("shard"), options.text("shards"))
                    : ""));
    return out.append("</dl>\n").toString();
  }

  private static void fact(StringBuilder out, String name, String value) {
    out.append("<dt>%s</dt><dd>%s</dd>\n".formatted(name, Html.escape(value)));
  }

  private String stages() {
    StringBuilder rows =
        new StringBuilder("<tr><th>stage</th><th>experiments</th><th>took</th></tr>\n");
    for (Map<String, Object> stage : report.stages()) {
      Fields in = new Fields(stage);
      rows.append("<tr>")
          .append(Html.cell(in.text("name").toLowerCase(Locale.ROOT)))
          .append(Html.cell(in.text("experiments")))
          .append(Html.cell("%.1f s".formatted(in.number("millis") / 1000.0)))
          .append("</tr>\n");
    }
    return "<h2>Stages that ran</h2>\n"
        + Html.element("table", "class=\"findings\"", rows.toString());
  }

  /** What is broken, in one glance. */
  private String broken() {
    if (findings.isEmpty()) {
      return "";
    }
    StringBuilder rows =
        new StringBuilder("<tr><th>rule</th><th>device</th><th>found by</th><th>seen</th></tr>\n");
    for (int i = 0; i < findings.size(); i++) {
      Finding finding = findings.get(i);
      rows.append("<tr><td><a href=\"#finding-%d\">%s</a></td>".formatted(i, finding.rule()))
          .append(Html.cell(finding.target()))
          .append(Html.cell(finding.experiment()))
          .append(Html.cell(firstLine(finding.message())))
          .append("</tr>\n");
    }
    return "<h2>Findings</h2>\n" + Html.element("table", "class=\"findings\"", rows.toString());
  }

  private String rules() {
    StringBuilder out = new StringBuilder("<h2>Rules</h2>\n<div class=\"filters\">\n");
    out.append("<input id=\"text\" type=\"search\" placeholder=\"id or words\">\n");
    out.append("<select id=\"level\"><option value=\"\">every level</option>");
    for (Level level : Level.values()) {
      out.append("<option>").append(level).append("</option>");
    }
    out.append("</select>\n<select id=\"family\"><option value=\"\">every family</option>");
    for (Family family : Family.values()) {
      out.append("<option value=\"%s\">%s</option>".formatted(family, Html.escape(family.title())));
    }
    out.append("</select>\n</div>\n");
    for (Family family : Family.values()) {
      List<RuleOutcome> outcomes =
          report.outcomes().stream().filter(o -> o.rule().family() == family).toList();
      if (!outcomes.isEmpty()) {
        out.append("<section>\n<h3 class=\"family\">%s</h3>\n".formatted(family.title()));
        outcomes.forEach(outcome -> out.append(rule(outcome)));
        out.append("</section>\n");
      }
    }
    return out.toString();
  }

  private String rule(RuleOutcome outcome) {
    Rule rule = outcome.rule();
    StringBuilder out =
        new StringBuilder(
            """
            <details class="rule" id="%s" data-verdict="%s" data-level="%s" data-family="%s">
            <summary><b>%s</b><span class="soft">%s</span><span class="badge t-%s">%s</span><span>%s</span></summary>
            <div class="body">
            <dl class="facts">
            """
                .formatted(
                    rule.id(),
                    outcome.verdict(),
                    rule.level(),
                    rule.family(),
                    rule.id(),
                    rule.level(),
                    outcome.verdict(),
                    VerdictText.words(outcome.verdict()),
                    Html.escape(rule.sentence())));
    fact(out, "source", rule.source());
    if (!outcome.reason().isEmpty()) {
      fact(out, "because", outcome.reason());
    }
    if (!outcome.known().isEmpty()) {
      fact(
          out,
          "known issue",
          outcome.known() + (outcome.isStale() ? ": does not show any more, remove it" : ""));
    }
    if (!outcome.experiments().isEmpty()) {
      fact(out, "decided by", String.join(", ", outcome.experiments()));
    }
    if (rule.isTestable()) {
      fact(out, "if it fails, check", rule.hint());
    }
    out.append("</dl>\n");
    for (Finding finding : outcome.findings()) {
      out.append(
          "<p class=\"message\"><a href=\"#finding-%d\">%s by %s</a>: %s</p>\n"
              .formatted(
                  findings.indexOf(finding),
                  Html.escape(finding.target()),
                  Html.escape(finding.experiment()),
                  Html.escape(firstLine(finding.message()))));
    }
    return out.append("</div>\n</details>\n").toString();
  }

  private String finding(int number) {
    Finding finding = findings.get(number);
    Rule rule = report.outcome(finding.rule()).rule();
    StringBuilder out =
        new StringBuilder(
            """
            <section class="finding" id="finding-%d">
            <p><a href="#">all rules</a></p>
            <h3>%s on %s, found by %s</h3>
            <p>%s</p>
            """
                .formatted(
                    number,
                    rule.id(),
                    Html.escape(finding.target()),
                    Html.escape(finding.experiment()),
                    Html.escape(rule.sentence())));
    out.append(Html.element("p", "class=\"message\"", Html.escape(finding.message())));
    out.append("<dl class=\"facts\">\n");
    fact(out, "source", rule.source());
    fact(out, "check", rule.hint());
    out.append(
        "<dt>again</dt><dd><code>%s</code></dd>\n"
            .formatted(Html.escape(VerdictText.reproducer(report, finding))));
    Finding.Evidence evidence = finding.evidence();
    for (String descriptor : evidence.descriptors()) {
      out.append(
          "<dt>descriptor</dt><dd><details><summary>%d octets</summary><code>%s</code></details></dd>\n"
              .formatted(descriptor.length() / 2, Html.escape(descriptor)));
    }
    out.append("</dl>\n");
    if (!evidence.differences().isEmpty()) {
      StringBuilder rows =
          new StringBuilder(
              "<tr><th>what went in</th><th>the first</th><th>the second</th></tr>\n");
      evidence
          .differences()
          .forEach((field, values) -> {
            rows.append("<tr>").append(Html.cell(field));
            values.forEach(value -> rows.append(Html.cell(value)));
            rows.append("</tr>\n");
          });
      out.append(Html.element("table", "class=\"mono\"", rows.toString()));
    }
    return out.append(HtmlTraces.of(evidence.traces())).append("</section>\n").toString();
  }

  private String notes() {
    if (report.notes().isEmpty()) {
      return "";
    }
    StringBuilder out = new StringBuilder("<h2>To look at, without consequences</h2>\n<ul>\n");
    report.notes().forEach(note -> out.append("<li>" + Html.escape(note) + "</li>\n"));
    return out.append("</ul>\n").toString();
  }

  private String provenance() {
    String maps = HtmlProvenance.of(report);
    return maps.isEmpty()
        ? ""
        : "<h2>Provenance map</h2>\n<p class=\"soft\">Which bits of each command depend on which"
            + " field of the descriptor. Each row is four octets, the most significant bit of the"
            + " first octet at its left.</p>\n"
            + maps;
  }

  private static String words(String conclusion) {
    return conclusion.replace('_', ' ');
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end) + " …";
  }

  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not beside " + HtmlReport.class);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
