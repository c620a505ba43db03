package dev.offramp.provider.intel;

import dev.offramp.api.rdma.Operation;

/**
 * What was posted into the send queue, by the quantum where it begins: what the device's
 * completions do not say. Requests are numbered from 1 in the order in which they are posted, which
 * is also the order in which they complete. Under the connection's lock.
 */
final class WorkLog {
  private static final int NO_MSN = 0;

  private final Operation[] operations;

  /** Whether a NOP stands there instead, because the request named an invalid region. */
  private final boolean[] invalid;

  /** Of a Send or Read: its MSN on queue 0 or 1 (RFC 5041, section 5.3). */
  private final int[] msns;

  /** Where each request begins, by its number. */
  private final int[] slots;

  private long posted;
  private long completed;
  private int sendMsn = 1;
  private int readMsn = 1;

  WorkLog(int quanta) {
    this.operations = new Operation[quanta];
    this.invalid = new boolean[quanta];
    this.msns = new int[quanta];
    this.slots = new int[quanta];
  }

  /** The connection's own indication used up an MSN. */
  void skipSendMsn() {
    sendMsn++;
  }

  /** The connection's own indication used up an MSN. */
  void skipReadMsn() {
    readMsn++;
  }

  /** The next MSN sent on queue 0. */
  int sendMsn() {
    return sendMsn;
  }

  /** The next MSN sent on queue 1. */
  int readMsn() {
    return readMsn;
  }

  /** Notes a request; gives its number. */
  long post(int index, Operation operation, boolean isInvalid) {
    operations[index] = operation;
    invalid[index] = isInvalid;
    int msn = NO_MSN;
    if (!isInvalid && operation == Operation.SEND) {
      msn = sendMsn++;
    } else if (!isInvalid && operation == Operation.READ) {
      msn = readMsn++;
    }
    msns[index] = msn;
    slots[(int) (posted % slots.length)] = index;
    return ++posted;
  }

  /** Where the oldest request begins that has not completed; there must be one. */
  int oldestSlot() {
    return slots[(int) (completed % slots.length)];
  }

  Operation operationAt(int index) {
    return operations[index];
  }

  boolean isInvalidAt(int index) {
    return invalid[index];
  }

  int msnAt(int index) {
    return msns[index];
  }

  /** A request has completed. */
  void complete() {
    completed++;
  }

  /** The number of the last request posted. */
  long posted() {
    return posted;
  }

  /** The number of the last request completed. */
  long completed() {
    return completed;
  }
}
