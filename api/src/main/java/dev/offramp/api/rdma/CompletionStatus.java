package dev.offramp.api.rdma;

import org.apiguardian.api.API;

/** How a work request ended. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum CompletionStatus {
  /** Done. */
  SUCCESS,
  /** Not done: the stream ended first. The connection's event says why. */
  FLUSHED,
  /** A local buffer's region was invalid when the work started. */
  INVALID_REGION,
  /** The incoming message was longer than the posted buffers; the stream ends. */
  MESSAGE_TOO_LONG,
  /** The peer refused this operation with a Terminate; the stream ends. */
  TERMINATED_BY_PEER,
  /** The device failed. */
  DEVICE_ERROR
}
