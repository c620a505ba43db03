/**
 * An RNIC without hardware: a device model whose TCP is a kernel's, in a network namespace that
 * sits in the cable. <b>A model, not silicon.</b>
 *
 * <p>Begin with {@link dev.offramp.emulator.EmulatedAdapter}.
 */
module dev.offramp.emulator {
  requires transitive dev.offramp.api;
  requires transitive dev.offramp.linux;
  requires transitive dev.offramp.models;
  requires transitive dev.offramp.runtime;
  requires transitive dev.offramp.spi;
  requires static org.jspecify;

  exports dev.offramp.emulator;
}
