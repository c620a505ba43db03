/** The driver for Chelsio T5 and T6. Exports nothing; found by ServiceLoader. */
module dev.offramp.provider.chelsio {
  requires dev.offramp.api;
  requires dev.offramp.spi;
  requires static dev.offramp.checker.qual;
  requires static org.jspecify;

  provides dev.offramp.spi.RnicDriver with
      dev.offramp.provider.chelsio.ChelsioDriver;
}
