package dev.offramp.iwarp.rdmap;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * How the stream ends. The first reason wins; there is at most one Terminate (RFC 5040, sections
 * 5.4 and 7.1).
 */
final class Ending {
  private final ByteBuffer terminate = ByteBuffer.allocate(TerminateCodec.MAX_BYTES);
  private @Nullable StreamEnd end;
  private int terminateBytes;
  private boolean terminatePending;

  boolean isOver() {
    return end != null;
  }

  @Nullable StreamEnd end() {
    return end;
  }

  /** Ends without a Terminate. */
  void end(StreamEnd how) {
    if (end == null) {
      end = how;
    }
  }

  /** Ends with a Terminate that copies no headers. */
  void fail(TerminateCause cause, String reason) {
    if (end == null) {
      terminateBytes = TerminateCodec.put(terminate, cause);
      terminated(cause, reason, Octets.empty());
    }
  }

  /** Ends with a Terminate that copies the offending segment's headers. */
  void fail(
      TerminateCause cause,
      String reason,
      ByteBuffer bytes,
      int segment,
      int segmentBytes,
      int ddpHeaderBytes,
      int rdmapHeaderBytes) {
    if (end == null) {
      terminateBytes =
          TerminateCodec.put(
              terminate, cause, bytes, segment, segmentBytes, ddpHeaderBytes, rdmapHeaderBytes);
      terminated(
          cause, reason, Octets.copyOf(bytes.slice(segment, ddpHeaderBytes + rdmapHeaderBytes)));
    }
  }

  /** Replaces a pending Terminate's payload; false when there is none. */
  boolean reword(ByteBuffer message) {
    if (terminatePending) {
      terminateBytes = message.remaining();
      terminate.put(0, message, message.position(), terminateBytes);
    }
    return terminatePending;
  }

  boolean isTerminatePending() {
    return terminatePending;
  }

  /** The Terminate's payload, from position 0. */
  ByteBuffer terminate() {
    return terminate;
  }

  int terminateBytes() {
    return terminateBytes;
  }

  /** The Terminate is on its way, or nobody is there to get it. */
  void terminateDone() {
    terminatePending = false;
  }

  private void terminated(TerminateCause cause, String reason, Octets headers) {
    terminatePending = true;
    end =
        new StreamEnd.TerminatedLocally(
            new Terminate(cause.layer(), cause.type(), cause.code(), headers), reason);
  }
}
