/** The software RNIC: iWARP in Java over a byte stream. Exports nothing; found by ServiceLoader. */
module dev.offramp.provider.softiwarp {
  requires dev.offramp.api;
  requires dev.offramp.iwarp;
  requires dev.offramp.spi;
  requires static dev.offramp.checker.qual;
  requires static org.jspecify;

  provides dev.offramp.spi.RnicDriver with
      dev.offramp.provider.softiwarp.SoftiwarpDriver;
}
