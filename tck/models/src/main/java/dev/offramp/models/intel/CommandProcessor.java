package dev.offramp.models.intel;

import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;

/** Carries commands of the control queue out. */
final class CommandProcessor {
  /** The control queue's own CQ: "control cq is id 0 always" (irdma_sc_ccq_init). */
  static final int CONTROL_CQ = 0;

  private static final int FEATURE_WORDS = 2;
  private static final Field FEATURE_COUNT = new Field(0, 32, 47);
  private static final Field FEATURE_FIRMWARE_MAJOR = new Field(0, 16, 31);
  private static final Field FEATURE_TYPE = new Field(1, 48, 63);
  private static final int MAX_CQ_ENTRIES = 0xF_FFFF;
  private static final int MAX_AEQ_ENTRIES = 0x7_FFFF;
  private static final int MAX_CEQ_ENTRIES = 0x3_FFFF;

  private final DeviceState device;

  CommandProcessor(DeviceState device) {
    this.device = device;
  }

  /**
   * What became of a command.
   *
   * @param error whether it failed
   * @param major error code
   * @param minor error code; of some that succeed, more to say
   * @param value what it returns
   */
  record Result(boolean error, int major, int minor, int value) {
    static final Result DONE = new Result(false, 0, 0, 0);

    static Result minor(int minor) {
      return new Result(false, 0, minor, 0);
    }

    static Result value(int value) {
      return new Result(false, 0, 0, value);
    }
  }

  /** Does what the command says. */
  Result execute(long[] command) {
    int opcode = CommandFields.OPCODE.getInt(command);
    long fault = device.faults().at(IntelFaults.ofCommand(opcode));
    if (fault != Faults.NO_FAULT) {
      int code = fault == 1 ? (CommandCodes.MAJOR_ERROR << 16) | 1 : (int) fault;
      return new Result(true, code >>> 16, code & 0xFFFF, 0);
    }
    try {
      return dispatch(opcode, command);
    } catch (CommandException e) {
      return failed(opcode, e);
    } catch (DmaFaultException e) {
      device.fault(e);
      return failed(
          opcode,
          new CommandException(CommandCodes.MINOR_DMA_FAULT, String.valueOf(e.getMessage())));
    }
  }

  private Result failed(int opcode, CommandException e) {
    // Not at rest yet is an answer, and the driver asks again.
    if (e.minor() != CommandCodes.MINOR_SUSPEND_PENDING) {
      device.notebook.refusal(IntelFaults.commandName(opcode) + ": " + e.getMessage());
    }
    Violation.Kind kind =
        switch (e.minor()) {
          case CommandCodes.MINOR_UNKNOWN_COMMAND -> Violation.Kind.UNKNOWN_COMMAND;
          case CommandCodes.MINOR_BAD_FIELD -> Violation.Kind.BAD_FIELD;
          case CommandCodes.MINOR_ID_IN_USE -> Violation.Kind.ID_IN_USE;
          case CommandCodes.MINOR_ID_UNKNOWN -> Violation.Kind.ID_UNKNOWN;
          case CommandCodes.MINOR_STILL_IN_USE -> Violation.Kind.STILL_IN_USE;
          case CommandCodes.MINOR_NOT_BACKED -> Violation.Kind.NOT_BACKED;
          default -> null;
        };
    if (kind != null) {
      device.notebook.violation(kind, IntelFaults.commandName(opcode) + ": " + e.getMessage());
    }
    return new Result(true, e.major(), e.minor(), 0);
  }

  private Result dispatch(int opcode, long[] command) throws CommandException, DmaFaultException {
    switch (opcode) {
      case CommandCodes.CREATE_QP -> createQp(command);
      case CommandCodes.MODIFY_QP -> qp(command).modify(command);
      case CommandCodes.DESTROY_QP -> destroyQp(command);
      case CommandCodes.CREATE_CQ -> createCq(command);
      case CommandCodes.DESTROY_CQ -> destroyCq(command);
      case CommandCodes.ALLOC_STAG -> {
        device.cache.require(HostMemoryCache.Kind.MR, CommandFields.STAG_INDEX.getInt(command));
        device.stags.allocate(command);
      }
      case CommandCodes.REG_MR -> {
        device.cache.require(HostMemoryCache.Kind.MR, CommandFields.STAG_INDEX.getInt(command));
        device.stags.register(command);
      }
      case CommandCodes.DEALLOC_STAG -> deallocate(command);
      case CommandCodes.MANAGE_MAC -> device.tables.manageMac(command);
      case CommandCodes.ALLOCATE_MAC -> {
        return Result.value(device.tables.allocateMac());
      }
      case CommandCodes.MANAGE_ARP -> {
        device.cache.require(HostMemoryCache.Kind.ARP, CommandFields.ARP_INDEX.getInt(command));
        device.tables.manageArp(command);
      }
      case CommandCodes.MANAGE_APBVT -> {
        device.cache.require(HostMemoryCache.Kind.APBVT, 0);
        device.tables.managePort(command);
      }
      case CommandCodes.MANAGE_QUAD_HASH -> {
        device.cache.require(HostMemoryCache.Kind.HTE, 0);
        if (CommandFields.QHASH_MANAGE.get(command) != QuadHash.MANAGE_DELETE) {
          qp(CommandFields.QHASH_QP.getInt(command));
        }
        device.quads.manage(command);
      }
      case CommandCodes.QUERY_FEATURES -> queryFeatures(command);
      case CommandCodes.UPLOAD_CONTEXT -> qp(command).upload(command);
      case CommandCodes.CREATE_CEQ -> createCeq(command);
      case CommandCodes.DESTROY_CEQ -> destroyCeq(command);
      case CommandCodes.CREATE_AEQ -> createAeq(command);
      case CommandCodes.DESTROY_AEQ -> destroyAeq();
      case CommandCodes.UPDATE_PE_SDS -> device.cache.updateSegments(command);
      case CommandCodes.QUERY_FPM -> device.cache.query(CommandFields.BUFFER.get(command));
      case CommandCodes.COMMIT_FPM -> commit(command);
      case CommandCodes.FLUSH_WQES -> {
        return Result.minor(qp(command).flush(command));
      }
      case CommandCodes.SUSPEND_QP -> {
        return qp(command).suspend()
            ? Result.DONE
            : Result.minor(CommandCodes.MINOR_SUSPEND_PENDING);
      }
      case CommandCodes.RESUME_QP -> qp(command).resume();
      case CommandCodes.NOP,
          CommandCodes.SHMC_PAGES_ALLOCATED,
          CommandCodes.WORK_SCHED_NODE,
          CommandCodes.MANAGE_STATS,
          CommandCodes.UP_MAP -> {
        // Nothing that is modelled depends on them.
      }
      default ->
          throw new CommandException(
              CommandCodes.MINOR_UNKNOWN_COMMAND,
              "opcode [%#04x] is unknown or not modelled".formatted(opcode));
    }
    return Result.DONE;
  }

  // ---- QPs

  private QueuePair qp(long[] command) throws CommandException {
    return qp(CommandFields.QP_ID.getInt(command));
  }

  private QueuePair qp(int id) throws CommandException {
    QueuePair known = device.queuePairs.get(id);
    if (known == null) {
      throw new CommandException(CommandCodes.MINOR_ID_UNKNOWN, "QP [%d]".formatted(id));
    }
    return known;
  }

  private void createQp(long[] command) throws CommandException, DmaFaultException {
    int id = CommandFields.QP_ID.getInt(command);
    device.cache.require(HostMemoryCache.Kind.QP, id);
    if (device.queuePairs.containsKey(id)) {
      throw new CommandException(CommandCodes.MINOR_ID_IN_USE, "QP [%d]".formatted(id));
    }
    device.queuePairs.put(id, QueuePairLoader.create(device, command));
  }

  private void destroyQp(long[] command) throws CommandException {
    QueuePair known = qp(command);
    known.destroy(command);
    device.queuePairs.remove(known.id());
  }

  // ---- CQs, CEQs, the AEQ

  private void createCq(long[] command) throws CommandException, DmaFaultException {
    int id = device.chip.cqId().getInt(command);
    device.cache.require(HostMemoryCache.Kind.CQ, id);
    if (device.completionQueues.containsKey(id)) {
      throw new CommandException(CommandCodes.MINOR_ID_IN_USE, "CQ [%d]".formatted(id));
    }
    requireNoPages(CommandFields.VIRTMAP.isSet(command), "CREATE_CQ");
    requireSize(CommandFields.CQ_SIZE.get(command), MAX_CQ_ENTRIES, "CQ");
    requireAligned(CommandFields.CQ_ADDRESS.get(command), EventFields.CQE_BYTES, "CQ");
    device.dma.at(CommandFields.CQ_ADDRESS.get(command), CompletionRing.ringBytes(command));
    device.dma.at(CommandFields.CQ_SHADOW.get(command), EventFields.SHADOW_BYTES);
    int ceq =
        CommandFields.CEQIDVALID.isSet(command)
            ? device.chip.cqCeqId().getInt(command)
            : CompletionRing.NO_CEQ;
    // irdma creates the control queue's CQ before the CEQ that it reports to.
    if (ceq != CompletionRing.NO_CEQ && id != CONTROL_CQ && !device.eventQueues.containsKey(ceq)) {
      throw new CommandException(CommandCodes.MINOR_ID_UNKNOWN, "CEQ [%d]".formatted(ceq));
    }
    device.completionQueues.put(
        id,
        new CompletionRing(
            id,
            device.dma,
            device.notebook,
            device.faults(),
            command,
            ceq,
            device.eventQueues::get,
            device::overflowed));
  }

  private void destroyCq(long[] command) throws CommandException {
    int id = device.chip.cqId().getInt(command);
    CompletionRing queue = device.completionQueues.get(id);
    if (queue == null) {
      throw new CommandException(CommandCodes.MINOR_ID_UNKNOWN, "CQ [%d]".formatted(id));
    }
    if (queue.isInUse()) {
      throw new CommandException(
          CommandCodes.MINOR_STILL_IN_USE, "CQ [%d]: QPs complete there".formatted(id));
    }
    queue.destroy();
    device.completionQueues.remove(id);
  }

  private void createCeq(long[] command) throws CommandException, DmaFaultException {
    int id = CommandFields.CEQ_ID.getInt(command);
    if (id >= HostMemoryCache.maxCeqs()) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD,
          "CEQ [%d], there are %d".formatted(id, HostMemoryCache.maxCeqs()));
    }
    if (device.eventQueues.containsKey(id)) {
      throw new CommandException(CommandCodes.MINOR_ID_IN_USE, "CEQ [%d]".formatted(id));
    }
    requireNoPages(CommandFields.VIRTMAP.isSet(command), "CREATE_CEQ");
    long entries = CommandFields.CEQ_SIZE.get(command);
    requireSize(entries, MAX_CEQ_ENTRIES, "CEQ");
    long address = CommandFields.EQ_ADDRESS.get(command);
    requireAligned(address, EventFields.CEQE_BYTES, "CEQ");
    device.dma.at(address, entries * EventFields.CEQE_BYTES);
    device.eventQueues.put(
        id,
        new EventRing(
            device.dma,
            device.faults(),
            address,
            (int) entries,
            () -> device.interrupter.raiseCeq(id)));
  }

  private void destroyCeq(long[] command) throws CommandException {
    int id = CommandFields.CEQ_ID.getInt(command);
    if (!device.eventQueues.containsKey(id)) {
      throw new CommandException(CommandCodes.MINOR_ID_UNKNOWN, "CEQ [%d]".formatted(id));
    }
    // irdma destroys the control queue's CQ after its CEQ.
    boolean inUse =
        device.completionQueues.values().stream()
            .anyMatch(queue -> queue.id() != CONTROL_CQ && queue.ceqId() == id);
    if (inUse) {
      throw new CommandException(
          CommandCodes.MINOR_STILL_IN_USE, "CEQ [%d]: CQs report there".formatted(id));
    }
    device.eventQueues.remove(id);
  }

  private void createAeq(long[] command) throws CommandException, DmaFaultException {
    if (device.asyncQueue() != null) {
      throw new CommandException(CommandCodes.MINOR_ID_IN_USE, "there is one AEQ");
    }
    requireNoPages(CommandFields.VIRTMAP.isSet(command), "CREATE_AEQ");
    long entries = CommandFields.AEQ_COUNT.get(command);
    requireSize(entries, MAX_AEQ_ENTRIES, "AEQ");
    long address = CommandFields.EQ_ADDRESS.get(command);
    requireAligned(address, EventFields.AEQE_BYTES, "AEQ");
    device.dma.at(address, entries * EventFields.AEQE_BYTES);
    device.setAsyncQueue(
        new AsyncRing(
            device.dma,
            device.notebook,
            device.faults(),
            address,
            (int) entries,
            device.interrupter::raiseAsync));
  }

  private void destroyAeq() throws CommandException {
    if (device.asyncQueue() == null) {
      throw new CommandException(CommandCodes.MINOR_ID_UNKNOWN, "there is no AEQ");
    }
    device.setAsyncQueue(null);
  }

  private static void requireNoPages(boolean paged, String what) throws CommandException {
    if (paged) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, what + " with page lists, which are not modelled");
    }
  }

  private static void requireSize(long entries, long most, String what) throws CommandException {
    if (entries < 1 || entries > most) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD,
          "%s with [%d] entries, expected 1..%d".formatted(what, entries, most));
    }
  }

  private static void requireAligned(long address, int bytes, String what) throws CommandException {
    if (address % bytes != 0) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD,
          "%s at [%#x], expected a multiple of %d".formatted(what, address, bytes));
    }
  }

  // ---- the rest

  /** The host may free the memory at once, so what waits for TCP must not need it any more. */
  private void deallocate(long[] command) throws CommandException {
    Region region = device.stags.deallocate(command);
    if (region != null && region.isBusy()) {
      device.queuePairs.values().forEach(queuePair -> queuePair.copyLent(region));
    }
  }

  private void commit(long[] command) throws CommandException, DmaFaultException {
    if (!device.queuePairs.isEmpty() || device.stags.count() > 0) {
      throw new CommandException(
          CommandCodes.MINOR_STILL_IN_USE, "COMMIT_FPM while there are QPs or STags");
    }
    device.cache.commit(CommandFields.BUFFER.get(command));
  }

  /** One feature beside the firmware's version, since irdma refuses fewer than two. */
  private void queryFeatures(long[] command) throws DmaFaultException {
    long[] words = new long[FEATURE_WORDS];
    FEATURE_COUNT.set(words, FEATURE_WORDS);
    FEATURE_FIRMWARE_MAJOR.set(words, 1);
    FEATURE_TYPE.set(words, 1);
    device.dma.write(CommandFields.BUFFER.get(command), words);
  }
}
