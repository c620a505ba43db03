/**
 * The zoo: drivers that break one rule each, and honest drivers that look suspicious. The kit has
 * to catch the former by their own rules, and to let the latter pass; how far it does is what its
 * verdict is worth.
 *
 * <p>Begin with {@link dev.offramp.tck.zoo.Zoo}.
 */
module dev.offramp.tck.zoo {
  requires transitive dev.offramp.api;
  requires dev.offramp.models;
  requires dev.offramp.provider.chelsio;
  requires dev.offramp.provider.intel;
  requires dev.offramp.provider.softiwarp;
  requires transitive dev.offramp.spi;
  requires transitive dev.offramp.tck;
  requires static transitive org.apiguardian.api;
  requires static transitive org.jspecify;

  exports dev.offramp.tck.zoo;

  uses dev.offramp.spi.RnicDriver;
}
