package dev.offramp.tck.zoo;

import dev.offramp.api.transfer.TransferException;
import dev.offramp.tck.rule.SpiRules;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Wrong when something fails. */
final class FaultSpecimens {
  private FaultSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "patience-of-another-clock",
            SpiRules.S20,
            "waits by the machine's clock, and for hours, when a port fails",
            Base.STREAM,
            Patient::new));
  }

  private static final class Patient extends Defect {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    @Override
    TransferException refused(TransferException honest) {
      long begin = System.nanoTime();
      while (System.nanoTime() - begin < TimeUnit.HOURS.toNanos(1)) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      return honest;
    }
  }
}
