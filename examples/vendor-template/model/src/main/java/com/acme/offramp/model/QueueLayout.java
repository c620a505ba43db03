package com.acme.offramp.model;

/** Where things stand in a queue pair's memory, as the adapter's manual has it. */
final class QueueLayout {
  static final int ENTRIES = 128;
  static final int COMPLETION_ENTRIES = 256;

  static final long END = 0x200;
  static final long TERMINATE = 0x204;
  static final long TERMINATE_HEADER_BYTES = 0x208;
  static final long FLUSHED = 0x20C;
  static final long OVER = 0x210;
  static final long TERMINATE_HEADERS = 0x220;
  static final int MAX_TERMINATE_HEADER_BYTES = 0x1E0;

  static final long SENDS = 0x400;
  static final long RECEIVES = 0x2400;
  static final int WORK_BYTES = 64;

  static final long COMPLETIONS = 0x4400;
  static final int COMPLETION_BYTES = 32;

  static final long UNSENT = 0x6400;

  static final int OP_SEND = 1;
  static final int OP_RECEIVE = 2;
  static final int OP_WRITE = 3;
  static final int OP_READ = 4;

  static final int FLAG_BUFFER = 1;
  static final int FLAG_SOLICITED = 2;
  static final int FLAG_INVALIDATE = 4;

  private QueueLayout() {}
}
