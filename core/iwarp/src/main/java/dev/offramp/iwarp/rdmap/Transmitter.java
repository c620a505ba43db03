package dev.offramp.iwarp.rdmap;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.iwarp.ddp.TaggedHeader;
import dev.offramp.iwarp.ddp.UntaggedHeader;
import dev.offramp.iwarp.mpa.FpduEncoder;
import dev.offramp.iwarp.mpa.Mulpdu;
import dev.offramp.iwarp.mpa.TransmitBatch;
import org.jspecify.annotations.Nullable;

/**
 * Turns work requests and the peer's Reads into DDP segments, one message after the other. Answers
 * and requests take turns, so that neither side can starve the other.
 */
final class Transmitter {
  private static final int MAX_HEADER_BYTES = 128;

  private final StreamConfig config;
  private final TransmitBatch batch;
  private final SendQueue requests;
  private final OutboundReads reads;
  private final InboundReads answers;
  private final Ending ending;
  private final MemoryTable memory;
  private final FpduEncoder encoder;
  private final WakeUp wakeUp;
  private final Traffic traffic = new Traffic();

  private int mulpdu;
  private int sendMsn;
  private int requestMsn;
  private int atomicResponseMsn;
  private boolean rtrDue;
  private boolean peerHeard;
  private boolean closed;
  private boolean holding;
  private boolean answersFirst;
  private @Nullable SendRequest sending;
  private @Nullable InboundRead answering;

  Transmitter(
      StreamConfig config,
      TransmitBatch batch,
      SendQueue requests,
      OutboundReads reads,
      InboundReads answers,
      Ending ending,
      MemoryTable memory,
      WakeUp wakeUp) {
    this.config = config;
    this.batch = batch;
    this.wakeUp = wakeUp;
    this.requests = requests;
    this.reads = reads;
    this.answers = answers;
    this.ending = ending;
    this.memory = memory;
    StreamPosition start = config.start();
    this.encoder = new FpduEncoder(batch, config.crc(), config.sendMarkers(), start.sentOctets());
    this.mulpdu = Mulpdu.of(config.emss(), config.sendMarkers());
    this.sendMsn = start.sendMsn();
    this.requestMsn = start.requestMsn();
    this.atomicResponseMsn = start.atomicResponseMsn();
    boolean initiator = config.role() == MpaRole.INITIATOR;
    this.rtrDue = initiator && config.rtr() != RtrKind.NONE && !start.opened();
    this.peerHeard = initiator || start.opened();
  }

  /** TCP's effective segment size has changed; it counts from the next segment on. */
  void setEmss(int emss) {
    mulpdu = Mulpdu.of(emss, config.sendMarkers());
  }

  /** A valid FPDU has come: a Responder may speak now (RFC 5044, section 7.1.2, rule 4). */
  void peerHeard() {
    peerHeard = true;
  }

  /** Whether any FPDU may be sent at all. */
  boolean maySpeak() {
    return peerHeard;
  }

  /** Begins no further work requests, or does again; what has begun and answers go on. */
  void setHolding(boolean holding) {
    this.holding = holding;
  }

  /** Whether a message of a work request is half sent. */
  boolean isSendingRequest() {
    return sending != null;
  }

  /** Goes on where another engine's stream stood. */
  void restore(StreamState state, @Nullable SendRequest halfSent) {
    rtrDue &= !state.readyToReceiveSent();
    peerHeard |= state.peerHeard();
    sending = halfSent;
    InboundRead oldest = answers.oldest();
    answering = oldest != null && oldest.sent > 0 ? oldest : null;
  }

  /** Nothing is sent any more. */
  void close() {
    closed = true;
    ending.terminateDone();
  }

  Traffic traffic() {
    return traffic;
  }

  long position() {
    return encoder.position();
  }

  int sendMsn() {
    return sendMsn;
  }

  int requestMsn() {
    return requestMsn;
  }

  int atomicResponseMsn() {
    return atomicResponseMsn;
  }

  boolean isRtrSent() {
    return !rtrDue;
  }

  boolean isIdle() {
    return sending == null && answering == null;
  }

  /** Whether only the time keeps something from being sent. */
  boolean awaitsTime() {
    return config.firstFpduNotBeforeNanos() != StreamConfig.NO_TIME
        && !hasBegun()
        && (ending.isTerminatePending()
            || rtrDue
            || (peerHeard && (requests.next() != null || !answers.isEmpty())));
  }

  /** Adds as many FPDUs as fit to the batch. */
  void fill(long nowNanos) {
    if (closed || isTooEarly(nowNanos)) {
      return;
    }
    long limit = encoder.position() - batch.remainingBytes() + config.batchBytes();
    while (encoder.position() < limit && step()) {
      // Each step adds one FPDU or finishes one request.
    }
    wakeUp(nowNanos);
    encoder.flush();
  }

  /** Not while a message is under way: whatever follows of it wakes the peer as well. */
  private void wakeUp(long nowNanos) {
    if (hasBegun()) {
      wakeUp.start(nowNanos);
    }
    if (wakeUp.isDue(nowNanos) && isIdle() && !ending.isOver() && hasRoom(MAX_HEADER_BYTES)) {
      sendEmptyWrite();
      wakeUp.sent(nowNanos);
    }
  }

  private boolean isTooEarly(long nowNanos) {
    return config.firstFpduNotBeforeNanos() != StreamConfig.NO_TIME
        && !hasBegun()
        && nowNanos - config.firstFpduNotBeforeNanos() < 0;
  }

  /** Here or where the stream was before. */
  private boolean hasBegun() {
    return encoder.position() > 0;
  }

  /** Hands all of the batch to its owner. */
  void flush() {
    encoder.flush();
  }

  /** Whether {@link #fill} asks what time it is. */
  boolean heedsTime() {
    return !hasBegun() || !wakeUp.isOver();
  }

  /** Whether {@link #fill} would find nothing, whatever the time, until somebody gives it work. */
  boolean hasNothingToDo() {
    return isIdle()
        && requests.next() == null
        && answers.isEmpty()
        && !rtrDue
        && !ending.isTerminatePending();
  }

  private boolean step() {
    if (ending.isOver()) {
      return ending.isTerminatePending() && sendTerminate();
    }
    SendRequest request = sending;
    if (request != null) {
      return sendSegment(request);
    }
    InboundRead answer = answering;
    if (answer != null) {
      return answer(answer);
    }
    if (rtrDue) {
      return sendReadyToReceive();
    }
    return peerHeard && startMessage();
  }

  private boolean startMessage() {
    InboundRead answer = answers.oldest();
    boolean began;
    if (answer != null && answersFirst) {
      began = answer(answer);
      answersFirst = false;
    } else {
      began = startRequest();
      answersFirst = true;
      if (!began && answer != null) {
        began = answer(answer);
      }
    }
    return began;
  }

  private boolean startRequest() {
    SendRequest request = requests.next();
    if (request == null || holding) {
      return false;
    }
    return switch (request.operation) {
      case SEND, WRITE, IMMEDIATE -> startMessage(request);
      case READ, FETCH_ADD, COMPARE_SWAP -> !reads.isFull() && request(request);
      case LOCAL_INVALIDATE -> requests.areEarlierDone() && invalidate(request);
      case RECEIVE -> throw new AssertionError("a Receive in the send queue");
    };
  }

  private boolean startMessage(SendRequest request) {
    if (!request.buffers.areValid()) {
      return refuse(request);
    }
    if (!hasRoom(mulpdu)) {
      return false;
    }
    request.state = SendRequest.State.SENDING;
    if (request.operation != Operation.WRITE) {
      request.msn = sendMsn++;
    }
    putSegment(request);
    return true;
  }

  private boolean refuse(SendRequest request) {
    request.finish(CompletionStatus.INVALID_REGION);
    requests.advance();
    return true;
  }

  /** The next segment of a message that has begun. */
  private boolean sendSegment(SendRequest request) {
    if (!hasRoom(mulpdu)) {
      return false;
    }
    if (!request.buffers.areValid()) {
      ending.fail(
          TerminateCause.RDMAP_LOCAL_CATASTROPHIC,
          "a region was invalidated while a message was being sent from it");
      return true;
    }
    putSegment(request);
    return true;
  }

  /**
   * Whether a short message can go into the batch at once, as it is posted: everything before it
   * has gone, and nothing else is due. That saves most of what a request is made of.
   */
  boolean takesAtOnce(LocalBuffers message) {
    return message.count() <= 1
        && message.totalBytes()
            <= Math.min(FpduEncoder.MAX_COPIED_BYTES, mulpdu - UntaggedHeader.BYTES)
        && isUnderWay()
        && isIdle()
        && requests.next() == null
        && answers.isEmpty()
        && !batch.isSealed()
        && batch.remainingBytes() < config.batchBytes()
        && message.areValid()
        && hasRoom(UntaggedHeader.BYTES + FpduEncoder.MAX_COPIED_BYTES);
  }

  /** Whether what must come first has gone, and its time has come. */
  private boolean isUnderWay() {
    return peerHeard && !rtrDue && !closed && !holding && hasBegun();
  }

  /** Puts a message into the batch that {@link #takesAtOnce}; its request keeps no buffers. */
  void putAtOnce(SendRequest request, LocalBuffers message) {
    int payload = (int) message.totalBytes();
    if (request.operation != Operation.WRITE) {
      request.msn = sendMsn++;
    }
    putHeader(request, payload, true);
    if (payload > 0) {
      encoder.payload(message.region(0), message.offset(0), payload);
    }
    encoder.end();
    answersFirst = true;
    sent(request);
  }

  /**
   * The stream is over: messages that {@link #putAtOnce} took and nobody has seen do not go out.
   */
  void takeBack() {
    if (!batch.isSealed() && !batch.isEmpty()) {
      encoder.takeBack();
      requests.uncount(encoder.position(), traffic);
    }
  }

  /** There is room, and the memory is valid. */
  private void putSegment(SendRequest request) {
    int headerBytes =
        request.operation == Operation.WRITE ? TaggedHeader.BYTES : UntaggedHeader.BYTES;
    int payload = (int) Math.min(mulpdu - headerBytes, request.length - request.sent);
    boolean last = request.sent + payload == request.length;
    putHeader(request, payload, last);
    if (request.operation == Operation.IMMEDIATE) {
      encoder.headerBytes().putLong(encoder.headerOffset(), request.data);
      encoder.headerDone(payload);
    } else {
      gather(request, payload);
    }
    encoder.end();
    request.sent += payload;
    sending = last ? null : request;
    if (last) {
      sent(request);
    }
  }

  private void putHeader(SendRequest request, int payload, boolean last) {
    if (request.operation == Operation.WRITE) {
      encoder.begin(TaggedHeader.BYTES + payload);
      traffic.count(Opcode.WRITE, last, payload);
      TaggedHeader.put(
          encoder.headerBytes(),
          encoder.headerOffset(),
          last,
          Opcode.control(Opcode.WRITE),
          request.remoteStag,
          request.remoteOffset + request.sent);
      encoder.headerDone(TaggedHeader.BYTES);
    } else {
      encoder.begin(UntaggedHeader.BYTES + payload);
      traffic.count(request.opcode, last, payload);
      UntaggedHeader.put(
          encoder.headerBytes(),
          encoder.headerOffset(),
          last,
          Opcode.control(request.opcode),
          Opcode.isInvalidating(request.opcode) ? request.remoteStag : 0,
          Opcode.SEND_QUEUE,
          request.msn,
          (int) request.sent);
      encoder.headerDone(UntaggedHeader.BYTES);
    }
  }

  private void gather(SendRequest request, int payload) {
    int left = payload;
    while (left > 0) {
      long room = request.buffers.length(request.piece) - request.pieceOffset;
      int count = (int) Math.min(left, room);
      encoder.payload(
          request.buffers.region(request.piece),
          request.buffers.offset(request.piece) + request.pieceOffset,
          count);
      left -= count;
      request.pieceOffset += count;
      if (count == room) {
        request.piece++;
        request.pieceOffset = 0;
      }
    }
  }

  private void sent(SendRequest request) {
    request.allSent(encoder.position());
    requests.advance();
  }

  private boolean request(SendRequest request) {
    if (!request.buffers.areValid()) {
      return refuse(request);
    }
    if (!hasRoom(MAX_HEADER_BYTES)) {
      return false;
    }
    request.msn = requestMsn;
    if (request.isAtomic()) {
      sendAtomicRequest(request);
    } else {
      sendReadRequest(
          request.length == 0 ? 0 : request.sink().stag(),
          request.length == 0 ? 0 : request.sink().taggedOffset() + request.sinkOffset(),
          (int) request.length,
          request.remoteStag,
          request.remoteOffset);
    }
    reads.add(request);
    sent(request);
    return true;
  }

  private void sendReadRequest(
      int sinkStag, long sinkOffset, int size, int sourceStag, long sourceOffset) {
    int at =
        beginUntagged(
            Opcode.READ_REQUEST, Opcode.REQUEST_QUEUE, requestMsn++, ReadRequestHeader.BYTES);
    ReadRequestHeader.put(
        encoder.headerBytes(), at, sinkStag, sinkOffset, size, sourceStag, sourceOffset);
    endHeader(UntaggedHeader.BYTES + ReadRequestHeader.BYTES);
  }

  private void sendAtomicRequest(SendRequest request) {
    boolean add = request.operation == Operation.FETCH_ADD;
    int at =
        beginUntagged(
            Opcode.ATOMIC_REQUEST, Opcode.REQUEST_QUEUE, requestMsn++, AtomicRequestHeader.BYTES);
    AtomicRequestHeader.putTarget(
        encoder.headerBytes(),
        at,
        add ? AtomicRequestHeader.FETCH_ADD : AtomicRequestHeader.COMPARE_SWAP,
        request.msn,
        request.remoteStag,
        request.remoteOffset);
    AtomicRequestHeader.putOperands(
        encoder.headerBytes(),
        at,
        request.data,
        request.mask,
        request.compare,
        request.compareMask);
    endHeader(UntaggedHeader.BYTES + AtomicRequestHeader.BYTES);
  }

  private boolean invalidate(SendRequest request) {
    Region region = memory.find(request.remoteStag, config.domain());
    boolean ours = region != null && region.isValid() && region.domain() == config.domain();
    if (region != null && ours) {
      memory.remove(region);
    }
    request.finish(ours ? CompletionStatus.SUCCESS : CompletionStatus.INVALID_REGION);
    requests.advance();
    requests.complete(encoder.position());
    return true;
  }

  private boolean answer(InboundRead answer) {
    return answer.atomic ? answerAtomic(answer) : answerRead(answer);
  }

  private boolean answerRead(InboundRead answer) {
    int payload = (int) Math.min(mulpdu - TaggedHeader.BYTES, answer.length - answer.sent);
    if (!hasRoom(TaggedHeader.BYTES + payload)) {
      return false;
    }
    Region source = answer.source;
    if (source != null && !source.isValid()) {
      ending.fail(
          TerminateCause.REMOTE_INVALID_STAG, "the source of a Read was invalidated meanwhile");
      return true;
    }
    boolean last = answer.sent + payload == answer.length;
    traffic.count(Opcode.READ_RESPONSE, last, payload);
    encoder.begin(TaggedHeader.BYTES + payload);
    TaggedHeader.put(
        encoder.headerBytes(),
        encoder.headerOffset(),
        last,
        Opcode.control(Opcode.READ_RESPONSE),
        answer.sinkStag,
        answer.sinkOffset + answer.sent);
    encoder.headerDone(TaggedHeader.BYTES);
    if (source != null) {
      encoder.payload(source, answer.sourceOffset + answer.sent, payload);
    }
    encoder.end();
    answer.sent += payload;
    answering = last ? null : answer;
    if (last) {
      answers.removeOldest();
    }
    return true;
  }

  private boolean answerAtomic(InboundRead answer) {
    if (!hasRoom(MAX_HEADER_BYTES)) {
      return false;
    }
    int at =
        beginUntagged(
            Opcode.ATOMIC_RESPONSE,
            Opcode.ATOMIC_RESPONSE_QUEUE,
            atomicResponseMsn++,
            AtomicResponseHeader.BYTES);
    AtomicResponseHeader.put(encoder.headerBytes(), at, answer.request, answer.original);
    endHeader(UntaggedHeader.BYTES + AtomicResponseHeader.BYTES);
    answers.removeOldest();
    return true;
  }

  /** The first FPDU of peer-to-peer mode (RFC 6581, section 9.2): zero-length, no STag. */
  private boolean sendReadyToReceive() {
    if (!hasRoom(MAX_HEADER_BYTES)) {
      return false;
    }
    rtrDue = false;
    switch (config.rtr()) {
      case SEND -> {
        beginUntagged(Opcode.SEND, Opcode.SEND_QUEUE, sendMsn++, 0);
        endHeader(UntaggedHeader.BYTES);
      }
      case WRITE -> sendEmptyWrite();
      case READ -> {
        reads.addReadyToReceive();
        sendReadRequest(0, 0, 0, 0, 0);
      }
      case NONE -> {}
    }
    return true;
  }

  private void sendEmptyWrite() {
    traffic.count(Opcode.WRITE, true, 0);
    encoder.begin(TaggedHeader.BYTES);
    TaggedHeader.put(
        encoder.headerBytes(), encoder.headerOffset(), true, Opcode.control(Opcode.WRITE), 0, 0);
    endHeader(TaggedHeader.BYTES);
  }

  private boolean sendTerminate() {
    if (!hasRoom(MAX_HEADER_BYTES)) {
      return false;
    }
    beginUntagged(Opcode.TERMINATE, Opcode.TERMINATE_QUEUE, 1, ending.terminateBytes());
    encoder.headerDone(UntaggedHeader.BYTES);
    encoder.header(ending.terminate(), ending.terminateBytes());
    encoder.end();
    ending.terminateDone();
    return true;
  }

  /** Begins a message of one segment that is not the ULP's; returns where its own headers go. */
  private int beginUntagged(int opcode, int queue, int msn, int bytes) {
    traffic.count(opcode, true, 0);
    encoder.begin(UntaggedHeader.BYTES + bytes);
    int at = encoder.headerOffset();
    UntaggedHeader.put(encoder.headerBytes(), at, true, Opcode.control(opcode), 0, queue, msn, 0);
    return at + UntaggedHeader.BYTES;
  }

  private void endHeader(int bytes) {
    encoder.headerDone(bytes);
    encoder.end();
  }

  private boolean hasRoom(int ulpduBytes) {
    return encoder.hasRoom(ulpduBytes, config.maxBuffers());
  }
}
