package dev.offramp.provider.intel;

import static dev.offramp.api.descriptor.DescriptorFields.LOCAL_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.REMOTE_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.SOURCE_MAC;
import static dev.offramp.api.descriptor.DescriptorFields.UNSENT;
import static dev.offramp.api.descriptor.DescriptorFields.VLAN_TAG;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.provider.intel.layout.CompletionEntry;
import dev.offramp.provider.intel.layout.CqpNet;
import dev.offramp.provider.intel.layout.CqpQp;
import dev.offramp.provider.intel.layout.CqpQueues;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.QpContext;
import dev.offramp.provider.intel.layout.QueueContext;
import dev.offramp.provider.intel.layout.TcpContext;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection's QP and CQ on the device, and what it has of the device's tables. Commands go to
 * the control queue, which is safe for several threads; preparing and disposing are for one.
 */
final class QueuePair {
  private final Adapter adapter;
  private final ControlQueue control;
  private final Generation generation;
  private final QueueMemory memory;
  private final Rollback tables;
  private final FirstWork firstWork;
  private final Route route;
  private boolean hasCq;
  private boolean hasQp;
  private boolean held;

  private QueuePair(Adapter adapter, QueueMemory memory, IwarpConnectionDescriptor d) {
    this.adapter = adapter;
    this.control = adapter.control();
    this.generation = adapter.generation();
    this.memory = memory;
    this.tables = new Rollback(adapter.context().logger());
    this.firstWork = new FirstWork(adapter, memory);
    this.route = new Route(adapter, memory, d);
  }

  /**
   * Prepares a connection. Afterwards the device owns its 4-tuple, and neither sends nor takes a
   * segment. The order is the vendor's: queues, an idle QP, next hop, port, 4-tuple; then context
   * and first work request, in memory only.
   *
   * @throws IOException when the device does not do it, or has no room; all is given back
   */
  static QueuePair prepare(Adapter adapter, IwarpConnectionDescriptor d) throws IOException {
    QueuePair pair = new QueuePair(adapter, QueueMemory.take(adapter, d.value(UNSENT).length()), d);
    try {
      pair.createCq();
      pair.createQp();
      pair.firstWork.write(d);
      pair.enterTables(d);
      return pair;
    } catch (IOException | RuntimeException | Error e) {
      pair.dispose();
      throw e;
    }
  }

  QueueMemory memory() {
    return memory;
  }

  Route route() {
    return route;
  }

  private void createCq() throws CommandException {
    QueueSizes sizes = memory.sizes();
    control.run(
        "CREATE_CQ " + memory.cqId(),
        (ring, wqe, valid) ->
            CqpQueues.createCq(
                generation,
                ring,
                wqe,
                memory.cqId(),
                sizes.completions(),
                memory.cqContext(),
                place(),
                memory.address(sizes.cqShadowOffset()),
                sizes.completions() / 2,
                DeviceEvents.CEQ_ID,
                0,
                adapter.settings().vsi(),
                CqpQueues.IRDMA_CQPSQ_CQ_CEQIDVALID.mask()
                    | CqpQueues.IRDMA_CQPSQ_CQ_CHKOVERFLOW.mask(),
                valid));
    hasCq = true;
  }

  private CqpQueues.Place place() {
    CqpQueues.Place place = new CqpQueues.Place();
    place.address = memory.address(memory.sizes().completionOffset());
    return place;
  }

  private void createQp() throws CommandException {
    QpContext.write(
        generation,
        memory.segment(),
        memory.sizes().contextOffset(),
        memory.context(),
        new TcpContext(),
        ContextBuilder.queueOnly(generation, memory.pdId()),
        /* tcpValid= */ false,
        /* iwarpValid= */ true);
    control.run(
        "CREATE_QP " + memory.qpId(),
        (ring, wqe, valid) ->
            CqpQp.create(
                ring,
                wqe,
                memory.qpId(),
                CqpQp.QP_TYPE_IWARP,
                contextAddress(),
                shadowAddress(),
                CqpQp.IRDMA_CQPSQ_QP_CQNUMVALID.mask(),
                CqpQp.STATE_IDLE,
                valid));
    hasQp = true;
  }

  private long contextAddress() {
    return memory.address(memory.sizes().contextOffset());
  }

  private long shadowAddress() {
    return memory.address(memory.sizes().qpShadowOffset());
  }

  /** The last step gives the 4-tuple to the device. */
  private void enterTables(IwarpConnectionDescriptor d) throws IOException {
    AddressTables addresses = adapter.addresses();
    long ownMac = d.value(SOURCE_MAC).value();
    int ownMacIndex = 0;
    if (generation.isFirst()) {
      ownMacIndex = addresses.ownMacs().use(ownMac);
      tables.add("own MAC address", () -> addresses.ownMacs().release(ownMac));
    }
    int arpIndex = route.enter();
    tables.add("next hop", route::leave);
    long port = d.value(LOCAL_ADDRESS).getPort();
    addresses.ports().use(port);
    tables.add("port " + port, () -> addresses.ports().release(port));
    QueueContext queues = memory.context();
    // irdma has the peer's place in its address table here, too.
    queues.remoteEndpointIndex = arpIndex;
    QpContext.write(
        generation,
        memory.segment(),
        memory.sizes().contextOffset(),
        queues,
        ContextBuilder.tcp(d, arpIndex, ownMacIndex),
        ContextBuilder.iwarp(generation, d, memory.pdId()),
        /* tcpValid= */ true,
        /* iwarpValid= */ true);
    control.run(nameOf(d), (ring, wqe, valid) -> hash(d, CqpNet.QHASH_ADD, ring, wqe, valid));
    tables.add("4-tuple", () -> letGo(d));
    held = true;
  }

  private static String nameOf(IwarpConnectionDescriptor d) {
    return "MANAGE_QUAD_HASH_TABLE_ENTRY " + d.value(LOCAL_ADDRESS) + " " + d.value(REMOTE_ADDRESS);
  }

  /** The parking queue owns the 4-tuple, or no longer does. */
  private void hash(
      IwarpConnectionDescriptor d, int what, MemorySegment ring, long wqe, int valid) {
    InetSocketAddress local = d.value(LOCAL_ADDRESS);
    InetSocketAddress remote = d.value(REMOTE_ADDRESS);
    CqpNet.quadHash(
        ring,
        wqe,
        what,
        CqpNet.QHASH_TCP_ESTABLISHED,
        d.value(SOURCE_MAC).value(),
        ParkingQueue.ID,
        adapter.settings().queueSetHandle(),
        d.isKnown(VLAN_TAG) ? d.value(VLAN_TAG).id() : 0,
        hashWords(local.getAddress()),
        local.getPort(),
        hashWords(remote.getAddress()),
        remote.getPort(),
        CqpNet.IRDMA_CQPSQ_QHASH_IPV4VALID.of(local.getAddress() instanceof Inet4Address)
            | CqpNet.IRDMA_CQPSQ_QHASH_VLANVALID.of(d.isKnown(VLAN_TAG)),
        valid);
  }

  private void letGo(IwarpConnectionDescriptor d) throws CommandException {
    if (held) {
      held = false;
      control.insist(
          nameOf(d), (ring, wqe, valid) -> hash(d, CqpNet.QHASH_DELETE, ring, wqe, valid));
    }
  }

  /** As the hash has it: IPv4 in the first word. */
  private static int[] hashWords(InetAddress address) {
    int[] words = new int[4];
    ContextBuilder.words(address, words);
    if (address instanceof Inet4Address) {
      words[0] = words[3];
      words[3] = 0;
    }
    return words;
  }

  // ---- the life of a connection

  /**
   * Loads the context: the connection runs from now on, and its 4-tuple is the QP's own.
   *
   * @throws CommandException when the device does not do it
   */
  void start() throws CommandException {
    control.run(
        "MODIFY_QP " + memory.qpId() + " to RTS",
        (ring, wqe, valid) ->
            modify(
                ring,
                wqe,
                CqpQp.IRDMA_CQPSQ_QP_TOECTXVALID.mask()
                    | CqpQp.IRDMA_CQPSQ_QP_ORDVALID.mask()
                    | CqpQp.IRDMA_CQPSQ_QP_ARPTABIDXVALID.mask()
                    | CqpQp.IRDMA_CQPSQ_QP_CQNUMVALID.mask(),
                CqpQp.STATE_RTS,
                0,
                0,
                /* newMss= */ 0,
                valid));
    // The device has replaced the entry by one of the QP's, which goes with the QP.
    held = false;
  }

  /** Closes TCP in order. */
  void close(Consumer<@Nullable CommandException> then) throws CommandException {
    change("CLOSING", 0, CqpQp.STATE_CLOSING, 0, 0, then);
  }

  /** Sends the Terminate that stands in the Q2 buffer, and no FIN yet. */
  void terminate(int bytes, Consumer<@Nullable CommandException> then) throws CommandException {
    change("TERMINATE", 0, CqpQp.STATE_TERMINATE, CqpQp.DONT_SEND_FIN, bytes, then);
  }

  /** Sends a FIN behind a Terminate, sent or received. */
  void finish(Consumer<@Nullable CommandException> then) throws CommandException {
    change("TERMINATE", 0, CqpQp.STATE_TERMINATE, CqpQp.DONT_SEND_TERM, 0, then);
  }

  /**
   * Ends the connection: nothing is sent or taken any more, and the 4-tuple is nobody's.
   *
   * @param reset whether the peer gets a RST
   */
  void kill(boolean reset, Consumer<@Nullable CommandException> then) throws CommandException {
    change(
        "ERROR",
        CqpQp.IRDMA_CQPSQ_QP_REMOVEHASHENTRY.mask() | CqpQp.IRDMA_CQPSQ_QP_RESETCON.of(reset),
        CqpQp.STATE_ERROR,
        0,
        0,
        then);
  }

  /** Has the device look up the next hop's place in the context; it goes on running. */
  void redirect(Consumer<@Nullable CommandException> then) throws CommandException {
    change("another next hop", 0, CqpQp.STATE_RTS, 0, 0, then);
  }

  /** Has the device make segments of another size; it goes on running. */
  void resize(int newMss, Consumer<@Nullable CommandException> then) throws CommandException {
    change(
        "another segment size",
        CqpQp.IRDMA_CQPSQ_QP_MSSCHANGE.mask(),
        CqpQp.STATE_RTS,
        0,
        0,
        newMss,
        then);
  }

  private void change(
      String name,
      long flags,
      int nextState,
      int action,
      int terminateBytes,
      Consumer<@Nullable CommandException> then)
      throws CommandException {
    change(name, flags, nextState, action, terminateBytes, /* newMss= */ 0, then);
  }

  private void change(
      String name,
      long flags,
      int nextState,
      int action,
      int terminateBytes,
      int newMss,
      Consumer<@Nullable CommandException> then)
      throws CommandException {
    control.submit(
        "MODIFY_QP " + memory.qpId() + " to " + name,
        (ring, wqe, valid) ->
            modify(
                ring,
                wqe,
                flags
                    | CqpQp.IRDMA_CQPSQ_QP_ARPTABIDXVALID.mask()
                    | CqpQp.IRDMA_CQPSQ_QP_CQNUMVALID.mask(),
                nextState,
                action,
                terminateBytes,
                newMss,
                valid),
        then);
  }

  private void modify(
      MemorySegment ring,
      long wqe,
      long flags,
      int nextState,
      int action,
      int terminateBytes,
      int newMss,
      int valid) {
    CqpQp.modify(
        ring,
        wqe,
        memory.qpId(),
        CqpQp.QP_TYPE_IWARP,
        contextAddress(),
        shadowAddress(),
        flags,
        nextState,
        action,
        terminateBytes,
        newMss,
        valid);
  }

  /**
   * Has the device complete what is posted, unexecuted.
   *
   * @param sendMinor the code that the first request of the send queue gets; 0 for none in
   *     particular
   * @param receiveMinor the same for the first Receive
   */
  void flush(int sendMinor, int receiveMinor, Consumer<@Nullable CommandException> then)
      throws CommandException {
    long flags =
        CqpQp.IRDMA_CQPSQ_FWQE_FLUSHSQ.mask()
            | CqpQp.IRDMA_CQPSQ_FWQE_FLUSHRQ.mask()
            | CqpQp.IRDMA_CQPSQ_FWQE_USERFLCODE.of(sendMinor != 0 || receiveMinor != 0);
    long codes =
        CqpQp.IRDMA_CQPSQ_FWQE_RQMJERR.of(CompletionEntry.MAJOR_FLUSHED)
            | CqpQp.IRDMA_CQPSQ_FWQE_RQMNERR.of(orGeneral(receiveMinor))
            | CqpQp.IRDMA_CQPSQ_FWQE_SQMJERR.of(CompletionEntry.MAJOR_FLUSHED)
            | CqpQp.IRDMA_CQPSQ_FWQE_SQMNERR.of(orGeneral(sendMinor));
    control.submit(
        "FLUSH_WQES " + memory.qpId(),
        (ring, wqe, valid) ->
            CqpQp.flush(ring, wqe, memory.qpId(), flags, codes, /* event= */ 0, valid),
        then);
  }

  private static int orGeneral(int minor) {
    return minor == 0 ? CompletionEntry.FLUSH_GENERAL_ERR : minor;
  }

  // ---- for a hand-back

  /** The device stops to send; an event says when it has. */
  void suspend() throws CommandException {
    control.run(
        "SUSPEND_QP " + memory.qpId(),
        (ring, wqe, valid) -> CqpQp.suspend(ring, wqe, memory.qpId(), valid));
  }

  /** The device goes on. */
  void resume() throws CommandException {
    control.run(
        "RESUME_QP " + memory.qpId(),
        (ring, wqe, valid) ->
            CqpQp.resume(ring, wqe, memory.qpId(), adapter.settings().queueSetHandle(), valid));
  }

  /** Has the device write the context to {@code address}, where it has 256 bytes. */
  void upload(long address) throws CommandException {
    control.run(
        "UPLOAD_CONTEXT " + memory.qpId(),
        (ring, wqe, valid) ->
            CqpQp.uploadContext(
                ring,
                wqe,
                memory.qpId(),
                CqpQp.QP_TYPE_IWARP,
                address,
                /* freeze= */ true,
                /* raw= */ false,
                valid));
  }

  // ---- the end

  /**
   * Takes everything off the device and gives it back; without a segment to the peer, unless one
   * was asked for before. What the device does not let go of is kept until the RNIC is closed, or
   * the function reset.
   */
  void dispose() {
    tables.run();
    firstWork.dispose();
    boolean free = true;
    if (hasQp) {
      free = destroy("DESTROY_QP " + memory.qpId(), this::destroyQp);
    }
    if (hasCq && free) {
      free = destroy("DESTROY_CQ " + memory.cqId(), this::destroyCq);
    }
    if (free) {
      memory.release();
    } else {
      memory.abandon();
    }
  }

  private boolean destroy(String name, ControlQueue.Command command) {
    try {
      control.insist(name, command);
      return true;
    } catch (CommandException e) {
      e.log(adapter.context().logger(), "end of QP " + memory.qpId());
      return false;
    }
  }

  private void destroyQp(MemorySegment ring, long wqe, int valid) {
    CqpQp.destroy(
        ring,
        wqe,
        memory.qpId(),
        CqpQp.QP_TYPE_IWARP,
        contextAddress(),
        shadowAddress(),
        CqpQp.IRDMA_CQPSQ_QP_REMOVEHASHENTRY.mask() | CqpQp.IRDMA_CQPSQ_QP_IGNOREMWBOUND.mask(),
        valid);
  }

  private void destroyCq(MemorySegment ring, long wqe, int valid) {
    QueueSizes sizes = memory.sizes();
    CqpQueues.destroyCq(
        generation,
        ring,
        wqe,
        memory.cqId(),
        sizes.completions(),
        memory.cqContext(),
        place(),
        memory.address(sizes.cqShadowOffset()),
        DeviceEvents.CEQ_ID,
        CqpQueues.IRDMA_CQPSQ_CQ_CEQIDVALID.mask(),
        valid);
  }
}
