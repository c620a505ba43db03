/**
 * The interop suite: softiwarp, and the drivers of adapters on emulated ones, against the kernel's
 * own iWARP driver, siw, in virtual machines. {@code ./build interop} runs it.
 */
module dev.offramp.interop {
  requires dev.offramp.api;
  requires dev.offramp.cli;
  requires dev.offramp.emulator;
  requires dev.offramp.iwarp;
  requires dev.offramp.linux;
  requires dev.offramp.models;
  requires dev.offramp.runtime;
  requires info.picocli;
  requires static org.jspecify;

  // picocli sets annotated fields by reflection.
  opens dev.offramp.interop to
      info.picocli;
}
