/** The {@code offramp} command. Its interface is the command line. */
@SuppressWarnings("module") // the interop suite is not part of the everyday build
module dev.offramp.cli {
  requires com.fasterxml.jackson.jr.ob;
  requires dev.offramp.api;
  requires dev.offramp.emulator;
  requires dev.offramp.iwarp;
  requires dev.offramp.linux;
  requires dev.offramp.models;
  requires dev.offramp.runtime;
  requires dev.offramp.spi;
  requires dev.offramp.tck;
  requires dev.offramp.tck.zoo;
  requires info.picocli;
  requires static org.jspecify;

  // The interop suite moves connections in ways that the command line has no options for.
  exports dev.offramp.cli.rping to
      dev.offramp.interop;

  // picocli sets annotated fields by reflection.
  opens dev.offramp.cli to
      info.picocli;
}
