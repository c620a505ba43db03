package com.acme.offramp;

/**
 * The memory of a queue pair: context, status, three rings and the unsent bytes, one behind the
 * other. Entries of the rings are used in turn, for ever.
 */
final class Rings {
  static final int SEND_ENTRIES = 128;
  static final int RECEIVE_ENTRIES = 128;

  /** A place for each request: the adapter never has to wait. */
  static final int COMPLETION_ENTRIES = SEND_ENTRIES + RECEIVE_ENTRIES;

  // ---- status, written by the adapter

  static final long STATUS = Context.BYTES;
  static final int STATUS_BYTES = 0x200;

  /** How the stream ended: {@link StreamStatus}; written last. */
  static final long END = STATUS;

  static final long TERMINATE = STATUS + 0x04;
  static final long TERMINATE_HEADER_BYTES = STATUS + 0x08;

  /** Not 0: there will be no completions any more. */
  static final long FLUSHED = STATUS + 0x0C;

  /** Not 0: TCP has ended, too. */
  static final long OVER = STATUS + 0x10;

  static final long TERMINATE_HEADERS = STATUS + 0x20;
  static final int MAX_TERMINATE_HEADER_BYTES = STATUS_BYTES - 0x20;

  // ---- work requests, written by the driver

  static final int SEND_BYTES = 64;
  static final int RECEIVE_BYTES = 64;
  static final long SENDS = STATUS + STATUS_BYTES;
  static final long RECEIVES = SENDS + (long) SEND_ENTRIES * SEND_BYTES;

  static final long WORK_ID = 0;
  static final long WORK_OPCODE = 8;
  static final long WORK_FLAGS = 12;
  static final long WORK_STAG = 16;
  static final long WORK_REMOTE_STAG = 20;

  /** Of the buffer in its region. */
  static final long WORK_OFFSET = 24;

  static final long WORK_LENGTH = 32;
  static final long WORK_REMOTE_OFFSET = 40;

  static final int SEND = 1;
  static final int RECEIVE = 2;
  static final int WRITE = 3;
  static final int READ = 4;

  static final int FLAG_BUFFER = 1;
  static final int FLAG_SOLICITED = 1 << 1;
  static final int FLAG_INVALIDATE = 1 << 2;

  // ---- completions, written by the adapter

  static final int COMPLETION_BYTES = 32;
  static final long COMPLETIONS = RECEIVES + (long) RECEIVE_ENTRIES * RECEIVE_BYTES;

  static final long DONE_ID = 0;
  static final long DONE_LENGTH = 8;
  static final long DONE_OPCODE = 16;
  static final long DONE_STATUS = 20;

  /** FLAG_SOLICITED and FLAG_INVALIDATE. */
  static final long DONE_FLAGS = 22;

  static final long DONE_STAG = 24;

  /** How often the ring has been gone round, from 1; written last. */
  static final long DONE_ROUND = 28;

  static final int SUCCESS = 0;
  static final int FLUSHED_WORK = 1;
  static final int INVALID_REGION = 2;
  static final int MESSAGE_TOO_LONG = 3;
  static final int TERMINATED_BY_PEER = 4;

  // ---- behind the rings

  static final long UNSENT = COMPLETIONS + (long) COMPLETION_ENTRIES * COMPLETION_BYTES;

  private Rings() {}
}
