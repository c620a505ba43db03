/**
 * What a vendor implements, and what it is handed.
 *
 * <p>Begin with {@link dev.offramp.spi.RnicDriver}. A driver gets its device through the ports of
 * {@link dev.offramp.spi.port} and through nothing else.
 */
module dev.offramp.spi {
  requires transitive dev.offramp.api;
  requires static transitive org.apiguardian.api;
  requires static transitive org.jspecify;
  requires static org.checkerframework.checker.qual;

  exports dev.offramp.spi;
  exports dev.offramp.spi.port;
}
