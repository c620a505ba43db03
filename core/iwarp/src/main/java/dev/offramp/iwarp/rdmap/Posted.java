package dev.offramp.iwarp.rdmap;

/** What became of a work request at the moment it was posted. */
public enum Posted {
  /** Queued; there will be one completion. */
  ACCEPTED,
  /** The queue is full: poll completions first. */
  QUEUE_FULL,
  /** The stream has ended, or is being closed. */
  STREAM_ENDED,
  /** The operation is not offered on this stream. */
  NOT_OFFERED,
  /** More pieces than the stream's configuration allows. */
  TOO_MANY_BUFFERS,
  /** A message has less than 2^32 bytes (RFC 5041, section 5.2). */
  TOO_LONG,
  /** A region belongs to another domain, is read-only, or lacks the access that is needed. */
  NO_ACCESS
}
