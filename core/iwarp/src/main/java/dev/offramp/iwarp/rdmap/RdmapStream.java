package dev.offramp.iwarp.rdmap;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.StartedWork;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.TrafficCounters;
import dev.offramp.iwarp.mpa.FpduDecoder;
import dev.offramp.iwarp.mpa.MpaTerminate;
import dev.offramp.iwarp.mpa.StreamMemory;
import dev.offramp.iwarp.mpa.TransmitBatch;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One connection in Full Operation: RDMAP over DDP over MPA (RFC 5040, 5041, 5044, 7306).
 *
 * <p>The owner moves bytes. Out: write what {@link #pollTransmit} gives, then say {@link
 * #transmitted}. In: read into {@link #receiveBuffer}, then say {@link #received}. It tells about
 * the end of either direction with {@link #peerClosed} and {@link #connectionLost}, closes its own
 * direction when {@link #wantsHalfClose}, and calls {@link #pollTransmit} again at {@link
 * #nextDeadlineNanos}. Posting and polling go on meanwhile.
 *
 * <p>Nothing is allocated per operation. Not safe for use by several threads: all streams of one
 * protection domain belong to one thread or lock.
 */
public final class RdmapStream {
  /** What {@link #nextDeadlineNanos} returns when there is none. */
  public static final long NO_DEADLINE = Long.MAX_VALUE;

  private static final long MAX_MESSAGE_BYTES = 0xFFFF_FFFFL;
  private static final int IMMEDIATE_BYTES = 8;
  private static final long UINT32 = 0xFFFF_FFFFL;
  private static final String RUNNING = "the RDMAP engine, running";

  private final StreamConfig config;
  private final Completions completions;
  private final SendQueue requests;
  private final ReceiveQueue receives;
  private final OutboundReads reads;
  private final InboundReads answers;
  private final Ending ending = new Ending();
  private final StreamMemory buffers;
  private final TransmitBatch batch;
  private final FpduDecoder decoder;
  private final WakeUp wakeUp;
  private final Transmitter transmitter;
  private final Receiver receiver;

  private boolean heard;
  private boolean stopsWhenQuiet;
  private boolean inputStopped;
  private boolean closing;
  private boolean outputClosed;
  private boolean lost;
  private boolean flushed;

  /**
   * A stream in Full Operation.
   *
   * @param config how it is set up
   * @param memory the STags of its RNIC
   */
  public RdmapStream(StreamConfig config, MemoryTable memory) {
    this(config, memory, new StreamMemory(config.stagingBytes()));
  }

  /**
   * A stream in Full Operation that shares memory with others.
   *
   * @param config how it is set up; its {@code stagingBytes} do not count
   * @param memory the STags of its RNIC
   * @param buffers what it borrows from while bytes are on their way
   */
  public RdmapStream(StreamConfig config, MemoryTable memory, StreamMemory buffers) {
    this.config = config;
    this.buffers = buffers;
    this.batch = new TransmitBatch(buffers);
    completions = new Completions();
    requests = new SendQueue(config.sendDepth(), config.maxBuffers(), completions);
    receives = new ReceiveQueue(config.receiveDepth(), config.maxBuffers(), completions);
    // More can never be outstanding than can be posted.
    reads = new OutboundReads(Math.min(config.ord(), config.sendDepth()));
    // A Read can be the ready-to-receive indication even where the ULP wants none.
    answers = new InboundReads(Math.max(config.ird(), config.rtr() == RtrKind.READ ? 1 : 0));
    decoder =
        new FpduDecoder(
            config.crc(), config.receiveMarkers(), config.start().receivedOctets(), buffers);
    wakeUp = new WakeUp(config.wakesUp(), config.wakeUpNanos());
    transmitter = new Transmitter(config, batch, requests, reads, answers, ending, memory, wakeUp);
    receiver = new Receiver(config, decoder, memory, requests, receives, reads, answers, ending);
    heard = config.start().opened();
  }

  // ---- posting

  /**
   * Posts a Send.
   *
   * @param id returned in the completion
   * @param message what to send; empty for a zero-length message
   * @param solicited whether the peer is asked to raise an event
   * @param invalidate whether {@code invalidateStag} is revoked at the peer
   * @param invalidateStag an STag of the peer, if so
   */
  public Posted postSend(
      long id, LocalBuffers message, boolean solicited, boolean invalidate, int invalidateStag) {
    Posted verdict = checkOutgoing(message, message.totalBytes());
    if (verdict == Posted.ACCEPTED) {
      boolean atOnce = transmitter.takesAtOnce(message);
      SendRequest request = claim(id, Operation.SEND, message, atOnce);
      request.opcode = Opcode.send(solicited, invalidate);
      request.remoteStag = invalidateStag;
      commit(request, message, atOnce);
    }
    return verdict;
  }

  /** Posts eight octets of immediate data, first on the wire most significant. */
  public Posted postImmediate(long id, long data, boolean solicited) {
    if (!config.immediate()) {
      return Posted.NOT_OFFERED;
    }
    Posted verdict = checkQueue();
    if (verdict == Posted.ACCEPTED) {
      SendRequest request = requests.claim();
      request.reset(id, Operation.IMMEDIATE);
      request.opcode = solicited ? Opcode.IMMEDIATE_SE : Opcode.IMMEDIATE;
      request.data = data;
      request.length = IMMEDIATE_BYTES;
      requests.commit();
    }
    return verdict;
  }

  /** Posts a Write of {@code source} to the peer's memory. */
  public Posted postWrite(long id, LocalBuffers source, int stag, long taggedOffset) {
    Posted verdict = checkOutgoing(source, source.totalBytes());
    if (verdict == Posted.ACCEPTED) {
      boolean atOnce = transmitter.takesAtOnce(source);
      SendRequest request = claim(id, Operation.WRITE, source, atOnce);
      request.opcode = Opcode.WRITE;
      request.remoteStag = stag;
      request.remoteOffset = taggedOffset;
      commit(request, source, atOnce);
    }
    return verdict;
  }

  /**
   * Posts a Read of the peer's memory. The sink's region needs REMOTE_WRITE, for the peer's answer
   * names its STag (RFC 5040, section 5.2.2).
   */
  public Posted postRead(
      long id, Region sink, long sinkOffset, long length, int sourceStag, long sourceTaggedOffset) {
    Objects.checkFromIndexSize(sinkOffset, length, sink.sizeBytes());
    if (config.ord() == 0) {
      return Posted.NOT_OFFERED;
    }
    if (length > MAX_MESSAGE_BYTES) {
      return Posted.TOO_LONG;
    }
    if (sink.domain() != config.domain() || !sink.mayWrite()) {
      return Posted.NO_ACCESS;
    }
    Posted verdict = checkQueue();
    if (verdict == Posted.ACCEPTED) {
      SendRequest request = requests.claim();
      request.reset(id, Operation.READ);
      request.buffers.add(sink, sinkOffset, length);
      request.length = length;
      request.remoteStag = sourceStag;
      request.remoteOffset = sourceTaggedOffset;
      requests.commit();
    }
    return verdict;
  }

  /** Posts the revocation of an STag of this end, after all earlier requests have completed. */
  public Posted postLocalInvalidate(long id, int stag) {
    Posted verdict = checkQueue();
    if (verdict == Posted.ACCEPTED) {
      SendRequest request = requests.claim();
      request.reset(id, Operation.LOCAL_INVALIDATE);
      request.remoteStag = stag;
      requests.commit();
    }
    return verdict;
  }

  /**
   * Posts an atomic FetchAdd (RFC 7306, section 5.1.1).
   *
   * @param id returned in the completion
   * @param original region for the former value, 8 bytes in native order
   * @param originalOffset where in that region
   * @param stag the peer's STag
   * @param taggedOffset the peer's word, a multiple of 8
   * @param add what to add
   * @param addMask bits that stop the carry
   */
  public Posted postFetchAdd(
      long id,
      Region original,
      long originalOffset,
      int stag,
      long taggedOffset,
      long add,
      long addMask) {
    Posted verdict = checkAtomic(original, originalOffset);
    if (verdict == Posted.ACCEPTED) {
      SendRequest request =
          claimAtomic(id, Operation.FETCH_ADD, original, originalOffset, stag, taggedOffset);
      request.data = add;
      request.mask = addMask;
      request.compare = 0;
      request.compareMask = 0;
      requests.commit();
    }
    return verdict;
  }

  /**
   * Posts an atomic CmpSwap (RFC 7306, section 5.1.2).
   *
   * @param id returned in the completion
   * @param original region for the former value, 8 bytes in native order
   * @param originalOffset where in that region
   * @param stag the peer's STag
   * @param taggedOffset the peer's word, a multiple of 8
   * @param compare what to compare with
   * @param compareMask which bits are compared
   * @param swap what to store
   * @param swapMask which bits are stored
   */
  public Posted postCompareSwap(
      long id,
      Region original,
      long originalOffset,
      int stag,
      long taggedOffset,
      long compare,
      long compareMask,
      long swap,
      long swapMask) {
    Posted verdict = checkAtomic(original, originalOffset);
    if (verdict == Posted.ACCEPTED) {
      SendRequest request =
          claimAtomic(id, Operation.COMPARE_SWAP, original, originalOffset, stag, taggedOffset);
      request.data = swap;
      request.mask = swapMask;
      request.compare = compare;
      request.compareMask = compareMask;
      requests.commit();
    }
    return verdict;
  }

  /** Posts a Receive: buffers for one message of the peer's. */
  public Posted postReceive(long id, LocalBuffers where) {
    if (ending.isOver()) {
      return Posted.STREAM_ENDED;
    }
    if (receives.isFull()) {
      return Posted.QUEUE_FULL;
    }
    if (where.count() > config.maxBuffers()) {
      return Posted.TOO_MANY_BUFFERS;
    }
    if (!where.areOfDomain(config.domain()) || !where.areWritable()) {
      return Posted.NO_ACCESS;
    }
    receives.post(id, where);
    return Posted.ACCEPTED;
  }

  // ---- completions

  /** Hands at most {@code max} completions to {@code handler}; returns how many. */
  public int pollCompletions(CompletionHandler handler, int max) {
    int count = 0;
    while (count < max && !completions.isEmpty()) {
      count++;
      // First, so that the handler can post into the place that has become free.
      if (completions.isOldestReceive()) {
        receives.release();
      } else {
        requests.release();
      }
      completions.poll(handler);
    }
    return count;
  }

  /** How many completions there are to poll. */
  public int completionCount() {
    return completions.size();
  }

  // ---- bytes out

  /**
   * What to write to TCP. The same batch comes back until it is written; call {@link #transmitted}
   * after each write.
   */
  public TransmitBatch pollTransmit(long nowNanos) {
    if (!batch.isSealed() && !outputClosed && !lost) {
      transmitter.fill(nowNanos);
      settle();
    }
    return batch;
  }

  /**
   * Whether {@link #pollTransmit} looks at the time; once a stream runs it does not, and an owner
   * need not read a clock.
   */
  public boolean heedsTime() {
    return transmitter.heedsTime();
  }

  /** Whether {@link #pollTransmit} has nothing to give until something is posted or received. */
  public boolean hasNothingToSend() {
    return batch.isEmpty() && transmitter.hasNothingToDo() && wakeUp.isOver();
  }

  /**
   * Copies bytes of a region that wait for TCP, so that its memory can go although the peer does
   * not read: {@link Region#isBusy} is false then, as far as this stream is concerned.
   */
  public void copyLent(Region region) {
    batch.copyLent(region);
  }

  /** TCP has taken some of the batch: the buffers' positions say how much. */
  public void transmitted() {
    batch.dropWritten();
    settle();
  }

  /** When to call {@link #pollTransmit} although nothing else has happened. */
  public long nextDeadlineNanos() {
    if (transmitter.awaitsTime()) {
      return config.firstFpduNotBeforeNanos();
    }
    // Nothing is sent after the end, so what was due has no time any more.
    return ending.isOver() ? NO_DEADLINE : wakeUp.dueNanos();
  }

  /** TCP's effective maximum segment size has changed. */
  public void setEmss(int emss) {
    transmitter.setEmss(emss);
  }

  // ---- bytes in

  /** Where to read what comes: valid until the next call of any method that does not post. */
  public ByteBuffer receiveBuffer() {
    return decoder.buffer();
  }

  /** Says that {@code count} bytes are at the start of {@link #receiveBuffer}, and acts on them. */
  public void received(int count) {
    decoder.received(count);
    while (!ending.isOver()) {
      if (stopsWhenQuiet && isPeerQuiet()) {
        inputStopped = true;
        settle();
        return;
      }
      switch (decoder.next()) {
        case NEED_MORE -> {
          settle();
          return;
        }
        case ULPDU -> {
          heard = true;
          wakeUp.stop();
          transmitter.peerHeard();
          receiver.accept(decoder.ulpduOffset(), decoder.ulpduLength());
        }
        case CRC_MISMATCH -> ending.fail(TerminateCause.LLP_CRC, "CRC of an FPDU");
        case MARKER_MISMATCH ->
            ending.fail(TerminateCause.LLP_MARKER, "a marker does not point to an FPDU");
      }
    }
    // Whatever follows an error or a Terminate is read and dropped (RFC 5040, section 7).
    decoder.discard();
    settle();
  }

  /** Acts on all bytes of {@code from}: a copy that {@link #receiveBuffer} would save. */
  public void receive(ByteBuffer from) {
    while (from.hasRemaining()) {
      ByteBuffer to = receiveBuffer();
      int count = Math.min(from.remaining(), to.remaining());
      int limit = from.limit();
      from.limit(from.position() + count);
      to.put(from);
      from.limit(limit);
      received(count);
    }
  }

  /** Gives memory back that only bytes on their way need; it is taken anew when they come. */
  public void releaseIdleMemory() {
    if (ending.isOver()) {
      // Nothing will be done with it, and it must not keep a buffer.
      decoder.discard();
    }
    batch.releaseIfEmpty();
    decoder.releaseIdleMemory();
  }

  /**
   * Like {@link #releaseIdleMemory}, but only where many streams want such memory and this one has
   * nothing in it. For between two reads: it costs next to nothing, and copies nothing.
   */
  public void yieldMemory() {
    if (buffers.isInDemand() && decoder.unfinishedBytes() == 0) {
      releaseIdleMemory();
    }
  }

  // ---- the end

  /** The peer's FIN has come, after all its bytes. */
  public void peerClosed() {
    if (decoder.unfinishedBytes() > 0) {
      ending.end(new StreamEnd.TruncatedByPeer());
    } else if (closing && isDrained()) {
      ending.end(new StreamEnd.ClosedLocally());
    } else {
      ending.end(new StreamEnd.ClosedByPeer());
    }
    settle();
  }

  /** TCP has failed, or this end aborted: nothing can be sent any more. */
  public void connectionLost(StreamEnd how) {
    // What TCP has taken counts as sent; the rest of the batch never will be.
    transmitted();
    lost = true;
    ending.end(how);
    transmitter.close();
    batch.discard();
    settle();
  }

  /**
   * Starts an orderly close: what is posted is still done, nothing more can be posted but Receives,
   * and then {@link #wantsHalfClose}.
   */
  public void closeRequested() {
    closing = true;
  }

  /**
   * Ends the stream with a Terminate of this end's own. A Responder that has not heard its peer
   * ends it without one: it may not send any FPDU yet (RFC 5044, section 7.1.2, rule 4).
   */
  public void terminate(TerminateCause cause, String reason) {
    ending.fail(cause, reason);
    if (!transmitter.maySpeak()) {
      ending.terminateDone();
    }
    settle();
  }

  /**
   * Ends the stream with what start-up found ({@code MpaStartup.terminate}): either end tells it as
   * its first and last message (RFC 6581, section 9).
   */
  public void terminate(MpaTerminate cause, String reason) {
    ending.fail(
        switch (cause) {
          case LOCAL_CATASTROPHIC -> TerminateCause.LLP_LOCAL_CATASTROPHIC;
          case INSUFFICIENT_IRD -> TerminateCause.LLP_INSUFFICIENT_IRD;
          case NO_MATCHING_RTR -> TerminateCause.LLP_NO_MATCHING_RTR;
        },
        reason);
    settle();
  }

  /** Whether the stream has ended with a Terminate of this end's that is still to be sent. */
  public boolean isTerminatePending() {
    return ending.isTerminatePending();
  }

  /**
   * Replaces the words of a Terminate that is still to be sent, as an adapter does whose host
   * composes it. {@link #end} stays as it is.
   *
   * @param message control field and headers (RFC 5040, section 4.8), at most {@value
   *     TerminateCodec#MAX_BYTES} bytes
   * @return whether there was one
   */
  public boolean rewordTerminate(ByteBuffer message) {
    return ending.reword(message);
  }

  /** Gives up a Terminate that is still to be sent. */
  public void withholdTerminate() {
    ending.terminateDone();
    settle();
  }

  /**
   * Whether the owner has to close its direction of TCP now, with a FIN: all is sent, the Terminate
   * included. Stays true.
   */
  public boolean wantsHalfClose() {
    if (!outputClosed && !lost) {
      // An error may be found while this end is closing: its Terminate still has to go out first.
      outputClosed =
          ending.isOver()
              ? !ending.isTerminatePending() && batch.isEmpty()
              : closing && isDrained() && !wakeUp.holdsClose();
      if (outputClosed) {
        transmitter.close();
      }
    }
    return outputClosed;
  }

  /** How the stream ended; empty while it lives. */
  public Optional<StreamEnd> end() {
    return Optional.ofNullable(ending.end());
  }

  /** Whether the stream is over and every posted request has its completion. */
  public boolean isFlushed() {
    return flushed;
  }

  // ---- moving to another engine

  /**
   * Begins no further work requests, or does again. Messages under way, answers to the peer and all
   * that comes in go on.
   */
  public void holdWork(boolean holding) {
    transmitter.setHolding(holding);
  }

  /**
   * Whether no message of this end's is half sent, and none of its requests waits for an answer.
   */
  public boolean isWorkQuiet() {
    return !transmitter.isSendingRequest() && reads.isEmpty();
  }

  /**
   * Takes no further FPDU once {@link #isWorkQuiet} and {@link #isBetweenMessages} hold together,
   * or takes all again. Octets that are there already wait; the owner reads no more of them while
   * {@link #isInputStopped}.
   */
  public void stopInputWhenQuiet(boolean stop) {
    stopsWhenQuiet = stop;
    inputStopped = stop && isPeerQuiet();
    if (!stop) {
      received(0);
    }
  }

  /** Whether octets that come are to stay with TCP. */
  public boolean isInputStopped() {
    return inputStopped;
  }

  private boolean isPeerQuiet() {
    return isWorkQuiet() && isBetweenMessages();
  }

  /** Whether this end closes the stream. */
  public boolean isClosing() {
    return closing;
  }

  /** Whether all of the peer's requests are answered, and all octets are with TCP. */
  public boolean isAnswered() {
    return answers.isEmpty() && batch.isEmpty();
  }

  /**
   * How many octets of the peer's FPDU under way are still to come: 0 between two FPDUs, {@link
   * FpduDecoder#UNKNOWN} while nobody can tell.
   */
  public int missingOctets() {
    return decoder.missingBytes();
  }

  /** Whether no message of the peer's on queue 0 is half received. */
  public boolean isBetweenMessages() {
    return receiver.isBetweenMessages();
  }

  /** What of {@link #state} can be told while the stream runs, and may change at once. */
  public void profile(IwarpConnectionDescriptor.Builder to) {
    StreamPosition now = position();
    to.present(DescriptorFields.IWARP_PHASE, IwarpPhase.RDMA, RUNNING)
        .present(DescriptorFields.SEND_MSN, now.sendMsn() & UINT32, RUNNING)
        .present(DescriptorFields.READ_REQUEST_MSN, now.requestMsn() & UINT32, RUNNING)
        .present(DescriptorFields.RECEIVE_MSN, now.receiveMsn() & UINT32, RUNNING)
        .put(DescriptorFields.READ_RESPONSE_MSN, StreamState.peerRequestMsn(now, RUNNING))
        .present(DescriptorFields.ATOMIC_RESPONSE_MSN, now.atomicResponseMsn() & UINT32, RUNNING)
        .present(
            DescriptorFields.PEER_ATOMIC_RESPONSE_MSN,
            now.peerAtomicResponseMsn() & UINT32,
            RUNNING);
  }

  /**
   * Where the stream stands. Changes nothing that shows, so the stream can go on after all; the
   * owner must move no bytes between this and what it does about it.
   *
   * @throws IllegalStateException when the stream has ended, or is being closed
   */
  public StreamState state() {
    if (ending.isOver() || closing || lost) {
      throw new IllegalStateException("the stream has ended, or is being closed");
    }
    transmitter.flush();
    StateWriter writer = new StateWriter();
    return new StreamState(
        position(),
        heard,
        transmitter.isRtrSent(),
        reads.isReadyToReceiveAwaited(),
        writer.started(requests),
        writer.posted(requests),
        writer.receives(receives),
        writer.peerRequests(answers),
        Optional.ofNullable(receiver.partialMessage()),
        completions.copy(),
        writer.regions(),
        batch.unwritten(),
        decoder.unconsumed());
  }

  /**
   * Goes on where the stream of another engine stood. For a stream that was configured to start at
   * the state's position, on which nothing has happened yet, not even a post.
   *
   * @param regions finds the region of an STag on this connection, valid or not
   * @throws IllegalArgumentException when the state does not fit: a region is unknown, or there is
   *     more of something than this stream has room for
   */
  public void restore(StreamState state, IntFunction<@Nullable Region> regions) {
    StateReader reader = new StateReader(regions);
    if (state.readyToReceiveAwaited()) {
      reads.addReadyToReceive();
    }
    SendRequest halfSent = null;
    for (StartedWork started : state.started()) {
      if (started.progress() == StartedWork.Progress.AWAITING_RESPONSE && reads.isFull()) {
        throw new IllegalArgumentException("more Reads outstanding than the ORD");
      }
      halfSent = reader.restore(started, requests, reads);
    }
    state.receives().forEach(receive -> reader.restore(receive, config.maxBuffers(), receives));
    state.peerRequests().forEach(request -> reader.restore(request, answers));
    heard = state.peerHeard();
    if (heard) {
      wakeUp.stop();
    }
    transmitter.restore(state, halfSent);
    receiver.restore(state);
    settle();
  }

  /** Forgets all: another engine goes on with it. Nothing is flushed, and nothing can be done. */
  public void moved() {
    lost = true;
    flushed = true;
    transmitter.close();
    batch.discard();
    decoder.discard();
    decoder.releaseIdleMemory();
    completions.clear();
  }

  // ---- state

  /** What was sent so far. */
  public TrafficCounters sent() {
    return transmitter.traffic().snapshot(transmitter.position() - config.start().sentOctets());
  }

  /** What was received so far. */
  public TrafficCounters received() {
    return receiver.traffic().snapshot(decoder.position() - config.start().receivedOctets());
  }

  /** Where the stream stands. Exact only when {@link #isQuiet}. */
  public StreamPosition position() {
    return new StreamPosition(
        transmitter.sendMsn(),
        transmitter.requestMsn(),
        transmitter.atomicResponseMsn(),
        receiver.receiveMsn(),
        receiver.requestMsn(),
        receiver.atomicResponseMsn(),
        transmitter.position(),
        decoder.position(),
        heard && transmitter.isRtrSent());
  }

  /** Whether nothing is under way in either direction, so that the connection can be moved. */
  public boolean isQuiet() {
    return isDrained() && receiver.isBetweenMessages() && decoder.unfinishedBytes() == 0;
  }

  /** Whether the peer has sent a valid FPDU. */
  public boolean hasHeardPeer() {
    return heard;
  }

  public StreamConfig config() {
    return config;
  }

  private boolean isDrained() {
    return requests.isIdle()
        && reads.isEmpty()
        && answers.isEmpty()
        && transmitter.isIdle()
        && batch.isEmpty();
  }

  /** Completes what is done; when the stream is over and TCP holds no views, all the rest. */
  private void settle() {
    if (ending.isOver()) {
      transmitter.takeBack();
    }
    if (!lost) {
      requests.complete(transmitter.position() - batch.remainingBytes());
    }
    if (ending.isOver() && batch.isEmpty() && !flushed) {
      flushed = true;
      requests.flush(receiver.refused());
      receives.flush();
    }
  }

  private Posted checkQueue() {
    if (closing || ending.isOver()) {
      return Posted.STREAM_ENDED;
    }
    return requests.isFull() ? Posted.QUEUE_FULL : Posted.ACCEPTED;
  }

  private Posted checkOutgoing(LocalBuffers buffers, long length) {
    if (length > MAX_MESSAGE_BYTES) {
      return Posted.TOO_LONG;
    }
    if (buffers.count() > config.maxBuffers()) {
      return Posted.TOO_MANY_BUFFERS;
    }
    return buffers.areOfDomain(config.domain()) ? checkQueue() : Posted.NO_ACCESS;
  }

  private Posted checkAtomic(Region original, long offset) {
    Objects.checkFromIndexSize(offset, Long.BYTES, original.sizeBytes());
    if (!config.atomics() || config.ord() == 0) {
      return Posted.NOT_OFFERED;
    }
    if (original.domain() != config.domain() || !original.isWritable()) {
      return Posted.NO_ACCESS;
    }
    return checkQueue();
  }

  private SendRequest claim(
      long id, Operation operation, LocalBuffers buffers, boolean goesAtOnce) {
    SendRequest request = requests.claim();
    if (goesAtOnce) {
      request.resetSent(id, operation, buffers.totalBytes());
    } else {
      request.reset(id, operation);
      request.buffers.copyFrom(buffers);
      request.length = buffers.totalBytes();
    }
    return request;
  }

  private void commit(SendRequest request, LocalBuffers buffers, boolean goesAtOnce) {
    requests.commit();
    if (goesAtOnce) {
      transmitter.putAtOnce(request, buffers);
    }
  }

  private SendRequest claimAtomic(
      long id, Operation operation, Region original, long offset, int stag, long taggedOffset) {
    SendRequest request = requests.claim();
    request.reset(id, operation);
    request.buffers.add(original, offset, Long.BYTES);
    request.length = Long.BYTES;
    request.remoteStag = stag;
    request.remoteOffset = taggedOffset;
    return request;
  }
}
