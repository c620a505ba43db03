package dev.offramp.models.intel;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;
import dev.offramp.models.Link;
import dev.offramp.spi.port.PreparedStream;

/** CREATE_QP's and MODIFY_QP's part that reads the context. */
final class QueuePairLoader {
  /** Read when the QP is created; a device that runs does not move its queues. */
  private static final Field[] QUEUE_FIELDS = {
    ContextFields.SQADDR,
    ContextFields.RQADDR,
    ContextFields.SQSIZE,
    ContextFields.RQSIZE,
    ContextFields.RQWQESIZE,
    ContextFields.TXCQNUM,
    ContextFields.RXCQNUM
  };

  private QueuePairLoader() {}

  /** CREATE_QP: the queues' part of the context is read, and all memory has to be there. */
  static QueuePair create(DeviceState device, long[] command)
      throws CommandException, DmaFaultException {
    int type = CommandFields.QPTYPE.getInt(command);
    if (type != CommandCodes.TYPE_IWARP && type != CommandCodes.TYPE_UDA) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, "CREATE_QP of type [%d], expected 1 or 2".formatted(type));
    }
    int next = CommandFields.NEXTIWSTATE.getInt(command);
    if (next != CommandCodes.STATE_IDLE && type == CommandCodes.TYPE_IWARP) {
      throw new CommandException(
          CommandCodes.MINOR_INVALID_STATE, "CREATE_QP with next state [%d]".formatted(next));
    }
    if (CommandFields.VQ.isSet(command)) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, "CREATE_QP with page lists, which are not modelled");
    }
    if (!CommandFields.CQNUMVALID.isSet(command)) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, "CREATE_QP without valid CQ numbers");
    }
    ConnectionContext context = read(device, CommandFields.QP_CONTEXT.get(command));
    device.dma.at(CommandFields.QP_SHADOW.get(command), EventFields.SHADOW_BYTES);
    checkQueues(device, context);
    return new QueuePair(
        device,
        command,
        context,
        completionQueue(device, context.getInt(ContextFields.TXCQNUM)),
        completionQueue(device, context.getInt(ContextFields.RXCQNUM)));
  }

  private static ConnectionContext read(DeviceState device, long address) throws DmaFaultException {
    return new ConnectionContext(device.dma.read(address, ContextFields.WORDS));
  }

  private static void checkQueues(DeviceState device, ConnectionContext context)
      throws CommandException, DmaFaultException {
    int sendQuanta = ConnectionContext.quanta(context.getInt(ContextFields.SQSIZE));
    int receiveQuanta = ConnectionContext.quanta(context.getInt(ContextFields.RQSIZE));
    int most = device.chip.maxQueueQuanta();
    if (sendQuanta > most || receiveQuanta > most) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD,
          "queues of [%d] and [%d] quanta, at most %d".formatted(sendQuanta, receiveQuanta, most));
    }
    checkQueue(device, context.get(ContextFields.SQADDR), sendQuanta);
    checkQueue(device, context.get(ContextFields.RQADDR), receiveQuanta);
  }

  private static void checkQueue(DeviceState device, long address, int quanta)
      throws CommandException, DmaFaultException {
    if (address % WorkFields.QUANTUM_BYTES != 0) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD,
          "a queue at [%#x], expected a multiple of 32".formatted(address));
    }
    device.dma.at(address, (long) quanta * WorkFields.QUANTUM_BYTES);
  }

  private static CompletionRing completionQueue(DeviceState device, int id)
      throws CommandException {
    CompletionRing queue = device.completionQueues.get(id);
    if (queue == null) {
      throw new CommandException(
          CommandCodes.MINOR_ID_UNKNOWN,
          "the context names CQ [%d], which is not there".formatted(id));
    }
    return queue;
  }

  /**
   * A loaded connection, activated and silent until its stream is started.
   *
   * @param context as it was loaded
   * @param quad its 4-tuple
   * @param claim the link's
   * @param stream what runs it
   */
  record Loaded(
      ConnectionContext context, QuadHash.Quad quad, Link.Claim claim, LiveStream stream) {}

  /** MODIFY_QP to RTS: the whole context is read, and TCP gets what it says. */
  static Loaded load(
      DeviceState device,
      QueuePair owner,
      ConnectionContext created,
      long contextAddress,
      long shadow,
      boolean ordValid)
      throws CommandException, DmaFaultException {
    ConnectionContext loaded = read(device, contextAddress);
    for (Field field : QUEUE_FIELDS) {
      if (loaded.get(field) != created.get(field)) {
        throw new CommandException(
            CommandCodes.MINOR_BAD_CONTEXT,
            "%s: bits %d:%d of word %d changed since CREATE_QP"
                .formatted(owner, field.high(), field.low(), field.word()));
      }
    }
    device.dma.at(loaded.q2Address(), TerminateBuffer.BYTES);
    IwarpConnectionDescriptor descriptor =
        new ConnectionLoader(device.chip, device.tables).load(loaded);
    QuadHash.Quad quad = new QuadHash.Quad(loaded.local(), loaded.remote());
    Link.Claim claim = device.quads.bind(quad, owner.id());
    PreparedStream prepared;
    try {
      prepared = install(device, claim, descriptor);
    } catch (CommandException e) {
      device.quads.unbind(quad, owner.id());
      throw e;
    }
    int ord = ordValid ? loaded.getInt(ContextFields.ORDSIZE) : 0;
    return new Loaded(loaded, quad, claim, stream(device, owner, loaded, shadow, prepared, ord));
  }

  private static PreparedStream install(
      DeviceState device, Link.Claim claim, IwarpConnectionDescriptor descriptor)
      throws CommandException {
    if (device.faults().at(IntelFaults.LOAD) != Faults.NO_FAULT) {
      throw new CommandException(CommandCodes.MINOR_LINK, "injected");
    }
    try {
      return claim.install(descriptor);
    } catch (TransferException | IllegalArgumentException | IllegalStateException e) {
      throw new CommandException(CommandCodes.MINOR_LINK, String.valueOf(e.getMessage()));
    }
  }

  private static LiveStream stream(
      DeviceState device,
      QueuePair owner,
      ConnectionContext loaded,
      long shadow,
      PreparedStream prepared,
      int ord) {
    SendRing sendRing =
        new SendRing(
            device.chip,
            device.dma,
            loaded.get(ContextFields.SQADDR),
            ConnectionContext.quanta(loaded.getInt(ContextFields.SQSIZE)),
            shadow);
    ReceiveRing receiveRing =
        new ReceiveRing(
            device.chip,
            device.dma,
            loaded.get(ContextFields.RQADDR),
            ConnectionContext.quanta(loaded.getInt(ContextFields.RQSIZE)),
            loaded.receiveQuanta());
    return new LiveStream(device, owner, loaded, sendRing, receiveRing, prepared.activate(), ord);
  }
}
