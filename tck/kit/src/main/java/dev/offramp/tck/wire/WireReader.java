package dev.offramp.tck.wire;

import dev.offramp.tck.rule.EventRules;
import dev.offramp.tck.rule.FrameRules;
import dev.offramp.tck.rule.MpaRules;
import dev.offramp.tck.rule.RdmapRules;
import dev.offramp.tck.rule.Rule;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads what a driver sends, octet by octet, and says which rule each octet breaks: first the bytes
 * of the streaming mode that TCP still had to send, then FPDUs. After octets that are no FPDU it
 * gives up, because nothing behind them has a meaning.
 */
public final class WireReader {
  private static final int MAX_FPDU_BYTES = 70_000;
  private static final int SHOWN_BYTES = 48;

  /** Frames and headers that are not RDMAP's, by how they begin. */
  private static final byte[] MPA_KEY = "MPA ID Re".getBytes(StandardCharsets.US_ASCII);

  private final boolean crc;
  private final boolean markers;
  private final byte[] prefix;
  private final List<Deviation> deviations = new ArrayList<>();
  private final SegmentReader segments;
  private final ByteArrayOutputStream all = new ByteArrayOutputStream();

  private int prefixSeen;
  private boolean lost;
  private long position;
  private final byte[] raw = new byte[MAX_FPDU_BYTES];
  private int rawCount;
  private final byte[] content = new byte[MAX_FPDU_BYTES];
  private int contentCount;
  private long lengthFieldAt;
  private boolean markerBeforeCrc;
  private int fpdus;

  /**
   * A reader at the first octet that the driver's side may send.
   *
   * @param setup what was agreed for this direction
   * @param prefix the bytes of the streaming mode that come first
   */
  public WireReader(StreamSetup setup, byte[] prefix) {
    this.crc = setup.crc();
    this.markers = setup.markers();
    this.prefix = prefix.clone();
    this.segments = new SegmentReader(setup, deviations);
  }

  /** Takes what was received. */
  public void feed(byte[] bytes) {
    all.writeBytes(bytes);
    for (byte octet : bytes) {
      if (lost) {
        return;
      }
      if (prefixSeen < prefix.length) {
        checkPrefix(octet);
      } else {
        accept(octet);
      }
    }
  }

  /** Says that the peer has sent an FPDU: from now on a Responder may speak. */
  public void spoken() {
    segments.spoken();
  }

  /** Says that the FIN came: nothing may be incomplete. */
  public void finished() {
    if (!lost && (rawCount > 0 || prefixSeen < prefix.length)) {
      add(
          RdmapRules.R112,
          "the stream ended inside an FPDU, after %d of its octets".formatted(rawCount));
    }
  }

  private void checkPrefix(byte octet) {
    if (octet != prefix[prefixSeen]) {
      String text =
          "octet %d of the %d bytes that were still to be sent: seen [%02x], expected [%02x]"
              .formatted(prefixSeen, prefix.length, octet, prefix[prefixSeen]);
      add(FrameRules.L38, text);
      lose();
    }
    prefixSeen++;
  }

  private void accept(byte octet) {
    raw[rawCount++] = octet;
    boolean marker = markers && position % Framing.MARKER_SPACING < Framing.MARKER_BYTES;
    if (marker) {
      if (position % Framing.MARKER_SPACING == Framing.MARKER_BYTES - 1) {
        checkMarker();
      }
    } else {
      if (contentCount == 0) {
        lengthFieldAt = position;
      }
      content[contentCount++] = octet;
    }
    position++;
    if (!marker && contentCount >= Framing.LENGTH_BYTES) {
      checkStart();
      if (!lost && contentCount == Framing.fpduBytes(ulpduBytes())) {
        checkFpdu();
        rawCount = 0;
        contentCount = 0;
        markerBeforeCrc = false;
      }
    }
  }

  private int ulpduBytes() {
    return ((content[0] & 0xFF) << 8) | (content[1] & 0xFF);
  }

  /** A length that no segment has: most likely these octets are no FPDU at all. */
  private void checkStart() {
    if (contentCount == MPA_KEY.length
        && Arrays.equals(content, 0, MPA_KEY.length, MPA_KEY, 0, MPA_KEY.length)) {
      add(EventRules.L49, "an MPA frame in place of an FPDU, at octet %d".formatted(position));
      lose();
      return;
    }
    int length = ulpduBytes();
    if (contentCount == Framing.LENGTH_BYTES
        && (length < Ddp.TAGGED_BYTES || length > Framing.MAX_ULPDU_BYTES)) {
      if (length > Framing.MAX_ULPDU_BYTES) {
        add(
            MpaRules.R003,
            "a ULPDU of %d octets, expected at most %d".formatted(length, Framing.MAX_ULPDU_BYTES));
      } else {
        add(
            RdmapRules.R112,
            "FPDU %d has a ULPDU of %d octets, expected at least %d"
                .formatted(fpdus + 1, length, Ddp.TAGGED_BYTES));
        add(EventRules.L50, "octets that are neither left over nor an FPDU");
        if (fpdus > 0) {
          add(
              MpaRules.R006,
              "behind FPDU %d stands no length of a ULPDU: its own length, pad or CRC is missing"
                  .formatted(fpdus));
        }
      }
      lose();
    }
  }

  private void checkMarker() {
    long at = position - (Framing.MARKER_BYTES - 1);
    int expected = contentCount == 0 ? 0 : (int) (at - lengthFieldAt);
    int high = halfWord(rawCount - 4);
    int pointer = halfWord(rawCount - 2);
    if (at == 0 && (high != 0 || pointer != 0)) {
      add(
          MpaRules.R012,
          "no marker with FPDUPTR 0 before the first FPDU, seen [%04x%04x]"
              .formatted(high, pointer));
    }
    if (high != 0) {
      add(
          MpaRules.R009,
          "the marker at octet %d: reserved half [%04x], expected 0".formatted(at, high));
    }
    if ((pointer & 3) != 0) {
      add(
          MpaRules.R010,
          "the marker at octet %d: the low bits of FPDUPTR [%04x], expected 0"
              .formatted(at, pointer));
    } else if (pointer != expected) {
      Rule rule = contentCount == 0 ? MpaRules.R013 : markerRule(at);
      add(
          rule,
          "the marker at octet %d: FPDUPTR [%d], expected [%d]".formatted(at, pointer, expected));
    }
    if (contentCount > Framing.LENGTH_BYTES
        && contentCount == Framing.fpduBytes(ulpduBytes()) - Framing.CRC_BYTES) {
      markerBeforeCrc = true;
    }
  }

  /** The second and later markers of an FPDU have a rule of their own. */
  private Rule markerRule(long at) {
    return at - lengthFieldAt > Framing.MARKER_SPACING ? MpaRules.R014 : MpaRules.R013;
  }

  private int halfWord(int offset) {
    return ((raw[offset] & 0xFF) << 8) | (raw[offset + 1] & 0xFF);
  }

  private void checkFpdu() {
    fpdus++;
    int length = ulpduBytes();
    for (int i = Framing.LENGTH_BYTES + length; i < contentCount - Framing.CRC_BYTES; i++) {
      if (content[i] != 0) {
        add(MpaRules.R007, "FPDU %d: pad octet [%02x], expected 0".formatted(fpdus, content[i]));
        break;
      }
    }
    if (crc) {
      checkCrc();
    }
    segments.accept(
        Arrays.copyOfRange(content, Framing.LENGTH_BYTES, Framing.LENGTH_BYTES + length));
  }

  private void checkCrc() {
    int at = rawCount - Framing.CRC_BYTES;
    int seen = halfWord(at) << 16 | halfWord(at + 2);
    int expected = Framing.crc(raw, 0, at);
    if (seen == expected) {
      return;
    }
    String name = Framing.nameWrongCrc(raw, 0, at, seen);
    int covered = contentCount - Framing.CRC_BYTES;
    boolean withoutMarkers = markers && seen == Framing.crc(content, 0, covered);
    boolean withoutLast = markerBeforeCrc && seen == Framing.crc(raw, 0, at - Framing.MARKER_BYTES);
    String text =
        "FPDU %d of %d octets: CRC [%08x], expected [%08x]%s"
            .formatted(
                fpdus,
                rawCount,
                seen,
                expected,
                name.isEmpty() ? withoutMarkers ? "; it leaves the markers out" : "" : "; " + name);
    if (withoutMarkers || withoutLast) {
      add(MpaRules.R019, text);
    } else {
      add(MpaRules.R016, text);
      add(FrameRules.L40, text);
    }
  }

  private void lose() {
    lost = true;
  }

  private void add(Rule rule, String text) {
    deviations.add(
        new Deviation(
            rule,
            text
                + "; octets [%s]"
                    .formatted(HexFormat.of().formatHex(raw, 0, Math.min(rawCount, SHOWN_BYTES)))));
  }

  /** What was wrong so far. */
  public List<Deviation> deviations() {
    return deviations;
  }

  /** Whole messages so far. */
  public List<Heard> messages() {
    return segments.messages();
  }

  /** Whole FPDUs so far. */
  public int fpdus() {
    return fpdus;
  }

  /** Whether a Terminate was heard. */
  public boolean isTerminated() {
    return segments.isTerminated();
  }

  /** Whether octets came that have no meaning. */
  public boolean isLost() {
    return lost;
  }

  /** How many octets of an FPDU came whose rest is missing. */
  public int unfinishedBytes() {
    return rawCount;
  }

  /** Whether all bytes of the streaming mode came. */
  public boolean isPrefixComplete() {
    return prefixSeen == prefix.length;
  }

  /** All octets, in order. */
  public byte[] octets() {
    return all.toByteArray();
  }
}
