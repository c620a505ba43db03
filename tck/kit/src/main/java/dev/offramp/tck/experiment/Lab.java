package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.Operation;
import dev.offramp.models.Faults;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.bench.Target;
import dev.offramp.tck.descriptor.Samples;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.scan.JarContents;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What experiments work with: a device, numbers, and what is known of the driver. */
public final class Lab {
  private final Target target;
  private final long seed;
  private final long hangSeconds;
  private final JarContents jar;
  private @Nullable RnicCapabilities capabilities;
  private @Nullable Baseline baseline;

  /**
   * A lab for one device.
   *
   * @param seed everything that is drawn is drawn from it
   * @param hangSeconds how long a call of the driver may do nothing
   */
  public Lab(Target target, long seed, long hangSeconds, JarContents jar) {
    this.target = target;
    this.seed = seed;
    this.hangSeconds = hangSeconds;
    this.jar = jar;
  }

  public Target target() {
    return target;
  }

  public long seed() {
    return seed;
  }

  /** The classes of the vendor's jar, read and not loaded. */
  public JarContents jar() {
    return jar;
  }

  /** Numbers for a purpose: the same for the same seed, whatever else was drawn. */
  public RandomGenerator random(String purpose) {
    long mixed = seed;
    for (int i = 0; i < purpose.length(); i++) {
      mixed = mixed * 0x9E37_79B9_7F4A_7C15L + purpose.charAt(i);
    }
    return new SplittableRandom(mixed);
  }

  /** A bench with the device up. */
  public Bench open() throws Exception {
    return open(Map.of(), Faults.NONE);
  }

  /** A bench with the device up, the user's settings, and what is to go wrong. */
  public Bench open(Map<String, String> settings, Faults faults) throws Exception {
    Bench bench = closed(settings, faults);
    try {
      bench.open();
      return bench;
    } catch (Exception | Error e) {
      bench.close();
      throw e;
    }
  }

  /** A bench with nothing open. */
  public Bench closed(Map<String, String> settings, Faults faults) {
    return new Bench(target, settings, faults, hangSeconds);
  }

  /** What the driver declares for this device. */
  public RnicCapabilities capabilities() throws Exception {
    RnicCapabilities known = capabilities;
    if (known == null) {
      try (Bench bench = open()) {
        known = bench.call("capabilities", () -> bench.rnic().capabilities());
      }
      capabilities = known;
    }
    return known;
  }

  public boolean offers(Operation operation) throws Exception {
    return capabilities().operations().contains(operation);
  }

  /** A plain connection that the driver takes. */
  public Shape shape() throws Exception {
    return baseline().shape();
  }

  /** How the plain connection was found, and what the driver refused on the way. */
  public Baseline baseline() throws Exception {
    Baseline known = baseline;
    if (known == null) {
      known = Baseline.find(this);
      baseline = known;
    }
    return known;
  }

  /** A descriptor of that shape, drawn for a purpose. */
  public IwarpConnectionDescriptor draw(Shape shape, String purpose) {
    return Samples.draw(shape, random(purpose));
  }

  /** A connection of that shape, arrived and silent. */
  public Conversation arrive(Bench bench, Shape shape, String purpose) throws Exception {
    return Conversation.arrive(bench, draw(shape, purpose));
  }
}
