/** The {@code offramp} command. Exports nothing: its interface is the command line. */
module dev.offramp.cli {
  requires com.fasterxml.jackson.jr.ob;
  requires dev.offramp.api;
  requires dev.offramp.iwarp;
  requires dev.offramp.linux;
  requires dev.offramp.runtime;
  requires dev.offramp.spi;
  requires info.picocli;
  requires static org.jspecify;

  // picocli sets annotated fields by reflection.
  opens dev.offramp.cli to
      info.picocli;
}
