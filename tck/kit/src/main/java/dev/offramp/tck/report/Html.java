package dev.offramp.tck.report;

/** Pieces of HTML. */
final class Html {
  private Html() {}

  /** A text as content or as an attribute's value. */
  static String escape(String text) {
    return JUnitXml.escape(text).replace("'", "&#39;");
  }

  /** {@code <name attributes>content</name>}; the content is HTML already. */
  static String element(String name, String attributes, String content) {
    return "<%s%s>%s</%s>\n"
        .formatted(name, attributes.isEmpty() ? "" : " " + attributes, content, name);
  }

  static String cell(String text) {
    return "<td>" + escape(text) + "</td>";
  }
}
