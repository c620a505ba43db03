package dev.offramp.tck.experiment;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Write;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.bench.DriverHangsException;
import dev.offramp.tck.rule.DdpRules;
import dev.offramp.tck.rule.FrameRules;
import dev.offramp.tck.rule.MpaRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.wire.Ddp;
import dev.offramp.tck.wire.Framing;
import dev.offramp.tck.wire.Heard;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Segment sizes over the whole range, and messages as long as messages can be. */
final class SizesExperiment extends WireExperiment {
  private static final long UINT32 = 0xFFFF_FFFFL;
  private static final int LONG_MESSAGE = 200_000;

  @Override
  public String name() {
    return "sizes";
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        MpaRules.R002,
        MpaRules.R003,
        MpaRules.R021,
        MpaRules.R022,
        DdpRules.R081,
        DdpRules.R082,
        NegotiationRules.L25,
        FrameRules.L43);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    Map<Integer, Integer> longest = new TreeMap<>();
    for (int emss :
        new int[] {
          88, 127, 140, 256, 512, 536, 600, 1024, 1100, 1448, 1460, 2048, 4096, 5000, 8948, 16_000,
          65_535
        }) {
      try {
        int seen = longestUlpdu(lab, emss, judgement);
        if (seen > 0) {
          longest.put(emss, seen);
        }
      } catch (DriverHangsException hang) {
        throw hang;
      } catch (IOException | RuntimeException e) {
        judgement.fail(
            SpiRules.S05, "an EMSS of %d is taken by admits, and then: %s".formatted(emss, e));
      }
    }
    judgeRounding(longest, judgement);
    if (lab.offers(Operation.READ) && lab.shape().ord() > 0) {
      largeReads(lab, judgement);
    } else {
      judgement.refused(FrameRules.L43, "READ is not declared");
      judgement.refused(DdpRules.R082, "READ is not declared");
    }
  }

  /** The longest ULPDU of a long message; -1 when the driver does not take this segment size. */
  private static int longestUlpdu(Lab lab, int emss, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      if (!Admissions.takes(lab, bench, lab.shape().emss(emss))) {
        return -1;
      }
      Conversation talk =
          Conversation.arrive(
              bench,
              Descriptors.with(
                  lab.draw(lab.shape().role(MpaRole.INITIATOR).emss(emss), "emss " + emss),
                  dev.offramp.api.descriptor.DescriptorFields.SEND_MSS_BYTES,
                  emss));
      talk.activate();
      talk.send(new byte[LONG_MESSAGE]);
      talk.run();
      int longest = talk.peer().heard().stream().mapToInt(Heard::longestUlpduBytes).max().orElse(0);
      int mulpdu = Framing.mulpdu(emss, false);
      require(
          longest <= mulpdu,
          MpaRules.R021,
          "a ULPDU of %d octets at an EMSS of %d, MULPDU is %d".formatted(longest, emss, mulpdu),
          talk,
          judgement);
      boolean within = longest <= Framing.MAX_ULPDU_BYTES && longest >= Framing.MIN_MULPDU_BYTES;
      require(
          within,
          emss < Framing.MIN_MULPDU_BYTES + 16 ? MpaRules.R022 : MpaRules.R002,
          "the longest ULPDU of a long message has %d octets at an EMSS of %d, expected 128..64768"
              .formatted(longest, emss),
          talk,
          judgement);
      judgeWire(talk, judgement);
      talk.finish();
      return longest;
    }
  }

  /** Segment sizes that another transport's table of path MTUs cannot tell apart. */
  private static void judgeRounding(Map<Integer, Integer> longest, Judgement judgement) {
    int[][] bins = {{536, 600}, {1100, 1448, 1460}, {5000, 8948}};
    Set<Integer> all = new java.util.TreeSet<>();
    longest.forEach((emss, bytes) -> all.add(emss < bins[0][0] ? 0 : bytes));
    all.remove(0);
    if (all.size() == 1) {
      return; // one length for all is a choice; rounding follows the segment size in steps
    }
    for (int[] bin : bins) {
      Set<Integer> sizes = new java.util.TreeSet<>();
      int known = 0;
      for (int emss : bin) {
        if (longest.containsKey(emss)) {
          known++;
          sizes.add(longest.get(emss));
        }
      }
      if (known >= 2
          && sizes.size() == 1
          && sizes.iterator().next() < Framing.mulpdu(bin[0], false) - 64) {
        judgement.fail(
            NegotiationRules.L25,
            "the longest ULPDU is %s octets at each EMSS of %s: they were rounded to one path MTU"
                .formatted(sizes, java.util.Arrays.toString(bin)));
      }
    }
    if (longest.isEmpty()) {
      judgement.inconclusive(NegotiationRules.L25, "no segment size is taken");
    }
  }

  /** The sizes around 2^31 and 2^32, with memory that takes no room. */
  private static void largeReads(Lab lab, Judgement judgement) throws Exception {
    Path sparse = Files.createTempFile("offramp-tck", ".sparse");
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = map(sparse, UINT32 + 2, arena);
      for (long bytes : new long[] {0x7FFF_FFFFL, 0x8000_0000L, UINT32}) {
        try (Bench bench = lab.open()) {
          Conversation talk =
              lab.arrive(bench, lab.shape().role(MpaRole.INITIATOR), "large").activate();
          MemoryRegion sink =
              bench.call("register", () -> talk.connection().register(memory, Access.REMOTE_WRITE));
          talk.peer().breakSilence();
          String seen = "nothing came";
          try {
            talk.post(new Read(1, sink.slice(0, bytes), new RemoteBuffer(77, 0, bytes)));
            talk.run();
            seen =
                talk.peer().heard().stream()
                    .filter(h -> h.opcode() == Ddp.READ_REQUEST)
                    .map(h -> "%08x".formatted(h.word(12)))
                    .findFirst()
                    .orElse(seen);
          } catch (IllegalArgumentException | UnsupportedOperationException e) {
            seen = e.toString();
          }
          boolean refused = seen.startsWith(IllegalArgumentException.class.getName());
          if (refused && lab.target().isAdapter()) {
            // No capability says how long a message of a device may be; its refusal does.
            judgement.refused(FrameRules.L43, "the adapter refuses longer messages: " + seen);
            judgement.note(
                "%s: the adapter refuses a Read of %d octets; RFC 5041 has messages up to 2^32 - 1"
                    .formatted(lab.target(), bytes));
          } else {
            require(
                seen.equals("%08x".formatted(bytes)),
                FrameRules.L43,
                "a Read of %d octets has the size [%s] on the wire, expected [%08x]"
                    .formatted(bytes, seen, bytes),
                talk,
                judgement);
          }
          talk.abort();
        }
      }
      tooLong(lab, memory, judgement);
    } finally {
      Files.deleteIfExists(sparse);
    }
  }

  /** One octet more than a message can have. */
  private static void tooLong(Lab lab, MemorySegment memory, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      Conversation talk =
          lab.arrive(bench, lab.shape().role(MpaRole.INITIATOR), "too long").activate();
      MemoryRegion region =
          bench.call("register", () -> talk.connection().register(memory, Access.REMOTE_WRITE));
      String seen = "nothing thrown";
      try {
        talk.post(new Read(2, region.slice(0, UINT32 + 1), new RemoteBuffer(77, 0, UINT32 + 1)));
      } catch (IllegalArgumentException e) {
        seen = "";
      } catch (RuntimeException | IOException e) {
        seen = e.toString();
      }
      require(
          seen.isEmpty(),
          DdpRules.R082,
          "a Read of 2^32 octets: expected IllegalArgumentException, seen " + seen,
          talk,
          judgement);
      if (lab.offers(Operation.WRITE)) {
        String wrote = "nothing thrown";
        try {
          talk.post(new Write(3, region.slice(0, UINT32 + 1), new RemoteBuffer(77, 0, UINT32 + 1)));
        } catch (IllegalArgumentException e) {
          wrote = "";
        } catch (RuntimeException | IOException e) {
          wrote = e.toString();
        }
        require(
            wrote.isEmpty(),
            DdpRules.R082,
            "a Write of 2^32 octets: expected IllegalArgumentException, seen " + wrote,
            talk,
            judgement);
      }
      talk.abort();
    }
  }

  private static MemorySegment map(Path file, long bytes, Arena arena) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
    }
  }
}
