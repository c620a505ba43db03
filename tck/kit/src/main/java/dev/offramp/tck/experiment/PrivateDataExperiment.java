package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.spi.RnicArrival;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.rule.FrameRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import java.util.Set;

/** Private data of every length from 0 to 512 octets, of both ends, and an octet of zero more. */
final class PrivateDataExperiment implements Experiment {
  private static final int MOST = 512;

  @Override
  public String name() {
    return "private-data";
  }

  @Override
  public Stage stage() {
    return Stage.CONTRACT;
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(FrameRules.L33, FrameRules.L34, FrameRules.L35, FrameRules.L36, FrameRules.L39);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    try (Bench bench = lab.open()) {
      for (int bytes = 0; bytes <= MOST; bytes++) {
        Octets data = Octets.copyOf(Payload.of(lab.random("private data " + bytes), bytes));
        length(lab, bench, MpaRole.INITIATOR, data, judgement);
        if (bytes % 3 == 0 || bytes > 500 || (bytes & 0x3F) > 0x3B || (bytes & 0x3F) < 4) {
          length(lab, bench, MpaRole.RESPONDER, data, judgement);
        }
      }
      // Octets of zero at the end are part of it, and none is not the same as one.
      for (int bytes : new int[] {0, 1, 55, 56, 91, 148, 195, 255}) {
        byte[] padded = Payload.of(lab.random("padded " + bytes), bytes + 4);
        java.util.Arrays.fill(padded, bytes, bytes + 4, (byte) 0);
        length(lab, bench, MpaRole.INITIATOR, Octets.copyOf(padded), judgement);
      }
    }
  }

  private static void length(Lab lab, Bench bench, MpaRole role, Octets data, Judgement judgement)
      throws Exception {
    IwarpConnectionDescriptor d =
        lab.draw(lab.shape().role(role).privateDataBytes(0), "private data").toBuilder()
            .present(DescriptorFields.REMOTE_PRIVATE_DATA, data, Descriptors.SOURCE)
            .present(DescriptorFields.LOCAL_PRIVATE_DATA, data, Descriptors.SOURCE)
            .build();
    Admission admission = Admissions.ask(bench, d);
    if (!admission.isAdmitted()) {
      refused(lab, admission, data.length(), judgement, d);
      return;
    }
    bench.wire(d);
    RnicArrival arrival = bench.call("arrive", () -> bench.rnic().arrive(d));
    Octets seen = bench.call("mpa", () -> arrival.prepared().mpa().privateData());
    bench.call(
        "abandon",
        () -> {
          arrival.abandon();
          return null;
        });
    if (!seen.equals(data)) {
      Rule rule = rule(data, seen);
      judgement.fail(
          rule,
          "%d octets of private data [%s] became %d [%s]"
              .formatted(data.length(), data, seen.length(), seen),
          Evidences.of(d, bench.trace()));
      judgement.fail(
          SpiRules.S11,
          "%d octets of private data became %d in mpa()".formatted(data.length(), seen.length()),
          Evidences.of(d));
    }
  }

  /** Which leak it is that made other private data of it. */
  private static Rule rule(Octets data, Octets seen) {
    byte[] from = data.toByteArray();
    byte[] to = seen.toByteArray();
    boolean starts =
        to.length >= from.length
            && java.util.Arrays.equals(from, 0, from.length, to, 0, from.length);
    boolean zeros = true;
    for (int i = from.length; i < to.length; i++) {
      zeros &= to[i] == 0;
    }
    if (to.length > from.length && starts && zeros) {
      return FrameRules.L35;
    }
    int cut = Math.min(to.length, from.length);
    boolean isPrefix = java.util.Arrays.equals(from, 0, cut, to, 0, cut);
    if (to.length < from.length && isPrefix) {
      return isEightBit(from.length, to.length)
          ? FrameRules.L34
          : from.length - to.length <= 8 && trailingZeros(from, to.length)
              ? FrameRules.L35
              : FrameRules.L33;
    }
    if (to.length < from.length && isEightBit(from.length, to.length)) {
      return FrameRules.L34;
    }
    return to.length == from.length + 36 || to.length == from.length - 36
        ? FrameRules.L36
        : FrameRules.L39;
  }

  private static boolean isEightBit(int from, int to) {
    return to == (from & 0xFF)
        || to == Math.max(0, (byte) from)
        || (from > 127 && to == 127)
        || to == ((from + 4) & 0xFF) - 4
        || to == 255
        || to == 256;
  }

  private static boolean trailingZeros(byte[] octets, int from) {
    for (int i = from; i < octets.length; i++) {
      if (octets[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * A device may refuse what it cannot send itself, when it has declared that limit. What the peer
   * sent is over and costs the device nothing.
   */
  private static void refused(
      Lab lab, Admission admission, int bytes, Judgement judgement, IwarpConnectionDescriptor d)
      throws Exception {
    int most = lab.capabilities().maxPrivateDataBytes();
    boolean right = Admissions.reasons(admission).contains(RefusalReason.PRIVATE_DATA);
    if (bytes <= most || !right) {
      Rule rule = isEightBitLimit(bytes) ? FrameRules.L34 : FrameRules.L33;
      judgement.fail(
          rule,
          "%d octets of private data are refused with %s; %d are declared"
              .formatted(bytes, Admissions.reasons(admission), most),
          Evidences.of(d));
    }
  }

  private static boolean isEightBitLimit(int bytes) {
    return bytes == 128 || bytes == 252 || bytes == 253 || bytes == 256 || bytes == 257;
  }
}
