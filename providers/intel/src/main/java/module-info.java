/** The driver for Intel X722 and E810. Exports nothing; found by ServiceLoader. */
module dev.offramp.provider.intel {
  requires dev.offramp.api;
  requires dev.offramp.spi;
  requires static dev.offramp.checker.qual;
  requires static org.jspecify;

  provides dev.offramp.spi.RnicDriver with
      dev.offramp.provider.intel.IntelDriver;
}
