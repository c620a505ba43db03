/**
 * Behind {@link dev.offramp.api.Offramp}: finds drivers, wires them, and moves connections between
 * their owners.
 */
module dev.offramp.runtime {
  requires transitive dev.offramp.api;
  requires transitive dev.offramp.spi;
  requires dev.offramp.iwarp;
  requires transitive dev.offramp.linux;
  // Guice is an automatic module and cannot ask for its own libraries where they are real ones.
  requires com.google.common;
  requires com.google.guice;
  requires jakarta.inject;
  requires jdk.jfr;
  requires static org.jspecify;

  // The command line, the emulator and the compatibility kit bring owners of their own choice.
  exports dev.offramp.runtime.device;
  exports dev.offramp.runtime.driver;
  exports dev.offramp.runtime.journal;
  exports dev.offramp.runtime.loop;
  exports dev.offramp.runtime.migrate;
  exports dev.offramp.runtime.stream;
  exports dev.offramp.runtime.transfer;

  opens dev.offramp.runtime to
      com.google.guice;

  provides dev.offramp.api.OfframpBootstrap with
      dev.offramp.runtime.RuntimeBootstrap;

  uses dev.offramp.spi.RnicDriver;
}
