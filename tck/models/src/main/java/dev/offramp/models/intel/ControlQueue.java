package dev.offramp.models.intel;

import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;

/**
 * The control queue: starts when its host context's address is written, takes commands up to the
 * head that the doorbell names, one after the other, and tells of each in the tail register and, if
 * there is one, in its CQ.
 */
final class ControlQueue {
  private static final int DONE = 1;
  private static final int ERROR = 1 << 31;
  private static final int OPERATION_ERROR = 1 << 31;
  private static final int GARBAGE_INDEX = 0x7FFF;

  private final DeviceState device;
  private final CommandProcessor processor;

  // Read by the driver's threads.
  private volatile int status;
  private volatile int tailRegister;
  private volatile int errorCodes;

  private long ring;
  private int entries;
  private long context;
  private int head;
  private int tail;
  private boolean polarity = true;

  ControlQueue(DeviceState device) {
    this.device = device;
    this.processor = new CommandProcessor(device);
  }

  int status() {
    return status;
  }

  int tailRegister() {
    return tailRegister;
  }

  int errorCodes() {
    return errorCodes;
  }

  /** The host clears the registers before it starts the queue (irdma_sc_cqp_init). */
  void writeStatus(int value) {
    status = value;
  }

  void writeTail(int value) {
    tailRegister = value;
  }

  boolean isUp() {
    return entries > 0;
  }

  /** As after power-up. */
  void reset() {
    entries = 0;
    head = 0;
    tail = 0;
    polarity = true;
    status = 0;
    tailRegister = 0;
    errorCodes = 0;
  }

  /** The address of the host context was written; 0 stops the queue. */
  void start(long contextAddress) {
    if (contextAddress == 0) {
      entries = 0;
      status = 0;
      return;
    }
    if (device.faults().at(IntelFaults.CONTROL_CREATE_SILENT) != Faults.NO_FAULT) {
      return;
    }
    long fault = device.faults().at(IntelFaults.CONTROL_CREATE);
    if (fault != Faults.NO_FAULT) {
      refuse(fault == 1 ? (CommandCodes.MAJOR_ERROR << 16) | 1 : (int) fault, "injected");
      return;
    }
    try {
      start(device.dma.read(contextAddress, ControlContextFields.WORDS));
    } catch (DmaFaultException e) {
      device.fault(e);
      refuse(
          (CommandCodes.MAJOR_ERROR << 16) | CommandCodes.MINOR_DMA_FAULT,
          String.valueOf(e.getMessage()));
    }
  }

  private void start(long[] words) throws DmaFaultException {
    int code = ControlContextFields.SQSIZE.getInt(words);
    long version = ControlContextFields.HW_MAJVER.get(words);
    long address = ControlContextFields.SQBASE.get(words);
    int expected = device.chip.majorVersion();
    if (device.faults().at(IntelFaults.CONTROL_GENERATION) != Faults.NO_FAULT) {
      expected = 1 - expected;
    }
    // The driver says which generation it takes the device for; model decision to compare.
    if (version != expected) {
      refuse(
          badField(),
          "host context: hardware version [%d], expected %d".formatted(version, expected));
    } else if (code < ControlContextFields.SMALLEST_CODE
        || code > ControlContextFields.LARGEST_CODE) {
      refuse(badField(), "host context: ring size code [%d], expected 1..10".formatted(code));
    } else if (address % ControlContextFields.RING_ALIGNMENT_BYTES != 0) {
      refuse(badField(), "host context: ring at [%#x], expected 512-byte units".formatted(address));
    } else {
      int size = ControlContextFields.commands(code);
      device.dma.at(address, (long) size * CommandFields.BYTES);
      ring = address;
      context = ControlContextFields.CONTEXT.get(words);
      entries = size;
      head = 0;
      tail = 0;
      polarity = true;
      tailRegister = 0;
      errorCodes = 0;
      status = DONE;
    }
  }

  private static int badField() {
    return (CommandCodes.MAJOR_ERROR << 16) | CommandCodes.MINOR_BAD_FIELD;
  }

  private void refuse(int codes, String why) {
    device.notebook.refusal("control queue: " + why);
    errorCodes = codes;
    status = ERROR;
  }

  /** The doorbell: commands are there up to, and without, this index. */
  void ring(int newHead) {
    if (!isUp()) {
      // irdma clears the doorbell before the queue is up.
      if (newHead != 0) {
        device.notebook.violation(
            Violation.Kind.NOT_READY,
            "the control queue is rung with [%d] and is not up".formatted(newHead));
      }
      return;
    }
    if (newHead < 0 || newHead >= entries) {
      device.notebook.violation(
          Violation.Kind.DOORBELL_BEYOND_RING,
          "the control queue of %d is rung with [%d]".formatted(entries, newHead));
      return;
    }
    if (device.faults().at(IntelFaults.CONTROL_DOORBELL) != Faults.NO_FAULT) {
      return;
    }
    long critical = device.faults().at(IntelFaults.CRITICAL_ERROR);
    if (critical != Faults.NO_FAULT) {
      device.halt((int) critical);
      return;
    }
    head = newHead;
    process();
  }

  private void process() {
    try {
      while (tail != head && isUp() && !device.isHalted()) {
        long address = ring + (long) tail * CommandFields.BYTES;
        long header = device.dma.read(address + (long) CommandFields.HEADER_WORD * Long.BYTES);
        long[] command = device.dma.read(address, CommandFields.WORDS);
        command[CommandFields.HEADER_WORD] = header;
        if (CommandFields.VALID.isSet(command) != polarity) {
          device.notebook.violation(
              Violation.Kind.WRONG_VALID_BIT,
              "command [%d] of the control queue, head %d: header [%#018x], expected valid bit %b"
                  .formatted(tail, head, header, polarity));
          return;
        }
        process(command);
      }
    } catch (DmaFaultException e) {
      device.fault(e);
    }
  }

  private void process(long[] command) {
    if (device.faults().at(IntelFaults.CONTROL_IGNORED) != Faults.NO_FAULT) {
      advance();
      return;
    }
    CommandProcessor.Result result = processor.execute(command);
    if (device.faults().at(IntelFaults.CONTROL_SILENT) != Faults.NO_FAULT) {
      advance();
    } else {
      complete(result);
    }
  }

  private void advance() {
    tail++;
    if (tail == entries) {
      tail = 0;
      polarity = !polarity;
    }
  }

  private void complete(CommandProcessor.Result result) {
    int index = tail;
    advance();
    if (result.error()) {
      errorCodes = (result.major() << 16) | result.minor();
    }
    CompletionRing queue = device.completionQueues.get(CommandProcessor.CONTROL_CQ);
    if (queue != null) {
      write(queue, index, result);
    }
    tailRegister = tail | (result.error() ? OPERATION_ERROR : 0);
  }

  private void write(CompletionRing queue, int index, CommandProcessor.Result result) {
    Faults faults = device.faults();
    long[] words = new long[EventFields.CQE_BYTES / Long.BYTES];
    boolean foreign = faults.at(IntelFaults.CONTROL_CONTEXT) != Faults.NO_FAULT;
    EventFields.COMPCTX.set(words, foreign ? ~context : context);
    EventFields.OPRETVAL.set(words, result.value());
    EventFields.MINERR.set(words, result.minor());
    EventFields.MAJERR.set(words, result.error() ? result.major() : 0);
    EventFields.WQEIDX.set(
        words, faults.at(IntelFaults.CONTROL_INDEX) != Faults.NO_FAULT ? GARBAGE_INDEX : index);
    EventFields.ERROR.set(words, result.error());
    try {
      queue.write(words, faults.at(IntelFaults.CONTROL_VALID_BIT) != Faults.NO_FAULT, false, true);
      if (faults.at(IntelFaults.CONTROL_TWICE) != Faults.NO_FAULT) {
        queue.write(words, false, false, true);
      }
    } catch (DmaFaultException e) {
      device.fault(e);
    }
  }
}
