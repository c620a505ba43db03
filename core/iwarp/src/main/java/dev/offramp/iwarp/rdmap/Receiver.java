package dev.offramp.iwarp.rdmap;

import dev.offramp.api.descriptor.PartialMessage;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.iwarp.ddp.DdpControl;
import dev.offramp.iwarp.ddp.TaggedHeader;
import dev.offramp.iwarp.ddp.UntaggedHeader;
import dev.offramp.iwarp.mpa.FpduDecoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Validates, places and delivers the peer's DDP segments, in the order of the octets (RFC 5041,
 * sections 5.4 and 7.1; RFC 5040, sections 5 and 7). Nothing is placed before all checks of its
 * segment have passed.
 */
final class Receiver {
  private static final int IMMEDIATE_BYTES = 8;
  private static final int ATOMIC_ALIGNMENT_MASK = 7;
  private static final int NO_OPCODE = -1;

  private final StreamConfig config;
  private final MemoryTable memory;
  private final SendQueue requests;
  private final ReceiveQueue receives;
  private final OutboundReads reads;
  private final InboundReads answers;
  private final Ending ending;
  private final FpduDecoder decoder;
  private final int[] queues;
  private final Traffic traffic = new Traffic();

  /** The decoder's, while a segment is under examination. */
  private ByteBuffer bytes;

  private MemorySegment segment;

  private int receiveMsn;

  /** False until the first request, where the former owner could not tell its number. */
  private boolean requestMsnKnown;

  private int requestMsn;
  private int atomicResponseMsn;
  private boolean rtrDue;
  private @Nullable SendRequest refused;

  /** The segment under examination. */
  private int at;

  private int length;

  /** The untagged message under way on queue 0. */
  private int messageOpcode = NO_OPCODE;

  private long messageBytes;

  Receiver(
      StreamConfig config,
      FpduDecoder decoder,
      MemoryTable memory,
      SendQueue requests,
      ReceiveQueue receives,
      OutboundReads reads,
      InboundReads answers,
      Ending ending) {
    this.config = config;
    this.memory = memory;
    this.requests = requests;
    this.receives = receives;
    this.reads = reads;
    this.answers = answers;
    this.ending = ending;
    this.decoder = decoder;
    this.queues = queues(config);
    this.bytes = decoder.bytes();
    this.segment = decoder.segment();
    StreamPosition start = config.start();
    this.receiveMsn = start.receiveMsn();
    this.requestMsnKnown = start.peerRequestMsn().isPresent();
    this.requestMsn = start.peerRequestMsn().orElse(0);
    this.atomicResponseMsn = start.peerAtomicResponseMsn();
    this.rtrDue =
        config.role() == MpaRole.RESPONDER && config.rtr() == RtrKind.SEND && !start.opened();
  }

  int receiveMsn() {
    return receiveMsn;
  }

  OptionalInt requestMsn() {
    return requestMsnKnown ? OptionalInt.of(requestMsn) : OptionalInt.empty();
  }

  int atomicResponseMsn() {
    return atomicResponseMsn;
  }

  Traffic traffic() {
    return traffic;
  }

  /** Whether the last message on queue 0 is complete. */
  boolean isBetweenMessages() {
    return messageOpcode == NO_OPCODE;
  }

  /** The message under way on queue 0; null between two. */
  @Nullable PartialMessage partialMessage() {
    return isBetweenMessages() ? null : new PartialMessage(messageOpcode, messageBytes);
  }

  /** Goes on where another engine's stream stood. */
  void restore(StreamState state) {
    rtrDue &= !state.peerHeard();
    state
        .partialMessage()
        .ifPresent(partial -> {
          messageOpcode = partial.opcode();
          messageBytes = partial.receivedBytes();
        });
  }

  /** The request that the peer's Terminate is about, if it can still be told. */
  @Nullable SendRequest refused() {
    return refused;
  }

  /** Takes one ULPDU at {@code offset} of the decoder's bytes. */
  void accept(int offset, int ulpduBytes) {
    bytes = decoder.bytes();
    segment = decoder.segment();
    at = offset;
    length = ulpduBytes;
    boolean readyToReceive = rtrDue;
    rtrDue = false;
    if (ulpduBytes == 0 && readyToReceive) {
      return; // some senders take "zero-length" for the ULPDU itself
    }
    if (ulpduBytes < 2) {
      ending.fail(TerminateCause.DDP_LOCAL_CATASTROPHIC, "a ULPDU without a DDP header");
      return;
    }
    byte control = bytes.get(at);
    boolean tagged = DdpControl.isTagged(control);
    if (DdpControl.version(control) != DdpControl.VERSION) {
      fail(
          tagged ? TerminateCause.TAGGED_DDP_VERSION : TerminateCause.UNTAGGED_DDP_VERSION,
          "DDP version");
      return;
    }
    if (length < headerBytes(tagged)) {
      ending.fail(TerminateCause.DDP_LOCAL_CATASTROPHIC, "a ULPDU shorter than its DDP header");
      return;
    }
    int queue = tagged ? Opcode.TAGGED : UntaggedHeader.queueNumber(bytes, at);
    if (!tagged && !isQueueKnown(queue)) {
      fail(TerminateCause.UNTAGGED_INVALID_QN, "queue number");
      return;
    }
    byte ulp = bytes.get(at + TaggedHeader.ULP_OFFSET);
    if (Opcode.version(ulp) != Opcode.VERSION) {
      fail(TerminateCause.RDMAP_VERSION, "RDMAP version");
      return;
    }
    int opcode = Opcode.of(ulp);
    if (queues[opcode] != queue) {
      fail(TerminateCause.UNEXPECTED_OPCODE, "unexpected opcode");
      return;
    }
    boolean last = DdpControl.isLast(control);
    traffic.count(
        opcode, last, tagged || queue == Opcode.SEND_QUEUE ? length - headerBytes(tagged) : 0);
    dispatch(opcode, last, readyToReceive);
  }

  private void dispatch(int opcode, boolean last, boolean readyToReceive) {
    switch (opcode) {
      case Opcode.WRITE -> write();
      case Opcode.READ_RESPONSE -> readResponse(last);
      case Opcode.READ_REQUEST -> request(last, ReadRequestHeader.BYTES);
      case Opcode.ATOMIC_REQUEST -> request(last, AtomicRequestHeader.BYTES);
      case Opcode.ATOMIC_RESPONSE -> atomicResponse(last);
      case Opcode.TERMINATE -> terminate();
      default -> {
        if (readyToReceive && isReadyToReceive(opcode, last)) {
          receiveMsn++;
        } else {
          message(opcode, last);
        }
      }
    }
  }

  // ---- tagged

  private void write() {
    int payload = length - TaggedHeader.BYTES;
    if (payload == 0) {
      return; // neither STag nor TO count then (RFC 5041, section 5.2)
    }
    int stag = TaggedHeader.stag(bytes, at);
    long to = TaggedHeader.taggedOffset(bytes, at);
    Region region = memory.find(stag, config.domain());
    if (region == null || !region.isValid()) {
      fail(TerminateCause.TAGGED_INVALID_STAG, "invalid STag of a Write");
    } else if (region.domain() != config.domain()) {
      fail(TerminateCause.TAGGED_STAG_OF_OTHER_STREAM, "a Write to another stream's STag");
    } else if (!region.mayWrite()) {
      fail(TerminateCause.REMOTE_ACCESS, "a Write to a region without remote write access");
    } else if (wraps(to, payload)) {
      fail(TerminateCause.TAGGED_OFFSET_WRAP, "tagged offset of a Write wraps");
    } else if (!region.covers(to, payload)) {
      fail(TerminateCause.TAGGED_BOUNDS, "a Write out of bounds");
    } else {
      place(TaggedHeader.BYTES, region, region.offsetOf(to), payload);
    }
  }

  private void readResponse(boolean last) {
    SendRequest read = reads.oldest();
    if (read == null || read.isAtomic()) {
      fail(TerminateCause.UNEXPECTED_OPCODE, "a Read Response that nobody asked for");
      return;
    }
    int payload = length - TaggedHeader.BYTES;
    if (payload > 0 && !placeResponse(read, payload)) {
      return;
    }
    if (last) {
      if (read.received != read.length) {
        fail(TerminateCause.OPERATION_UNSPECIFIED, "a Read Response shorter than asked for");
        return;
      }
      completeOldestRead(read);
    }
  }

  private boolean placeResponse(SendRequest read, int payload) {
    int stag = TaggedHeader.stag(bytes, at);
    long to = TaggedHeader.taggedOffset(bytes, at);
    if (read.length == 0) {
      fail(TerminateCause.TAGGED_BOUNDS, "payload in the Response to a zero-length Read");
      return false;
    }
    Region sink = read.sink();
    if (stag != sink.stag() || !sink.isValid()) {
      fail(
          isForeign(stag)
              ? TerminateCause.TAGGED_STAG_OF_OTHER_STREAM
              : TerminateCause.TAGGED_INVALID_STAG,
          "STag of a Read Response");
      return false;
    }
    if (wraps(to, payload)) {
      fail(TerminateCause.TAGGED_OFFSET_WRAP, "tagged offset of a Read Response wraps");
      return false;
    }
    long expected = sink.taggedOffset() + read.sinkOffset() + read.received;
    if (to != expected || payload > read.length - read.received) {
      fail(TerminateCause.TAGGED_BOUNDS, "tagged offset of a Read Response");
      return false;
    }
    place(TaggedHeader.BYTES, sink, read.sinkOffset() + read.received, payload);
    read.received += payload;
    return true;
  }

  private void completeOldestRead(SendRequest read) {
    read.finish(CompletionStatus.SUCCESS);
    reads.removeOldest();
  }

  // ---- queue 0

  private boolean isReadyToReceive(int opcode, boolean last) {
    return opcode == Opcode.SEND
        && last
        && length == UntaggedHeader.BYTES
        && UntaggedHeader.messageOffset(bytes, at) == 0
        && UntaggedHeader.msn(bytes, at) == receiveMsn;
  }

  private void message(int opcode, boolean last) {
    LocalBuffers buffers = receives.current();
    long offset = UntaggedHeader.messageOffset(bytes, at);
    int payload = length - UntaggedHeader.BYTES;
    if (UntaggedHeader.msn(bytes, at) != receiveMsn) {
      fail(TerminateCause.UNTAGGED_MSN_RANGE, "MSN of a Send");
    } else if (buffers == null) {
      fail(TerminateCause.UNTAGGED_NO_BUFFER, "no Receive is posted");
    } else if (messageOpcode != NO_OPCODE && messageOpcode != opcode) {
      fail(TerminateCause.UNEXPECTED_OPCODE, "the opcode changes within a message");
    } else if (offset != messageBytes) {
      // TCP keeps the order, and senders go through a message from front to back (RFC 5041, 5.2):
      // anything else would leave a gap that delivery could not see.
      fail(TerminateCause.UNTAGGED_INVALID_MO, "message offset of a Send");
    } else if (Opcode.isImmediate(opcode)) {
      immediate(opcode, last, payload);
    } else if (payload > buffers.totalBytes() - offset) {
      fail(TerminateCause.UNTAGGED_MESSAGE_TOO_LONG, "a Send longer than the posted buffers");
      receives.complete(CompletionStatus.MESSAGE_TOO_LONG, 0);
    } else if (!buffers.areValid()) {
      fail(TerminateCause.DDP_LOCAL_CATASTROPHIC, "a Receive's region is invalid");
      receives.complete(CompletionStatus.INVALID_REGION, 0);
    } else {
      messageOpcode = opcode;
      scatter(buffers, offset, payload);
      messageBytes += payload;
      if (last) {
        deliver(opcode);
      }
    }
  }

  private void immediate(int opcode, boolean last, int payload) {
    if (payload > IMMEDIATE_BYTES) {
      fail(TerminateCause.UNTAGGED_MESSAGE_TOO_LONG, "immediate data of more than 8 octets");
    } else if (payload < IMMEDIATE_BYTES || !last) {
      fail(TerminateCause.OPERATION_UNSPECIFIED, "immediate data of less than 8 octets");
    } else {
      CompletionEntry entry = receives.complete(CompletionStatus.SUCCESS, IMMEDIATE_BYTES);
      entry.setImmediate(bytes.getLong(at + UntaggedHeader.BYTES));
      entry.setSolicited(Opcode.isSolicited(opcode));
      nextMessage();
    }
  }

  private void deliver(int opcode) {
    int stag = UntaggedHeader.ulpWord(bytes, at);
    boolean invalidating = Opcode.isInvalidating(opcode);
    if (invalidating && !invalidate(stag)) {
      fail(TerminateCause.REMOTE_CANNOT_INVALIDATE, "the STag cannot be invalidated");
      return;
    }
    CompletionEntry entry = receives.complete(CompletionStatus.SUCCESS, messageBytes);
    entry.setSolicited(Opcode.isSolicited(opcode));
    if (invalidating) {
      entry.setInvalidated(stag);
    }
    nextMessage();
  }

  private boolean invalidate(int stag) {
    Region region = memory.find(stag, config.domain());
    if (region == null
        || !region.isValid()
        || region.domain() != config.domain()
        || !region.mayInvalidate()) {
      return false;
    }
    memory.remove(region);
    return true;
  }

  private void nextMessage() {
    receiveMsn++;
    messageOpcode = NO_OPCODE;
    messageBytes = 0;
  }

  private void scatter(LocalBuffers buffers, long offset, int payload) {
    long skip = offset;
    int done = 0;
    for (int i = 0; i < buffers.count() && done < payload; i++) {
      long room = buffers.length(i);
      if (skip >= room) {
        skip -= room;
        continue;
      }
      int count = (int) Math.min(payload - done, room - skip);
      place(UntaggedHeader.BYTES + done, buffers.region(i), buffers.offset(i) + skip, count);
      done += count;
      skip = 0;
    }
  }

  // ---- queue 1

  private void request(boolean last, int expectedBytes) {
    int payload = length - UntaggedHeader.BYTES;
    int msn = UntaggedHeader.msn(bytes, at);
    if (!requestMsnKnown) {
      requestMsnKnown = true;
      requestMsn = msn;
    }
    if (msn != requestMsn) {
      fail(TerminateCause.UNTAGGED_MSN_RANGE, "MSN of a Read Request");
    } else if (answers.isFull()) {
      fail(TerminateCause.UNTAGGED_NO_BUFFER, "more Read Requests than the IRD");
    } else if (UntaggedHeader.messageOffset(bytes, at) != 0) {
      fail(TerminateCause.UNTAGGED_INVALID_MO, "message offset of a Read Request");
    } else if (payload > expectedBytes) {
      fail(TerminateCause.UNTAGGED_MESSAGE_TOO_LONG, "a Read Request that is too long");
    } else if (payload < expectedBytes || !last) {
      fail(TerminateCause.OPERATION_UNSPECIFIED, "a Read Request that is too short");
    } else if (expectedBytes == ReadRequestHeader.BYTES) {
      readRequest(at + UntaggedHeader.BYTES);
    } else {
      atomicRequest(at + UntaggedHeader.BYTES);
    }
  }

  private void readRequest(int header) {
    long size = ReadRequestHeader.size(bytes, header);
    int stag = ReadRequestHeader.sourceStag(bytes, header);
    long to = ReadRequestHeader.sourceOffset(bytes, header);
    Region source = null;
    if (size > 0) {
      source = source(stag, to, size);
      if (source == null) {
        return;
      }
      if (!source.mayRead()) {
        fail(TerminateCause.REMOTE_ACCESS, "a Read from a region without remote read access");
        return;
      }
    }
    requestMsn++;
    InboundRead read = answers.add();
    read.atomic = false;
    read.sinkStag = ReadRequestHeader.sinkStag(bytes, header);
    read.sinkOffset = ReadRequestHeader.sinkOffset(bytes, header);
    read.source = source;
    read.sourceOffset = source == null ? 0 : source.offsetOf(to);
    read.length = size;
  }

  private void atomicRequest(int header) {
    int operation = AtomicRequestHeader.operation(bytes, header);
    long to = AtomicRequestHeader.taggedOffset(bytes, header);
    if (operation != AtomicRequestHeader.FETCH_ADD
        && operation != AtomicRequestHeader.COMPARE_SWAP) {
      fail(TerminateCause.UNEXPECTED_OPCODE, "unknown atomic operation");
      return;
    }
    Region target = source(AtomicRequestHeader.stag(bytes, header), to, Long.BYTES);
    if (target == null) {
      return;
    }
    if (!target.mayAtomic()) {
      fail(TerminateCause.REMOTE_ACCESS, "an atomic on a region without atomic access");
      return;
    }
    long offset = target.offsetOf(to);
    if (((to | (target.segment().address() + offset)) & ATOMIC_ALIGNMENT_MASK) != 0) {
      fail(TerminateCause.STREAM_CATASTROPHIC, "an atomic on a misaligned address");
      return;
    }
    requestMsn++;
    InboundRead answer = answers.add();
    answer.atomic = true;
    answer.request = AtomicRequestHeader.request(bytes, header);
    long data = AtomicRequestHeader.data(bytes, header);
    long mask = AtomicRequestHeader.mask(bytes, header);
    answer.original =
        operation == AtomicRequestHeader.FETCH_ADD
            ? Atomics.fetchAdd(target.segment(), offset, data, mask)
            : Atomics.compareSwap(
                target.segment(),
                offset,
                AtomicRequestHeader.compare(bytes, header),
                AtomicRequestHeader.compareMask(bytes, header),
                data,
                mask);
  }

  /** The region that a request may touch; null when it may not, and then the stream has ended. */
  private @Nullable Region source(int stag, long to, long size) {
    Region region = memory.find(stag, config.domain());
    if (region == null || !region.isValid()) {
      fail(TerminateCause.REMOTE_INVALID_STAG, "invalid STag of a request");
    } else if (region.domain() != config.domain()) {
      fail(TerminateCause.REMOTE_STAG_OF_OTHER_STREAM, "a request for another stream's STag");
    } else if (wraps(to, size)) {
      fail(TerminateCause.REMOTE_OFFSET_WRAP, "tagged offset of a request wraps");
    } else if (!region.covers(to, size)) {
      fail(TerminateCause.REMOTE_BOUNDS, "a request out of bounds");
    } else {
      return region;
    }
    return null;
  }

  // ---- queue 3

  private void atomicResponse(boolean last) {
    SendRequest atomic = reads.oldest();
    int header = at + UntaggedHeader.BYTES;
    if (UntaggedHeader.msn(bytes, at) != atomicResponseMsn) {
      fail(TerminateCause.UNTAGGED_MSN_RANGE, "MSN of an Atomic Response");
    } else if (atomic == null || !atomic.isAtomic()) {
      fail(TerminateCause.UNTAGGED_NO_BUFFER, "an Atomic Response that nobody asked for");
    } else if (!last || length != UntaggedHeader.BYTES + AtomicResponseHeader.BYTES) {
      fail(TerminateCause.OPERATION_UNSPECIFIED, "length of an Atomic Response");
    } else if (AtomicResponseHeader.request(bytes, header) != atomic.msn) {
      fail(TerminateCause.OPERATION_UNSPECIFIED, "request identifier of an Atomic Response");
    } else if (!atomic.sink().isValid()) {
      fail(TerminateCause.DDP_LOCAL_CATASTROPHIC, "an atomic's region is invalid");
    } else {
      atomicResponseMsn++;
      atomic
          .sink()
          .segment()
          .set(
              ValueLayout.JAVA_LONG_UNALIGNED,
              atomic.sinkOffset(),
              AtomicResponseHeader.original(bytes, header));
      completeOldestRead(atomic);
    }
  }

  // ---- queue 2

  private void terminate() {
    if (UntaggedHeader.msn(bytes, at) != 1) {
      fail(TerminateCause.UNTAGGED_MSN_RANGE, "MSN of a Terminate");
      return;
    }
    int header = UntaggedHeader.BYTES;
    Terminate terminate = TerminateCodec.decode(bytes, at + header, length - header);
    refused = requestIn(terminate);
    ending.end(new StreamEnd.TerminatedByPeer(terminate));
  }

  private @Nullable SendRequest requestIn(Terminate terminate) {
    ByteBuffer copy = terminate.headers().asByteBuffer();
    if (copy.remaining() < UntaggedHeader.BYTES || DdpControl.isTagged(copy.get(0))) {
      return null;
    }
    int queue = UntaggedHeader.queueNumber(copy, 0);
    if (queue != Opcode.SEND_QUEUE && queue != Opcode.REQUEST_QUEUE) {
      return null;
    }
    return requests.find(queue == Opcode.REQUEST_QUEUE, UntaggedHeader.msn(copy, 0));
  }

  // ---- help

  private void place(int from, Region region, long offset, int count) {
    MemorySegment.copy(segment, at + from, region.segment(), offset, count);
  }

  private boolean isForeign(int stag) {
    Region region = memory.find(stag, config.domain());
    return region != null && region.domain() != config.domain();
  }

  private boolean isQueueKnown(int queue) {
    int highest = config.atomics() ? Opcode.ATOMIC_RESPONSE_QUEUE : Opcode.TERMINATE_QUEUE;
    return queue >= 0 && queue <= highest;
  }

  /** The queue of each opcode; of those that nobody offers here, none. */
  private static int[] queues(StreamConfig config) {
    int[] queues = new int[Opcode.COUNT];
    for (int opcode = 0; opcode < queues.length; opcode++) {
      boolean offered =
          switch (opcode) {
            case Opcode.ATOMIC_REQUEST, Opcode.ATOMIC_RESPONSE -> config.atomics();
            case Opcode.IMMEDIATE, Opcode.IMMEDIATE_SE -> config.immediate();
            default -> true;
          };
      queues[opcode] = offered ? Opcode.queue(opcode) : Opcode.NO_QUEUE;
    }
    return queues;
  }

  /** Whether the last octet's tagged offset is beyond 2^64. */
  private static boolean wraps(long to, long count) {
    return to < 0 && to + (count - 1) >= 0;
  }

  private static int headerBytes(boolean tagged) {
    return tagged ? TaggedHeader.BYTES : UntaggedHeader.BYTES;
  }

  private void fail(TerminateCause cause, String reason) {
    boolean tagged = DdpControl.isTagged(bytes.get(at));
    int ddpHeader = headerBytes(tagged);
    if (length < ddpHeader) {
      ending.fail(cause, reason);
      return;
    }
    boolean readRequest =
        !tagged
            && Opcode.of(bytes.get(at + UntaggedHeader.ULP_OFFSET)) == Opcode.READ_REQUEST
            && length >= ddpHeader + ReadRequestHeader.BYTES;
    ending.fail(
        cause, reason, bytes, at, length, ddpHeader, readRequest ? ReadRequestHeader.BYTES : 0);
  }
}
