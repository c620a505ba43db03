/**
 * MPA, DDP and RDMAP as pure state machines: bytes and time in; bytes, events and a deadline out.
 *
 * <p>Begin with {@link dev.offramp.iwarp.mpa.MpaStartup}, which turns a TCP stream into an iWARP
 * stream, and {@link dev.offramp.iwarp.rdmap.RdmapStream}, which is that stream. Nothing here has a
 * clock, a thread, a socket or a logger.
 */
module dev.offramp.iwarp {
  requires transitive dev.offramp.api;
  requires static org.checkerframework.checker.qual;

  exports dev.offramp.iwarp.ddp;
  exports dev.offramp.iwarp.mpa;
  exports dev.offramp.iwarp.rdmap;
}
