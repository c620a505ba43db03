/**
 * MPA: start-up ({@link dev.offramp.iwarp.mpa.MpaStartup}) and framing ({@link
 * dev.offramp.iwarp.mpa.FpduEncoder}, {@link dev.offramp.iwarp.mpa.FpduDecoder}) of RFC 5044 and
 * RFC 6581.
 */
@NullMarked
package dev.offramp.iwarp.mpa;

import org.jspecify.annotations.NullMarked;
