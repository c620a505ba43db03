/**
 * Acme's driver. It requires the SPI and nothing else of Offramp: what a driver does, it does
 * through the ports of {@code dev.offramp.spi.port}.
 */
module com.acme.offramp {
  requires dev.offramp.spi;
  requires static org.jspecify;

  provides dev.offramp.spi.RnicDriver with
      com.acme.offramp.AcmeDriver;
}
