/**
 * The compatibility kit: judges a vendor's driver by all that it does, and says what it is worth.
 *
 * <p>Begin with {@link dev.offramp.tck.rule.RuleCatalogue}, which says what is judged, and {@link
 * dev.offramp.tck.run.Tck}, which judges.
 */
@SuppressWarnings("module") // the zoo is built after the kit
module dev.offramp.tck {
  requires transitive dev.offramp.api;
  requires transitive dev.offramp.spi;
  requires dev.offramp.iwarp;
  requires dev.offramp.models;
  requires java.management;
  requires jdk.jfr;
  requires static transitive org.apiguardian.api;
  requires static transitive org.jspecify;
  // Only for those who run the kit as a test class, and have it.
  requires static org.junit.jupiter.api;

  // The zoo runs experiments one by one; those that are exported to it are no interface.
  exports dev.offramp.tck.bench to
      dev.offramp.tck.zoo;
  exports dev.offramp.tck.cli;
  exports dev.offramp.tck.experiment to
      dev.offramp.tck.zoo;
  exports dev.offramp.tck.junit;
  exports dev.offramp.tck.report;
  exports dev.offramp.tck.rule;
  exports dev.offramp.tck.run;
  exports dev.offramp.tck.scan to
      dev.offramp.tck.zoo;

  uses dev.offramp.spi.RnicDriver;
}
