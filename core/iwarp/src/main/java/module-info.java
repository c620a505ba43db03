/**
 * MPA, DDP and RDMAP as pure state machines: bytes and time in; bytes, events and a deadline out.
 *
 * <p>Begin with {@link dev.offramp.iwarp.mpa.MpaStartup}, which turns a TCP stream into an iWARP
 * stream, and {@link dev.offramp.iwarp.rdmap.RdmapStream}, which is that stream. Nothing here has a
 * clock, a thread, a socket or a logger.
 *
 * <p>The duties of RFC 5044, section 9.3, and RFC 7146 are not met here: IPsec is the business of
 * whoever owns TCP, and without it neither the peer nor its bytes are authenticated.
 */
module dev.offramp.iwarp {
  requires transitive dev.offramp.api;
  requires static org.checkerframework.checker.qual;

  exports dev.offramp.iwarp.ddp;
  exports dev.offramp.iwarp.mpa;
  exports dev.offramp.iwarp.rdmap;
}
