/**
 * The compatibility kit: judges a vendor's driver by all that it does, and says what it is worth.
 *
 * <p>Begin with {@link dev.offramp.tck.rule.RuleCatalogue}, which says what is judged, and {@link
 * dev.offramp.tck.run.Tck}, which judges.
 */
module dev.offramp.tck {
  requires transitive dev.offramp.api;
  requires transitive dev.offramp.spi;
  requires dev.offramp.iwarp;
  requires dev.offramp.models;
  requires static transitive org.apiguardian.api;
  requires static transitive org.jspecify;

  exports dev.offramp.tck.cli;
  exports dev.offramp.tck.report;
  exports dev.offramp.tck.rule;
  exports dev.offramp.tck.run;

  uses dev.offramp.spi.RnicDriver;
}
