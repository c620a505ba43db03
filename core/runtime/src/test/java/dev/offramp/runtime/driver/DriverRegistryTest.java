package dev.offramp.runtime.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.DriverReport;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.SpiVersion;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DriverRegistryTest {
  private static final int MAJOR = SpiVersion.CURRENT_MAJOR;
  private static final int MINOR = SpiVersion.CURRENT_MINOR;
  private static final Device STREAM = new Device("some-stream", Device.Kind.HOST_STREAM, 0, 0);

  @Test
  void aDriverOfTheRunningSpiIsUsable() throws Exception {
    FakeDriver driver = new FakeDriver("good", MAJOR, MINOR);
    DriverRegistry registry = registry(found(() -> driver));
    assertThat(registry.driverFor(STREAM)).isSameAs(driver);
    assertThat(registry.idFor("some-stream", List.of(STREAM))).isEqualTo("good");
    assertThat(registry.idFor("another", List.of(STREAM))).isEmpty();
    DriverReport report =
        registry.reports(List.of(STREAM), Map.of("good", Set.of("operation SEND"))).getFirst();
    assertThat(report.isUsable()).isTrue();
    assertThat(report.rnics()).containsExactly("some-stream");
    assertThat(report.capabilities()).containsExactly("operation SEND");
    assertThat(report.runtimeSpiVersion()).isEqualTo(MAJOR + "." + MINOR);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, use a newer Offramp",
    "0, 1, use a newer Offramp",
    "-1, 0, get a newer release of the driver",
    "-1, 7, get a newer release of the driver",
  })
  void aMismatchNamesBothVersionsAndWhatToDo(int majorsAhead, int minorsAhead, String advice) {
    SpiVersion compiled = new SpiVersion(MAJOR + majorsAhead, MINOR + minorsAhead);
    DriverRegistry registry =
        registry(found(() -> new FakeDriver("other", compiled.major(), compiled.minor())));
    DriverReport report = registry.reports(List.of(STREAM), Map.of()).getFirst();
    assertThat(report.isUsable()).isFalse();
    assertThat(report.rnics()).isEmpty();
    assertThat(report.compiledSpiVersion()).isEqualTo(compiled.toString());
    assertThat(report.unavailable())
        .contains("[other]")
        .contains("compiled against SPI " + compiled)
        .contains("SPI " + SpiVersion.running() + " is running")
        .endsWith(advice);
    assertThatThrownBy(() -> registry.driverFor(STREAM))
        .isInstanceOf(NoDriverException.class)
        .hasMessageContaining(advice);
  }

  @Test
  void theSecondDriverOfAnIdIsNotUsed() throws Exception {
    FakeDriver first = new FakeDriver("same", MAJOR, MINOR);
    DriverRegistry registry =
        registry(found(() -> first), found(() -> new FakeDriver("same", MAJOR, MINOR)));
    assertThat(registry.driverFor(STREAM)).isSameAs(first);
    List<DriverReport> reports = registry.reports(List.of(STREAM), Map.of());
    assertThat(reports).hasSize(2);
    assertThat(reports.get(1).unavailable())
        .contains("[same] is taken")
        .endsWith("remove one of the two");
  }

  @Test
  void aBrokenDriverDoesNotHideTheOthers() throws Exception {
    FakeDriver good = new FakeDriver("good", MAJOR, MINOR);
    DriverRegistry registry =
        registry(
            found(() -> {
              throw new NoClassDefFoundError("com/vendor/Missing");
            }),
            found(() -> {
              throw new ServiceConfigurationError("no constructor");
            }),
            found(() -> {
              throw new IllegalStateException("a constructor that does I/O");
            }),
            found(() -> good));
    assertThat(registry.driverFor(STREAM)).isSameAs(good);
    assertThat(registry.reports(List.of(STREAM), Map.of()))
        .extracting(DriverReport::isUsable)
        .contains(true);
    assertThat(registry.reports(List.of(STREAM), Map.of()).getFirst().unavailable())
        .contains("does not load")
        .contains("com/vendor/Missing");
  }

  /** ServiceLoader's own iterator throws where a declared class is not there at all. */
  @Test
  void aDeclarationWithoutAClassDoesNotHideTheOthers() throws Exception {
    FakeDriver good = new FakeDriver("good", MAJOR, MINOR);
    Iterator<Candidate> rest = List.of(found(() -> good)).iterator();
    DriverRegistry registry =
        new DriverRegistry(
            new Iterator<>() {
              private boolean thrown;

              @Override
              public boolean hasNext() {
                if (!thrown) {
                  thrown = true;
                  throw new ServiceConfigurationError("com.vendor.Driver not found");
                }
                return rest.hasNext();
              }

              @Override
              public ServiceLoader.Provider<RnicDriver> next() {
                return rest.next();
              }
            });
    assertThat(registry.driverFor(STREAM)).isSameAs(good);
    assertThat(registry.reports(List.of(), Map.of()).getFirst().unavailable())
        .contains("com.vendor.Driver not found");
  }

  @Test
  void anIteratorThatAlwaysThrowsEnds() {
    DriverRegistry registry =
        new DriverRegistry(
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                throw new ServiceConfigurationError("again");
              }

              @Override
              public ServiceLoader.Provider<RnicDriver> next() {
                throw new ServiceConfigurationError("again");
              }
            });
    assertThat(registry.reports(List.of(), Map.of())).noneMatch(DriverReport::isUsable);
  }

  @Test
  void aDriverThatThrowsWhenAskedServesNothing() throws Exception {
    FakeDriver good = new FakeDriver("good", MAJOR, MINOR);
    FakeDriver moody =
        new FakeDriver(
            "moody",
            MAJOR,
            MINOR,
            device -> {
              throw new IllegalStateException("no idea");
            });
    DriverRegistry registry = registry(found(() -> moody), found(() -> good));
    assertThat(registry.driverFor(STREAM)).isSameAs(good);
    assertThat(registry.reports(List.of(STREAM), Map.of()).getFirst().rnics()).isEmpty();
  }

  @Test
  void withoutADriverTheMessageListsThoseThatAreThere() {
    DriverRegistry registry =
        registry(
            found(() -> new FakeDriver("picky", MAJOR, MINOR, device -> false)),
            found(() -> new FakeDriver("old", MAJOR - 1, MINOR)));
    assertThatThrownBy(() -> registry.driverFor(STREAM))
        .isInstanceOf(NoDriverException.class)
        .hasMessageContaining("[some-stream]")
        .hasMessageContaining("picky, old (not usable:")
        .hasMessageEndingWith("put the vendor's jar on the module path");
    assertThatThrownBy(() -> registry().driverFor(STREAM))
        .hasMessageContaining("drivers present: none");
  }

  private static DriverRegistry registry(Candidate... candidates) {
    return new DriverRegistry(Stream.<ServiceLoader.Provider<RnicDriver>>of(candidates).iterator());
  }

  private static Candidate found(Supplier<RnicDriver> maker) {
    return new Candidate(maker);
  }

  private record Candidate(Supplier<RnicDriver> maker)
      implements ServiceLoader.Provider<RnicDriver> {
    @Override
    public Class<? extends RnicDriver> type() {
      return FakeDriver.class;
    }

    @Override
    public RnicDriver get() {
      return maker.get();
    }
  }

  private record FakeDriver(String id, int major, int minor, Predicate<Device> serves)
      implements RnicDriver {
    FakeDriver(String id, int major, int minor) {
      this(id, major, minor, device -> true);
    }

    @Override
    public SpiVersion compiledSpiVersion() {
      return new SpiVersion(major, minor);
    }

    @Override
    public boolean matches(Device device) {
      return serves.test(device);
    }

    @Override
    public Rnic open(DriverContext context) {
      throw new UnsupportedOperationException("only looked for");
    }
  }
}
