package dev.offramp.api.transfer;

import org.apiguardian.api.API;

/** Why a connection is refused. New constants can be added. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum RefusalReason {
  /** Not a TCP connection. */
  NOT_TCP,
  /** The channel or socket is closed. */
  CLOSED,
  /** TCP is in a state from which a connection cannot be moved. */
  TCP_STATE,
  /** One direction has been closed by a FIN. */
  HALF_CLOSED,
  /** Multipath TCP (RFC 8684): one of several subflows. */
  MULTIPATH,
  /** An upper-layer protocol such as kTLS is attached to the socket. */
  UPPER_LAYER_PROTOCOL,
  /** TCP MD5 or TCP-AO signs the segments. */
  SIGNED_SEGMENTS,
  /** Urgent data is pending. */
  URGENT_DATA,
  /** The channel is registered with a selector, or a thread waits on it. */
  CHANNEL_IN_USE,
  /** The socket's filter is locked, so that it cannot be fenced. */
  FILTER_LOCKED,
  /** The socket belongs to another network namespace. */
  FOREIGN_NAMESPACE,
  /** A privilege is missing. */
  PRIVILEGE,
  /** The kernel, JDK or device lacks something. */
  UNSUPPORTED,
  /** Bytes that the application has not read. */
  UNREAD_BYTES,
  /** Bytes that the peer has not acknowledged. */
  UNACKNOWLEDGED_BYTES,
  /** A queue is larger than the new owner can hold. */
  QUEUE_TOO_LARGE,
  /** The TCP timestamp option is on. */
  TIMESTAMPS,
  /** Selective acknowledgement is on. */
  SACK,
  /** The segment size cannot be expressed. */
  SEGMENT_SIZE,
  /** A window, or its scale, cannot be expressed. */
  WINDOW,
  /** The address family or a scope is not supported. */
  ADDRESS_FAMILY,
  /** Read depths beyond the limit. */
  READ_DEPTH,
  /** Private data beyond the limit. */
  PRIVATE_DATA,
  /** MPA markers are not supported. */
  MARKERS,
  /** The MPA revision or a start-up option is not supported. */
  MPA_OPTION,
  /** The stream is in the middle of something that cannot travel. */
  NOT_QUIET,
  /** The connection would stand still for longer than is allowed. */
  PAUSE_LIMIT,
  /** A field that the owner needs is absent. */
  FIELD_ABSENT,
  /** The caller did not accept a loss. */
  LOSS_NOT_ACCEPTED,
  /** The owner has no room for one more connection. */
  NO_RESOURCES,
  /** No owner of this kind is there, or it is not available. */
  NO_OWNER
}
