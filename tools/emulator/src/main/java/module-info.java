/**
 * An RNIC without hardware: a device model whose TCP is a kernel's, in a network namespace that
 * sits in the cable. <b>A model, not silicon.</b>
 */
module dev.offramp.emulator {
  requires transitive dev.offramp.api;
  requires transitive dev.offramp.models;
  requires dev.offramp.iwarp;
  requires dev.offramp.linux;
  requires dev.offramp.runtime;
  requires dev.offramp.spi;
  requires static org.jspecify;
}
