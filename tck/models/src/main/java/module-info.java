/**
 * Models of adapters. They decode a vendor's commands with their own decoders, never the driver's
 * classes, and answer as the chip does as far as its public drivers tell. <b>Models, not
 * silicon.</b>
 *
 * <p>Begin with {@link dev.offramp.models.ModelWindow}, which makes a model look like an adapter to
 * a driver, and {@link dev.offramp.models.Link}, which is what a model has instead of a cable.
 */
module dev.offramp.models {
  requires transitive dev.offramp.api;
  requires transitive dev.offramp.spi;
  requires transitive dev.offramp.iwarp;
  requires static transitive org.apiguardian.api;
  requires static transitive org.jspecify;

  exports dev.offramp.models;
  exports dev.offramp.models.chelsio;
  exports dev.offramp.models.intel;

  uses dev.offramp.models.AdapterModelFactory;

  provides dev.offramp.models.AdapterModelFactory with
      dev.offramp.models.chelsio.T5ModelFactory,
      dev.offramp.models.chelsio.T6ModelFactory,
      dev.offramp.models.intel.X722Factory,
      dev.offramp.models.intel.E810Factory;
}
