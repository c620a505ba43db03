package dev.offramp.models.chelsio;

import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;
import dev.offramp.models.chelsio.ChelsioFaults.Message;
import dev.offramp.models.chelsio.ChelsioFaults.Request;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what comes in control and offload queues: firmware's work requests, and CPL messages
 * inside of them. For the model's thread.
 */
final class Executor {
  /** A limit of the model; drivers stay far below. */
  private static final int MAX_GATHERED_BYTES = 1 << 20;

  private final Silicon silicon;
  private final CplExecutor messages;
  private final RdmaStarter starter;
  private final ResourceExecutor resources;

  Executor(Silicon silicon) {
    this.silicon = silicon;
    this.messages = new CplExecutor(silicon);
    this.starter = new RdmaStarter(silicon);
    this.resources = new ResourceExecutor(silicon);
  }

  RdmaStarter starter() {
    return starter;
  }

  /** Takes what a new queue brings. */
  void serve(EgressQueue queue) {
    queue.attach((wr, slots) -> {
      accept(queue, wr, slots);
      return false;
    });
  }

  private void accept(EgressQueue queue, MemorySegment wr, int slots) {
    try {
      WrHeader header = WrHeader.decode(wr);
      execute(queue, header, wr);
      // What is told of the queue includes this work request.
      queue.free(slots);
      status(queue, header);
    } catch (MalformedException e) {
      silicon.violations.malformed(queue.name(), e);
      queue.free(slots);
    }
  }

  /** EQUIQ and EQUEQ: the queue's state is wanted. */
  private void status(EgressQueue queue, WrHeader header) {
    if (header.statusToEgress()) {
      queue.writeStatus();
    }
    IngressQueue ingress = silicon.queues.ingress(queue.ingressQueue());
    if (header.statusToIngress() && ingress != null) {
      silicon.messages.send(
          Message.SGE_EGR_UPDATE,
          ingress.absoluteId(),
          Cpl.egressUpdate(queue.id(), queue.consumerIndex(), queue.producerIndex()));
    }
  }

  private void execute(EgressQueue queue, WrHeader header, MemorySegment wr)
      throws MalformedException {
    if (queue.kind() == EgressQueue.Kind.ETHERNET) {
      throw new MalformedException(
          "opcode [%02x] in an Ethernet queue".formatted(header.opcode()),
          "a control or offload queue");
    }
    switch (header.opcode()) {
      case WrHeader.FW_TP -> transport(header, wr);
      case WrHeader.FW_ULPTX -> upperLayer(queue, header, wr);
      case WrHeader.FW_FLOWC -> flowc(header, wr);
      case WrHeader.FW_OFLD_TX_DATA -> data(header, wr);
      case WrHeader.FW_OFLD_CONNECTION -> silicon.flows.open(OfldConnectionWr.decode(wr), header);
      case WrHeader.FW_RI_RES -> {
        List<RiResource> records = RiResource.decode(wr);
        reply(queue, header, resultOf(Request.RI_RES_WR, () -> resources.execute(records)));
      }
      case WrHeader.FW_RI -> rdma(queue, header, RiWr.decode(wr));
      default ->
          throw new MalformedException(
              "work request opcode [%02x]".formatted(header.opcode()),
              "one that firmware knows and the model has");
    }
  }

  /** FW_TP_WR: a CPL message of so many bytes behind the header. */
  private void transport(WrHeader header, MemorySegment wr) throws MalformedException {
    WrHeader.require(wr, "FW_TP_WR with a CPL of " + header.low8() + " bytes", 16L + header.low8());
    MemorySegment cpl = wr.asSlice(WrHeader.BYTES, header.low8());
    WrHeader.require(cpl, "a CPL message", 4);
    int opcode = Be.get8(cpl, 0);
    if (opcode == CplCode.ACT_OPEN_REQ || opcode == CplCode.ACT_OPEN_REQ6) {
      ActOpenReq request = ActOpenReq.decode(wr, silicon.chip);
      silicon.flows.open(request);
    } else {
      messages.execute(CplRequest.decode(cpl, silicon.chip));
    }
  }

  /** FW_ULPTX_WR: writes to adapter memory, and packed CPL messages. */
  private void upperLayer(EgressQueue queue, WrHeader header, MemorySegment wr)
      throws MalformedException {
    int retval = FwError.SUCCESS;
    for (UlptxCommand command : UlptxCommand.decode(wr)) {
      switch (command) {
        case UlptxCommand.Packet packet ->
            messages.execute(CplRequest.decode(packet.cpl(), silicon.chip));
        case UlptxCommand.MemoryWrite write -> {
          int result = resultOf(Request.ULPTX_WR, () -> writeMemory(queue, write));
          retval = retval == FwError.SUCCESS ? result : retval;
        }
      }
    }
    reply(queue, header, retval);
  }

  private int writeMemory(EgressQueue queue, UlptxCommand.MemoryWrite write) {
    MemorySegment data =
        write.gather().isEmpty() ? write.data() : gather(queue.name(), write.gather());
    if (data == null) {
      return FwError.EFAULT;
    }
    if (silicon.stags.write(write.address(), data)) {
      return FwError.SUCCESS;
    }
    silicon.violations.add(
        Violation.Kind.BAD_MEMORY_WRITE,
        queue.name(),
        "%d bytes at [%#x]".formatted(data.byteSize(), write.address()),
        "inside the STags or the page lists");
    return FwError.EFAULT;
  }

  private @Nullable MemorySegment gather(String where, List<TxDataWr.HostPiece> pieces) {
    long total = pieces.stream().mapToLong(TxDataWr.HostPiece::length).sum();
    if (total > MAX_GATHERED_BYTES) {
      silicon.violations.add(
          Violation.Kind.BAD_LENGTH,
          where,
          total + " bytes gathered",
          "at most " + MAX_GATHERED_BYTES);
      return null;
    }
    try {
      MemorySegment bytes = MemorySegment.ofArray(new byte[(int) total]);
      long at = 0;
      for (TxDataWr.HostPiece piece : pieces) {
        MemorySegment.copy(
            silicon.platform.memory().at(piece.address(), piece.length()),
            0,
            bytes,
            at,
            piece.length());
        at += piece.length();
      }
      return bytes;
    } catch (DmaFaultException | IllegalStateException e) {
      silicon.dmaFault(where, e);
      return null;
    }
  }

  private @Nullable Flow flow(WrHeader header, String what) {
    Flow flow = silicon.flows.find(header.flowId());
    if (flow == null || flow.isOver()) {
      silicon.violations.add(
          Violation.Kind.BAD_TID,
          what,
          "flowid " + header.flowId(),
          "the tid of a connection that is there");
      return null;
    }
    return flow;
  }

  private void flowc(WrHeader header, MemorySegment wr) throws MalformedException {
    FlowcWr decoded = FlowcWr.decode(wr);
    Flow flow = flow(header, "FW_FLOWC_WR");
    if (flow == null) {
      return;
    }
    flow.setFlowc(decoded);
    if (header.completion()) {
      silicon.messages.send(
          Message.FW4_ACK,
          flow.firmwareQueue(),
          Cpl.fw4Ack(flow.tid(), header.len16(), CplCode.FW4_FLOWC, 0, 0));
    }
  }

  private void data(WrHeader header, MemorySegment wr) throws MalformedException {
    TxDataWr decoded = TxDataWr.decode(wr);
    Flow flow = flow(header, "FW_OFLD_TX_DATA_WR");
    FlowStream stream = flow == null ? null : flow.stream();
    if (flow == null) {
      return;
    }
    if (!flow.hasFlowc()) {
      flow.violation(
          Violation.Kind.BAD_FLOWC, "FW_OFLD_TX_DATA_WR", "FW_FLOWC_WR first on this tid");
      return;
    }
    MemorySegment bytes =
        decoded.gather().isEmpty() ? decoded.immediate() : gather(flow.name(), decoded.gather());
    if (bytes == null) {
      return;
    }
    ByteBuffer copy = ByteBuffer.allocateDirect((int) bytes.byteSize());
    copy.put(bytes.asByteBuffer()).flip();
    if (stream == null || !stream.send(copy, header.len16())) {
      flow.violation(
          Violation.Kind.BAD_TID,
          "FW_OFLD_TX_DATA_WR on a connection that does not send, or sends FPDUs",
          "an active connection, before its first FPDU");
    }
  }

  private void rdma(EgressQueue queue, WrHeader header, RiWr wr) {
    Flow flow = flow(header, "FW_RI_WR");
    if (flow == null) {
      reply(queue, header, FwError.ENOENT);
      return;
    }
    switch (wr) {
      case RiWr.Init init -> {
        int retval =
            resultOf(
                Request.RI_INIT_WR,
                () -> silicon.firmware.hasRdma() ? starter.start(flow, init) : FwError.ENOSYS);
        reply(flow, header, retval);
      }
      case RiWr.Fini f -> {
        long fault = silicon.faults.at(ChelsioFaults.request(Request.RI_FINI_WR));
        if (fault != Faults.NO_FAULT) {
          reply(flow, header, (int) fault);
        } else if (!flow.finish(() -> reply(flow, header, FwError.SUCCESS))) {
          reply(flow, header, FwError.EBUSY);
        }
      }
      case RiWr.Terminate terminate -> {
        RdmaQueues engine = flow.rdma();
        if (engine == null) {
          flow.violation(Violation.Kind.BAD_TID, "FW_RI_WR TERMINATE", "a connection in RDMA mode");
        } else {
          engine.terminate(terminate.message());
        }
        reply(flow, header, FwError.SUCCESS);
      }
    }
  }

  private void reply(Flow flow, WrHeader header, int retval) {
    if (header.completion()) {
      silicon.messages.send(
          Message.FW6_WR_RPL, flow.firmwareQueue(), Cpl.workRequestReply(retval, header.cookie()));
    }
  }

  private void reply(EgressQueue queue, WrHeader header, int retval) {
    if (header.completion()) {
      silicon.messages.reply(
          Message.FW6_WR_RPL, queue, Cpl.workRequestReply(retval, header.cookie()));
    }
  }

  private int resultOf(Request request, IntSupplier work) {
    long fault = silicon.faults.at(ChelsioFaults.request(request));
    return fault == Faults.NO_FAULT ? work.getAsInt() : (int) fault;
  }
}
