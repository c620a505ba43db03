package dev.offramp.linux;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Whether this host would take a connection over, and what it would lose here. */
final class ArrivalAdmission {
  private static final Path ALGORITHMS =
      Path.of("/proc/sys/net/ipv4/tcp_available_congestion_control");

  private ArrivalAdmission() {}

  static Admission of(ConnectionProfile profile, PrivilegeProbe privilege) {
    List<Refusal> refusals = new ArrayList<>();
    try {
      privilege.check().ifPresent(refusals::add);
    } catch (IOException e) {
      refusals.add(
          new Refusal(
              RefusalReason.NO_RESOURCES,
              String.valueOf(e.getMessage()),
              "a socket to try TCP_REPAIR on",
              "see the message"));
    }
    DepartureCheck.state(
        profile.get(DescriptorFields.TCP_STATE).orElse(TcpState.ESTABLISHED), refusals);
    return refusals.isEmpty() ? Admission.withLosses(losses(profile)) : Admission.refused(refusals);
  }

  private static List<Loss> losses(ConnectionProfile profile) {
    List<Loss> losses = new ArrayList<>();
    if (profile.get(DescriptorFields.ECN).orElse(false)) {
      losses.add(
          new Loss(
              DescriptorFields.ECN,
              "TCP_REPAIR cannot restore it: congestion marks are neither sent nor echoed"));
    }
    known(profile, DescriptorFields.FLOW_LABEL, "packets get a label of this host's own", losses);
    known(profile, DescriptorFields.TS_RECENT, "0 is echoed until the peer's next segment", losses);
    known(profile, DescriptorFields.CWND_BYTES, "sending starts slowly again", losses);
    known(profile, DescriptorFields.SSTHRESH_BYTES, "found out again", losses);
    known(profile, DescriptorFields.SRTT_MICROS, "measured again", losses);
    String algorithm = profile.get(DescriptorFields.CONGESTION_CONTROL).orElse("");
    if (!algorithm.isEmpty() && !isAvailable(algorithm)) {
      losses.add(
          new Loss(
              DescriptorFields.CONGESTION_CONTROL,
              algorithm + " is not available here; the host's default is used"));
    }
    return losses;
  }

  private static void known(
      ConnectionProfile profile, FieldKey<?> key, String consequence, List<Loss> losses) {
    if (profile.get(key).isKnown()) {
      losses.add(new Loss(key, consequence));
    }
  }

  private static boolean isAvailable(String algorithm) {
    try {
      String names = Files.readString(ALGORITHMS).trim();
      return Arrays.asList(names.split("\\s+", -1)).contains(algorithm);
    } catch (IOException e) {
      return true; // No /proc: setting it tells.
    }
  }
}
