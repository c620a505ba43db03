package dev.offramp.interop;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks at all captured traffic a second time: with our own decoder, and with tshark. */
final class Judge {
  private static final Set<String> OUR_ADDRESSES =
      Set.of(Lab.HOST, GuestLink.HOST, "fd77:0:0:0:0:0:0:254", "fd77:0:0:0:0:0:0:253");
  private static final String FROM_US =
      "(ip.src == %s or ip.src == %s or ipv6.src == %s or ipv6.src == %s)"
          .formatted(Lab.HOST, GuestLink.HOST, Lab.HOST_V6, GuestLink.HOST_V6);
  private static final String CHECKSUM = "CRC32";
  private static final String GOOD = "Good " + CHECKSUM;
  private static final String BAD = "Bad " + CHECKSUM;
  private static final int SHOWN = 3;

  private final Tshark tshark;
  private final Path work;
  private final List<String> troubles = new ArrayList<>();
  private int fpdus;
  private int fpdusWithCrc;
  private int siwFpdus;

  private Judge(Tshark tshark, Path work) {
    this.tshark = tshark;
    this.work = work;
  }

  static Judge of(Tshark tshark, Path work) {
    return new Judge(tshark, work);
  }

  /** All judgements of a capture of these cases. */
  List<Judgement> judge(Path capture, List<Result> results)
      throws IOException, InterruptedException {
    Path reframed = work.resolve("reframed.pcap");
    try (Reframed out = Reframed.create(reframed)) {
      decode(Capture.read(capture), results, out);
    }
    List<Judgement> judgements = new ArrayList<>();
    judgements.add(
        new Judgement(
            "offramp's decoder",
            "each FPDU of both ends is valid, and none is missing",
            troubles.isEmpty() && fpdus > 0,
            troubles.isEmpty()
                ? fpdus + " FPDUs of softiwarp, " + siwFpdus + " of siw"
                : troubles.size() + " connections: " + troubles.stream().limit(SHOWN).toList()));
    judgements.add(malformed("as captured", capture, FROM_US));
    judgements.add(malformed("one FPDU a segment", reframed, "ip.src == " + Reframed.OURS));
    judgements.add(crcAsCaptured(capture));
    judgements.add(crcOfEach(reframed));
    return judgements;
  }

  private void decode(List<Capture.Connection> connections, List<Result> results, Reframed out)
      throws IOException {
    Map<Integer, Result> cases = new HashMap<>();
    results.forEach(result -> cases.put(result.port(), result));
    Map<Integer, Integer> seen = new HashMap<>();
    for (Capture.Connection connection : connections) {
      int port = connection.flow().to().getPort();
      Result result = cases.get(port);
      if (result == null || !result.test().captured()) {
        continue;
      }
      seen.merge(port, 1, Integer::sum);
      try {
        count(connection, IwarpStreams.of(connection), out);
      } catch (CaseFailure e) {
        troubles.add(result.test().name() + ": " + e.getMessage());
      }
    }
    for (Result result : results) {
      if (result.test().captured() && !seen.containsKey(result.port())) {
        troubles.add(result.test().name() + ": seen [no connection], expected one");
      }
    }
  }

  private void count(Capture.Connection connection, IwarpStreams streams, Reframed out)
      throws IOException {
    boolean weConnected = isOurs(connection.flow().from());
    boolean weInitiated = weConnected == streams.initiatorConnected();
    List<byte[]> ours = weInitiated ? streams.initiator() : streams.responder();
    List<byte[]> siws = weInitiated ? streams.responder() : streams.initiator();
    fpdus += ours.size() - 1;
    siwFpdus += siws.size() - 1;
    if (streams.crc()) {
      fpdusWithCrc += ours.size() - 1;
    }
    out.add(ours, siws, weInitiated);
  }

  private static boolean isOurs(InetSocketAddress end) {
    return OUR_ADDRESSES.contains(end.getAddress().getHostAddress());
  }

  private Judgement malformed(String what, Path capture, String from)
      throws IOException, InterruptedException {
    List<String> frames = tshark.frames(capture, from + " and _ws.malformed");
    return new Judgement(
        "tshark",
        "no malformed packet of softiwarp's, " + what,
        frames.isEmpty(),
        frames.isEmpty() ? "" : frames.size() + ": " + frames.stream().limit(SHOWN).toList());
  }

  /** TCP cuts FPDUs where it likes, so tshark need not see all of them here. */
  private Judgement crcAsCaptured(Path capture) throws IOException, InterruptedException {
    List<String> checksums =
        tshark.dissectedLines(capture, FROM_US + " and iwarp_mpa.fpdu", CHECKSUM);
    long good = count(checksums, GOOD);
    long bad = count(checksums, BAD);
    return new Judgement(
        "tshark",
        "only Good CRC32 in what softiwarp sends, as captured",
        bad == 0 && good > 0 && good <= fpdusWithCrc,
        good + " good, " + bad + " bad");
  }

  private Judgement crcOfEach(Path reframed) throws IOException, InterruptedException {
    List<String> checksums =
        tshark.dissectedLines(
            reframed, "ip.src == " + Reframed.OURS + " and iwarp_mpa.fpdu", CHECKSUM);
    long good = count(checksums, GOOD);
    long bad = count(checksums, BAD);
    return new Judgement(
        "tshark",
        "only Good CRC32, as many as offramp's decoder counts",
        bad == 0 && good == fpdusWithCrc && good > 0,
        good + " good, " + bad + " bad, " + fpdusWithCrc + " counted; " + tshark.version());
  }

  private static long count(List<String> lines, String what) {
    return lines.stream().filter(line -> line.contains(what)).count();
  }
}
