package dev.offramp.tck.rule;

/** What a rule is about. The first eight are the families of leaks. */
public enum Family {
  ADDRESSING("A", "Identity and addressing"),
  SEQUENCE("B", "Sequence numbers and stream position"),
  NEGOTIATION("C", "Negotiated parameters"),
  FRAMES("D", "Private data and frames"),
  EVENTS("E", "Order of events"),
  ERRORS("F", "Errors and rejection"),
  NAMING("G", "Naming, packaging, native surface"),
  TRANSFER("H", "The state-transfer interface itself"),
  MPA("M", "MPA (RFC 5044, RFC 6581)"),
  DDP("D1", "DDP (RFC 5041)"),
  RDMAP("R", "RDMAP (RFC 5040)"),
  EXTENSIONS("X", "RDMAP extensions (RFC 7306), registries (RFC 6580, RFC 7146)"),
  SPI("S", "The contract between driver and runtime"),
  MEDIATION("P", "Ports: a driver reaches the outside through nothing else");

  private final String letter;
  private final String title;

  Family(String letter, String title) {
    this.letter = letter;
    this.title = title;
  }

  /** The letter under which the catalogue lists it. */
  public String letter() {
    return letter;
  }

  /** For headings. */
  public String title() {
    return title;
  }

  /** Whether its rules name classes of leaks. */
  public boolean isLeak() {
    return compareTo(TRANSFER) <= 0;
  }
}
