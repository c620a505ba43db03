package dev.offramp.tck.wire;

import dev.offramp.tck.rule.DdpRules;
import dev.offramp.tck.rule.ExtensionRules;
import dev.offramp.tck.rule.RdmapRules;
import java.util.List;
import java.util.Set;

/** The form of a Terminate (RFC 5040, section 4.8), and which triples are registered (RFC 6580). */
final class TerminateCheck {
  private static final int FLAG_M = 0x8000;
  private static final int FLAG_D = 0x4000;
  private static final int FLAG_R = 0x2000;
  private static final int RESERVED = 0x1FFF;
  private static final int CONTROL_BYTES = 4;
  private static final int LENGTH_BYTES = 2;

  /** The control field, the length, and the first octets of a DDP header. */
  private static final int WITH_REQUEST_BYTES = CONTROL_BYTES + LENGTH_BYTES + 4;

  /** Layer, type and code, as RFC 6580, 6581 and 7306 register them. */
  private static final Set<Integer> REGISTERED =
      Set.of(
          0x0000, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104, 0x0109, 0x01FF, 0x0205, 0x0206, 0x0207,
          0x0208, 0x0209, 0x02FF, 0x1000, 0x1100, 0x1101, 0x1102, 0x1103, 0x1104, 0x1201, 0x1202,
          0x1203, 0x1204, 0x1205, 0x1206, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007);

  private TerminateCheck() {}

  static Set<Integer> registered() {
    return REGISTERED;
  }

  /**
   * Adds what is wrong.
   *
   * @param copies whether the driver declares that it copies bad segments
   */
  static void check(Heard heard, boolean copies, List<Deviation> deviations) {
    int bytes = heard.payload().length();
    if (bytes < CONTROL_BYTES) {
      deviations.add(
          new Deviation(
              RdmapRules.R100, "a Terminate of %d octets, expected at least 4".formatted(bytes)));
      return;
    }
    int triple = heard.terminateTriple();
    int flags = heard.word(0) & 0xFFFF;
    if (!REGISTERED.contains(triple)) {
      String text = "Terminate %s is not registered".formatted(text(triple));
      deviations.add(new Deviation(ExtensionRules.R127, text));
      deviations.add(new Deviation(DdpRules.R093, text));
    }
    checkHeaders(heard, copies, triple, flags, deviations);
    if ((flags & RESERVED) != 0) {
      deviations.add(
          new Deviation(
              RdmapRules.R100,
              "a Terminate with reserved bits [%04x], expected 0".formatted(flags & RESERVED)));
    }
    int expected = CONTROL_BYTES;
    if ((flags & FLAG_M) != 0) {
      expected += 2;
    }
    if ((flags & FLAG_D) != 0) {
      boolean tagged =
          bytes > expected && (heard.payload().asByteBuffer().get(expected) & Ddp.TAGGED) != 0;
      expected += tagged ? Ddp.TAGGED_BYTES : Ddp.UNTAGGED_BYTES;
    }
    if ((flags & FLAG_R) != 0) {
      expected += Ddp.READ_REQUEST_BYTES;
    }
    if (bytes != expected) {
      deviations.add(
          new Deviation(
              RdmapRules.R100,
              "Terminate %s with flags [%x] has %d octets, they announce %d"
                  .formatted(text(triple), flags >>> 13, bytes, expected)));
    }
  }

  /**
   * Which headers a Terminate has (RFC 5040, section 7.1): about an incoming segment its length and
   * its DDP header; about a Read Request that DDP has delivered the RDMAP header, too.
   */
  private static void checkHeaders(
      Heard heard, boolean copies, int triple, int flags, List<Deviation> deviations) {
    boolean hasHeader = (flags & FLAG_D) != 0;
    if (!copies) {
      if ((flags & (FLAG_M | FLAG_D | FLAG_R)) != 0) {
        deviations.add(
            new Deviation(
                RdmapRules.R116,
                "Terminate %s with flags [%x] by a driver that declares no copiesBadSegments"
                    .formatted(text(triple), flags >>> 13)));
      }
      return;
    }
    if (isOfSegment(triple) && !hasHeader) {
      deviations.add(
          new Deviation(
              RdmapRules.R116,
              "Terminate %s without the DDP header of the segment that it is about"
                  .formatted(text(triple))));
    }
    if (hasHeader && (flags & FLAG_M) == 0) {
      deviations.add(
          new Deviation(
              RdmapRules.R116,
              "Terminate %s has a DDP header, and not the length of its segment"
                  .formatted(text(triple))));
    }
    if (!isOfSegment(triple) || !hasHeader || heard.payload().length() < WITH_REQUEST_BYTES) {
      return;
    }
    int control = heard.word(CONTROL_BYTES + LENGTH_BYTES) >>> 16;
    boolean request = (control >> 8 & Ddp.TAGGED) == 0 && (control & 0xF) == Ddp.READ_REQUEST;
    boolean whole = heard.word(CONTROL_BYTES) >>> 16 >= Ddp.UNTAGGED_BYTES + Ddp.READ_REQUEST_BYTES;
    if (request && whole && triple >> 12 == 0 && (flags & FLAG_R) == 0) {
      deviations.add(
          new Deviation(
              RdmapRules.R116,
              "Terminate %s is about a Read Request and lacks its RDMAP header"
                  .formatted(text(triple))));
    }
    if (!request && (flags & FLAG_R) != 0) {
      deviations.add(
          new Deviation(
              RdmapRules.R116,
              "Terminate %s has an RDMAP header, and its segment is no Read Request"
                  .formatted(text(triple))));
    }
  }

  /** Errors that a segment of the peer has caused: RDMAP and DDP, types 1 and 2. */
  private static boolean isOfSegment(int triple) {
    int type = triple >> 8 & 15;
    return triple >> 12 <= 1 && (type == 1 || type == 2) && (triple & 0xFF) != 0xFF;
  }

  /** {@code 1/2/05}. */
  static String text(int triple) {
    return "%d/%d/%02x".formatted(triple >> 12 & 15, triple >> 8 & 15, triple & 0xFF);
  }
}
