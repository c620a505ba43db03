package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DoctorTest {
  @Test
  void everyProbeIsUsableOrSaysWhatToDo() {
    assertThat(Doctor.ofThisHost().examine())
        .extracting(Probe::name)
        .containsExactly("native access", "CAP_NET_ADMIN", "TCP_REPAIR", "pidfd_getfd");
    for (Probe probe : Doctor.ofThisHost().examine()) {
      assertThat(probe.remedy().isEmpty()).as(probe.toString()).isEqualTo(probe.usable());
    }
  }
}
