package dev.offramp.tck.experiment;

import dev.offramp.tck.bench.Peer;
import dev.offramp.tck.experiment.BadSegment.Misdeed;
import dev.offramp.tck.experiment.BadSegment.Scene;
import dev.offramp.tck.rule.DdpRules;
import dev.offramp.tck.rule.ErrorRules;
import dev.offramp.tck.rule.FrameRules;
import dev.offramp.tck.rule.MpaRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.RdmapRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.wire.Ddp;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The table of what can be wrong with a segment (RFC 5041, section 7; RFC 5040, section 7). */
final class BadSegments {
  private static final int NO_STAG = 0x7654_3210;

  /**
   * A tagged buffer's errors have numbers at DDP and at RDMAP (RFC 5040, 4.8; RFC 5041, 7.2). The
   * standards' text asks for DDP's; irdma sends RDMAP's for some, and both name the same cause.
   */
  private static final Set<Integer> INVALID_STAG = Set.of(0x1100, 0x0100);

  private static final Set<Integer> BOUNDS = Set.of(0x1101, 0x0101);
  private static final Set<Integer> WRAP = Set.of(0x1103, 0x1101, 0x0104, 0x0101);
  private static final Set<Integer> READ_WRAP = Set.of(0x0104, 0x0101);
  private static final byte[] EIGHT = {1, 2, 3, 4, 5, 6, 7, 8};

  private final List<BadSegment> all = new ArrayList<>();

  private BadSegments() {
    mpa();
    tagged();
    untagged();
    rdmap();
    reads();
  }

  static List<BadSegment> all() {
    return new BadSegments().all;
  }

  private void add(
      String name, List<Rule> rules, Set<Integer> triples, boolean reads, Misdeed misdeed) {
    all.add(new BadSegment(name, rules, triples, Set.of(), reads, misdeed));
  }

  private void addBefore(
      String name,
      List<Rule> rules,
      Set<Integer> triples,
      Set<Integer> atZero,
      boolean reads,
      Misdeed misdeed) {
    all.add(new BadSegment(name, rules, triples, atZero, reads, misdeed));
  }

  private void mpa() {
    for (int octet = 0; octet < 4; octet++) {
      int mask = 0xFF << (8 * octet);
      add(
          "a wrong CRC, octet " + (3 - octet),
          List.of(MpaRules.R020, MpaRules.R047, ErrorRules.L64),
          Set.of(0x2002),
          false,
          scene -> {
            scene.talk().peer().framer().spoilCrc(mask);
            scene.talk().peer().send(EIGHT);
          });
    }
  }

  private void tagged() {
    add(
        "a Write to an STag that does not exist",
        List.of(DdpRules.R091, ErrorRules.L63),
        INVALID_STAG,
        false,
        scene -> scene.talk().peer().write(NO_STAG, 0, EIGHT));
    add(
        "a Write to an STag with another key",
        List.of(DdpRules.R091, FrameRules.L44),
        INVALID_STAG,
        false,
        scene ->
            scene.talk().peer().write(scene.open().stag() ^ 1, scene.open().taggedOffset(), EIGHT));
    add(
        "a Write to an STag with another index",
        List.of(DdpRules.R091, FrameRules.L44),
        INVALID_STAG,
        false,
        scene ->
            scene
                .talk()
                .peer()
                .write(scene.open().stag() ^ 0x4000_0000, scene.open().taggedOffset(), EIGHT));
    addBefore(
        "a Write that begins before the region",
        List.of(DdpRules.R091, DdpRules.R095),
        BOUNDS,
        WRAP,
        false,
        scene ->
            scene.talk().peer().write(scene.open().stag(), scene.open().taggedOffset() - 1, EIGHT));
    add(
        "a Write that ends behind the region",
        List.of(DdpRules.R091, DdpRules.R095),
        BOUNDS,
        false,
        scene ->
            scene
                .talk()
                .peer()
                .write(
                    scene.open().stag(),
                    scene.open().taggedOffset() + scene.open().sizeBytes() - 7,
                    EIGHT));
    add(
        "a Write whose tagged offset wraps",
        List.of(DdpRules.R091),
        WRAP,
        false,
        scene -> scene.talk().peer().write(scene.open().stag(), -4L, EIGHT));
    add(
        "a Write to a region that is not writable",
        List.of(RdmapRules.R117, DdpRules.R092),
        Set.of(0x0102),
        false,
        scene ->
            scene.talk().peer().write(scene.shut().stag(), scene.shut().taggedOffset(), EIGHT));
    add(
        "a Write to a region that may only be read",
        List.of(RdmapRules.R117),
        Set.of(0x0102),
        false,
        scene ->
            scene
                .talk()
                .peer()
                .write(scene.readOnly().stag(), scene.readOnly().taggedOffset(), EIGHT));
    add(
        "a Write to a region that was closed",
        List.of(DdpRules.R095, DdpRules.R091),
        INVALID_STAG,
        false,
        scene -> {
          int stag = scene.open().stag();
          long offset = scene.open().taggedOffset();
          scene.talk().close(scene.open());
          scene.talk().peer().write(stag, offset, EIGHT);
        });
    for (int version : new int[] {0, 2, 3}) {
      add(
          "a Write with DDP version " + version,
          List.of(DdpRules.R076),
          Set.of(0x1104),
          false,
          scene ->
              scene
                  .talk()
                  .peer()
                  .ulpdu(
                      Ddp.tagged(
                          Ddp.TAGGED | Ddp.LAST | version,
                          Ddp.RDMAP_VERSION | Ddp.WRITE,
                          scene.open().stag(),
                          scene.open().taggedOffset(),
                          EIGHT)));
    }
  }

  private void untagged() {
    add("a Send on queue 4", List.of(DdpRules.R090), Set.of(0x1201), false, raw(Ddp.SEND, 4, 0, 0));
    add(
        "a Send for which there is no buffer",
        List.of(DdpRules.R090, NegotiationRules.L22),
        Set.of(0x1202),
        false,
        scene -> {
          scene.talk().peer().send(EIGHT);
          scene.talk().peer().send(EIGHT);
        });
    add(
        "a Send with an MSN far ahead",
        List.of(DdpRules.R090),
        Set.of(0x1203, 0x1202),
        false,
        raw(Ddp.SEND, 0, 1000, 0));
    add(
        "a Send with the MSN of one that was delivered",
        List.of(DdpRules.R090),
        Set.of(0x1203, 0x1202),
        false,
        raw(Ddp.SEND, 0, -1, 0));
    add(
        "a Send that begins at message offset 4",
        List.of(DdpRules.R090),
        Set.of(0x1204),
        false,
        raw(Ddp.SEND, 0, 0, 4));
    add(
        "a Send one octet longer than its buffer",
        List.of(RdmapRules.R106, DdpRules.R090),
        Set.of(0x1205),
        false,
        scene -> scene.talk().peer().send(new byte[65]));
    add(
        "a Send with DDP version 3",
        List.of(DdpRules.R076),
        Set.of(0x1206),
        false,
        scene ->
            scene
                .talk()
                .peer()
                .ulpdu(
                    Ddp.untagged(
                        Ddp.LAST | 3,
                        Ddp.RDMAP_VERSION | Ddp.SEND,
                        0,
                        0,
                        scene.talk().peer().nextMsn(0),
                        0,
                        EIGHT)));
  }

  /** An untagged segment with one thing wrong. */
  private static Misdeed raw(int opcode, int queue, int msnBy, int offset) {
    return scene -> {
      Peer peer = scene.talk().peer();
      int msn = queue < 4 ? peer.nextMsn(queue) + msnBy : 1;
      peer.ulpdu(
          Ddp.untagged(
              Ddp.DDP_VERSION | Ddp.LAST,
              Ddp.RDMAP_VERSION | opcode,
              0,
              queue,
              msn,
              offset,
              EIGHT));
    };
  }

  private void rdmap() {
    for (int version : new int[] {2, 3}) {
      add(
          "a Send with RDMAP version " + version,
          List.of(RdmapRules.R096, RdmapRules.R117),
          Set.of(0x0205),
          false,
          control(version << 6 | Ddp.SEND));
    }
    for (int opcode = 0xC; opcode <= 0xF; opcode++) {
      add(
          "an untagged message with opcode %x".formatted(opcode),
          List.of(RdmapRules.R098),
          Set.of(0x0206),
          false,
          control(Ddp.RDMAP_VERSION | opcode));
    }
    add(
        "a Read Response that nobody asked for",
        List.of(RdmapRules.R098),
        Set.of(0x0206),
        false,
        scene ->
            scene
                .talk()
                .peer()
                .readResponse(scene.open().stag(), scene.open().taggedOffset(), EIGHT));
    add(
        "a tagged Send",
        List.of(DdpRules.R073),
        Set.of(0x0206),
        false,
        scene ->
            scene
                .talk()
                .peer()
                .ulpdu(
                    Ddp.tagged(
                        Ddp.TAGGED | Ddp.LAST | Ddp.DDP_VERSION,
                        Ddp.RDMAP_VERSION | Ddp.SEND,
                        scene.open().stag(),
                        scene.open().taggedOffset(),
                        EIGHT)));
    add(
        "an untagged Write",
        List.of(DdpRules.R073),
        Set.of(0x0206),
        false,
        control(Ddp.RDMAP_VERSION | Ddp.WRITE));
    for (int stag : new int[] {NO_STAG, 0}) {
      add(
          "a Send that invalidates STag %08x".formatted(stag),
          List.of(RdmapRules.R107),
          Set.of(0x0109, 0x0209, 0x0100, 0x0102),
          false,
          scene -> scene.talk().peer().untagged(Ddp.SEND_INVALIDATE, stag, EIGHT));
    }
  }

  private static Misdeed control(int rdmapControl) {
    return scene ->
        scene
            .talk()
            .peer()
            .ulpdu(
                Ddp.untagged(
                    Ddp.DDP_VERSION | Ddp.LAST,
                    rdmapControl,
                    0,
                    0,
                    scene.talk().peer().nextMsn(0),
                    0,
                    EIGHT));
  }

  private void reads() {
    read("from an STag that does not exist", Set.of(0x0100), scene -> NO_STAG, 0, 8);
    read("from a region that is not readable", Set.of(0x0102), scene -> scene.shut().stag(), 0, 8);
    read("from before the region", Set.of(0x0101), scene -> scene.open().stag(), -1, 8);
    read("beyond the region", Set.of(0x0101), scene -> scene.open().stag(), 4090, 8);
    add(
        "a Read whose source offset wraps",
        List.of(RdmapRules.R117),
        READ_WRAP,
        true,
        scene -> scene.talk().peer().readRequest(1, 0, 8, scene.open().stag(), -4L));
    add(
        "a Read Request on queue 0",
        List.of(RdmapRules.R102),
        Set.of(0x0206, 0x1201),
        true,
        scene ->
            scene
                .talk()
                .peer()
                .ulpdu(
                    Ddp.untagged(
                        Ddp.DDP_VERSION | Ddp.LAST,
                        Ddp.RDMAP_VERSION | Ddp.READ_REQUEST,
                        0,
                        0,
                        scene.talk().peer().nextMsn(0),
                        0,
                        Ddp.readRequest(
                            1, 0, 8, scene.open().stag(), scene.open().taggedOffset()))));
  }

  /** Of a Scene, which STag. */
  @FunctionalInterface
  private interface Stag {
    int of(Scene scene);
  }

  private void read(String what, Set<Integer> triples, Stag stag, int at, int bytes) {
    addBefore(
        "a Read " + what,
        List.of(RdmapRules.R117),
        triples,
        at < 0 ? READ_WRAP : Set.of(),
        true,
        scene -> {
          long base =
              stag.of(scene) == scene.shut().stag()
                  ? scene.shut().taggedOffset()
                  : scene.open().taggedOffset();
          scene.talk().peer().readRequest(1, 0, bytes, stag.of(scene), base + at);
        });
  }
}
