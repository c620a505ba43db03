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
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Turns work requests and the peer's Reads into DDP segments, one message after the other. Answers
 * and requests take turns, so that neither side can starve the other.
 */
final class Transmitter {
  private static final int MAX_HEADER_BYTES = 128;

  private final StreamConfig config;
  private final SendQueue requests;
  private final OutboundReads reads;
  private final InboundReads answers;
  private final Ending ending;
  private final MemoryTable memory;
  private final FpduEncoder encoder;
  private final WakeUp wakeUp;
  private final ByteBuffer header = ByteBuffer.allocateDirect(MAX_HEADER_BYTES);
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
        && encoder.position() == config.start().sentOctets()
        && (ending.isTerminatePending()
            || rtrDue
            || (peerHeard && (requests.next() != null || !answers.isEmpty())));
  }

  /** Adds as many FPDUs as fit to the batch. */
  void fill(long nowNanos) {
    if (closed || isTooEarly(nowNanos)) {
      return;
    }
    long limit = encoder.position() + config.batchBytes();
    while (encoder.position() < limit && step()) {
      // Each step adds one FPDU or finishes one request.
    }
    wakeUp(nowNanos);
    encoder.flush();
  }

  /** Not while a message is under way: whatever follows of it wakes the peer as well. */
  private void wakeUp(long nowNanos) {
    if (encoder.position() > 0) {
      wakeUp.start(nowNanos);
    }
    if (wakeUp.isDue(nowNanos) && isIdle() && !ending.isOver() && hasRoom(MAX_HEADER_BYTES)) {
      sendEmptyWrite();
      wakeUp.sent(nowNanos);
    }
  }

  private boolean isTooEarly(long nowNanos) {
    return config.firstFpduNotBeforeNanos() != StreamConfig.NO_TIME
        && nowNanos - config.firstFpduNotBeforeNanos() < 0;
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
    return sendSegment(request);
  }

  private boolean refuse(SendRequest request) {
    request.finish(CompletionStatus.INVALID_REGION);
    requests.advance();
    return true;
  }

  private boolean sendSegment(SendRequest request) {
    boolean tagged = request.operation == Operation.WRITE;
    int headerBytes = tagged ? TaggedHeader.BYTES : UntaggedHeader.BYTES;
    int payload = (int) Math.min(mulpdu - headerBytes, request.length - request.sent);
    if (!hasRoom(headerBytes + payload)) {
      return false;
    }
    if (!request.buffers.areValid()) {
      ending.fail(
          TerminateCause.RDMAP_LOCAL_CATASTROPHIC,
          "a region was invalidated while a message was being sent from it");
      return true;
    }
    boolean last = request.sent + payload == request.length;
    if (tagged) {
      TaggedHeader.put(
          header,
          0,
          last,
          Opcode.control(Opcode.WRITE),
          request.remoteStag,
          request.remoteOffset + request.sent);
    } else {
      UntaggedHeader.put(
          header,
          0,
          last,
          Opcode.control(request.opcode),
          Opcode.isInvalidating(request.opcode) ? request.remoteStag : 0,
          Opcode.SEND_QUEUE,
          request.msn,
          (int) request.sent);
    }
    traffic.count(header, 0, headerBytes + payload);
    encoder.begin(headerBytes + payload);
    encoder.header(header, headerBytes);
    if (request.operation == Operation.IMMEDIATE) {
      header.putLong(0, request.data);
      encoder.header(header, payload);
    } else {
      gather(request, payload);
    }
    encoder.end();
    request.sent += payload;
    sending = last ? null : request;
    if (last) {
      sent(request);
    }
    return true;
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
    request.state = SendRequest.State.SENT;
    request.endPosition = encoder.position();
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
    putUntagged(Opcode.READ_REQUEST, Opcode.REQUEST_QUEUE, requestMsn++);
    ReadRequestHeader.put(
        header, UntaggedHeader.BYTES, sinkStag, sinkOffset, size, sourceStag, sourceOffset);
    sendHeaderOnly(UntaggedHeader.BYTES + ReadRequestHeader.BYTES);
  }

  private void sendAtomicRequest(SendRequest request) {
    boolean add = request.operation == Operation.FETCH_ADD;
    putUntagged(Opcode.ATOMIC_REQUEST, Opcode.REQUEST_QUEUE, requestMsn++);
    AtomicRequestHeader.putTarget(
        header,
        UntaggedHeader.BYTES,
        add ? AtomicRequestHeader.FETCH_ADD : AtomicRequestHeader.COMPARE_SWAP,
        request.msn,
        request.remoteStag,
        request.remoteOffset);
    AtomicRequestHeader.putOperands(
        header,
        UntaggedHeader.BYTES,
        request.data,
        request.mask,
        request.compare,
        request.compareMask);
    sendHeaderOnly(UntaggedHeader.BYTES + AtomicRequestHeader.BYTES);
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
    TaggedHeader.put(
        header,
        0,
        last,
        Opcode.control(Opcode.READ_RESPONSE),
        answer.sinkStag,
        answer.sinkOffset + answer.sent);
    traffic.count(header, 0, TaggedHeader.BYTES + payload);
    encoder.begin(TaggedHeader.BYTES + payload);
    encoder.header(header, TaggedHeader.BYTES);
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
    putUntagged(Opcode.ATOMIC_RESPONSE, Opcode.ATOMIC_RESPONSE_QUEUE, atomicResponseMsn++);
    AtomicResponseHeader.put(header, UntaggedHeader.BYTES, answer.request, answer.original);
    sendHeaderOnly(UntaggedHeader.BYTES + AtomicResponseHeader.BYTES);
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
        putUntagged(Opcode.SEND, Opcode.SEND_QUEUE, sendMsn++);
        sendHeaderOnly(UntaggedHeader.BYTES);
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
    TaggedHeader.put(header, 0, true, Opcode.control(Opcode.WRITE), 0, 0);
    sendHeaderOnly(TaggedHeader.BYTES);
  }

  private boolean sendTerminate() {
    if (!hasRoom(MAX_HEADER_BYTES)) {
      return false;
    }
    putUntagged(Opcode.TERMINATE, Opcode.TERMINATE_QUEUE, 1);
    traffic.count(header, 0, UntaggedHeader.BYTES + ending.terminateBytes());
    encoder.begin(UntaggedHeader.BYTES + ending.terminateBytes());
    encoder.header(header, UntaggedHeader.BYTES);
    encoder.header(ending.terminate(), ending.terminateBytes());
    encoder.end();
    ending.terminateDone();
    return true;
  }

  private void putUntagged(int opcode, int queue, int msn) {
    UntaggedHeader.put(header, 0, true, Opcode.control(opcode), 0, queue, msn, 0);
  }

  private void sendHeaderOnly(int bytes) {
    traffic.count(header, 0, bytes);
    encoder.begin(bytes);
    encoder.header(header, bytes);
    encoder.end();
  }

  private boolean hasRoom(int ulpduBytes) {
    return encoder.hasRoom(ulpduBytes, config.maxBuffers());
  }
}
