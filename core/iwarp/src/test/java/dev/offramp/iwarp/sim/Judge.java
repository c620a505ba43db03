package dev.offramp.iwarp.sim;

import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.rdmap.TerminateCause;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares what one end sees with the model: each completion as it is polled, memory at the end.
 */
final class Judge implements CompletionHandler {
  private final Peer self;
  private int polled;
  private int receiptsPolled;
  private int delivered;
  private int taken;
  private boolean flushing;

  Judge(Peer self) {
    this.self = self;
  }

  int polled() {
    return polled;
  }

  int receiptsPolled() {
    return receiptsPolled;
  }

  @Override
  public void completed(
      long id, Operation operation, CompletionStatus status, long bytes, CompletionDetail detail) {
    Completion completion = Completion.of(id, operation, status, bytes, detail);
    if (operation == Operation.RECEIVE) {
      received(completion);
    } else {
      done(completion);
    }
    Invariant.ENDS_AGREE.require(
        status != CompletionStatus.FLUSHED || self.isOver(), "flushed in a living stream");
  }

  // ---- Receives

  private void received(Completion completion) {
    Application application = self.application();
    for (int i = 0; i < receiptsPolled; i++) {
      Invariant.COMPLETES_ONCE.require(
          application.receipts.get(i).id != completion.id(), "Receive again: " + completion);
    }
    Invariant.COMPLETES_ONCE.require(
        receiptsPolled < application.receipts.size(), "nobody posted " + completion);
    Receipt receipt = application.receipts.get(receiptsPolled);
    Invariant.SENDS_IN_ORDER.require(
        receipt.id == completion.id(), completion + ", expected Receive " + receipt.id);
    receiptsPolled++;
    receipt.completion = completion;
    switch (completion.status()) {
      case SUCCESS -> delivered(receipt, completion);
      case FLUSHED -> {}
      case MESSAGE_TOO_LONG ->
          Invariant.ERROR_NAMED.require(
              nextMessage() != null
                  && nextMessage().error == TerminateCause.UNTAGGED_MESSAGE_TOO_LONG,
              completion);
      default -> throw new Violation(Invariant.DATA_INTACT, completion.toString());
    }
  }

  private @Nullable Request nextMessage() {
    Application theirs = self.other().application();
    return delivered < theirs.messages.size() ? theirs.messages.get(delivered) : null;
  }

  private void delivered(Receipt receipt, Completion completion) {
    Request message = nextMessage();
    Invariant.DATA_INTACT.require(message != null, "nobody sent " + completion);
    if (message == null) {
      return;
    }
    Invariant.ERROR_NAMED.require(message.error == null, completion + " of " + message);
    Invariant.NOTHING_AFTER_ERROR.require(!message.behindError, completion + " of " + message);
    delivered++;
    boolean immediate = message.operation == Operation.IMMEDIATE;
    Invariant.DATA_INTACT.require(
        completion.bytes() == (immediate ? Long.BYTES : message.payload.length)
            && completion.solicited() == message.solicited
            && completion.immediate().isPresent() == immediate
            && completion.immediate().orElse(0) == message.immediate
            && (immediate || contains(receipt, message.payload, message.payload.length)),
        completion + " of " + message);
    Invariant.INVALIDATION_TOLD.require(
        message.invalidates
            ? completion.invalidatedStag().equals(OptionalInt.of(message.stag))
                && !self.memory.tickets.get(message.revoked).region().isValid()
            : completion.invalidatedStag().isEmpty(),
        completion + " of " + message);
    for (Request earlier : self.other().application().requests) {
      if (earlier == message) {
        return;
      }
      Invariant.WRITES_BEFORE_SEND.require(
          earlier.operation != Operation.WRITE || isPlaced(earlier),
          earlier + " is missing at " + completion);
    }
  }

  private boolean contains(Receipt receipt, byte[] payload, int count) {
    int done = 0;
    for (Receipt.Piece piece : receipt.pieces) {
      int here = Math.min(piece.bytes(), count - done);
      if (!Arrays.equals(
          self.memory.now(piece.at(), here), Arrays.copyOfRange(payload, done, done + here))) {
        return false;
      }
      done += here;
    }
    return done == count;
  }

  private boolean isPlaced(Request write) {
    return write.payload.length == 0
        || Arrays.equals(self.memory.now(write.at, write.payload.length), write.payload);
  }

  // ---- requests

  private void done(Completion completion) {
    Application application = self.application();
    Invariant.COMPLETES_ONCE.require(
        polled < application.requests.size() && completion.id() > polled,
        completion + " after " + polled + " of " + application.requests.size());
    Request request = application.requests.get(polled);
    Invariant.COMPLETIONS_IN_ORDER.require(
        request.id == completion.id() && request.operation == completion.operation(),
        completion + ", expected " + request);
    polled++;
    request.completion = completion;
    switch (completion.status()) {
      case SUCCESS -> succeeded(request, completion);
      case INVALID_REGION ->
          Invariant.ERROR_NAMED.require(request.refusedHere, completion + " of " + request);
      case FLUSHED -> flushing = true;
      case TERMINATED_BY_PEER -> {
        flushing = true;
        Invariant.ERROR_NAMED.require(request.error != null, completion + " of " + request);
      }
      default -> throw new Violation(Invariant.DATA_INTACT, completion.toString());
    }
  }

  private void succeeded(Request request, Completion completion) {
    Invariant.COMPLETIONS_IN_ORDER.require(!flushing, completion + " after a flushed one");
    Invariant.ERROR_NAMED.require(!request.refusedHere, completion + " of " + request);
    switch (request.operation) {
      case SEND, WRITE, IMMEDIATE -> {
        taken++;
        Invariant.COMPLETES_WHEN_TAKEN.require(
            self.sent().messages() >= taken,
            completion + ", but TCP has " + self.sent().messages() + " messages");
      }
      case READ -> {
        Invariant.ERROR_NAMED.require(request.error == null, completion + " of " + request);
        Invariant which = request.afterWrite ? Invariant.READ_AFTER_WRITE : Invariant.DATA_INTACT;
        which.require(isPlaced(request), completion + " of " + request);
      }
      case FETCH_ADD, COMPARE_SWAP -> {
        Invariant.ERROR_NAMED.require(request.error == null, completion + " of " + request);
        long seen = self.memory.slab.get(Values.WORD, request.at);
        Invariant.ATOMICS_EXACT.require(
            seen == request.before, "former value " + seen + ", expected " + request.before);
      }
      case LOCAL_INVALIDATE ->
          Invariant.INVALIDATION_TOLD.require(
              !self.memory.locals.get(request.revoked).region().isValid(), completion);
      case RECEIVE -> throw new Violation(Invariant.COMPLETES_ONCE, completion.toString());
    }
  }

  /** Everything posted has been done, although not all of it has been polled. */
  void requireDrained() {
    self.poll(Integer.MAX_VALUE);
    for (Request request : self.application().requests) {
      Completion completion = request.completion;
      Invariant.CLOSE_DRAINS.require(
          completion != null
              && (completion.isSuccess() || completion.status() == CompletionStatus.INVALID_REGION),
          request + ": " + completion);
    }
  }

  /** Whether every request has completed. */
  boolean isAllDone() {
    return polled == self.application().requests.size();
  }

  // ---- start-up

  /** The ORD that both frames together allow. */
  int agreedOrd() {
    MpaOptions mine = self.wishes();
    MpaOptions peers = self.other().wishes();
    return isEnhanced() ? Math.min(mine.ord(), ird(peers, mine)) : mine.ord();
  }

  /** A Responder's IRD covers the Initiator's ORD (RFC 6581, section 9.1). */
  private int ird(MpaOptions wishes, MpaOptions peers) {
    boolean grows = isEnhanced() && wishes.role() == MpaRole.RESPONDER;
    return grows ? Math.max(wishes.ird(), peers.ord()) : wishes.ird();
  }

  private boolean isEnhanced() {
    return self.startup().result().revision() == 2;
  }

  void checkAgreement() {
    Optional<MpaResult> mine = self.agreed();
    Optional<MpaResult> theirs = self.other().agreed();
    if (mine.isEmpty() || theirs.isEmpty()) {
      return;
    }
    MpaResult here = mine.get();
    MpaResult there = theirs.get();
    MpaOptions wishes = self.wishes();
    MpaOptions peers = self.other().wishes();
    Set<RtrKind> common = EnumSet.noneOf(RtrKind.class);
    common.addAll(wishes.rtrKinds());
    if (!peers.rtrKinds().isEmpty()) {
      common.retainAll(peers.rtrKinds());
    }
    boolean initiator = here.role() == MpaRole.INITIATOR;
    Invariant.STARTUP_AGREES.require(
        here.crc() == (wishes.crc() || peers.crc())
            && here.crc() == there.crc()
            && here.sendMarkers() == peers.receiveMarkers()
            && here.receiveMarkers() == wishes.receiveMarkers()
            && here.ord() == agreedOrd()
            && here.ird() == ird(wishes, peers)
            && here.rtr() == there.rtr()
            && (!initiator
                || (common.isEmpty() ? here.rtr() == RtrKind.NONE : common.contains(here.rtr()))),
        here + " and " + there);
  }

  // ---- the end

  @Nullable StreamEnd end() {
    return self.engine().end().orElse(null);
  }

  /** All requests and Receives have completed, and memory is what the model says. */
  void checkEnd(boolean allDone) {
    Application mine = self.application();
    Invariant.PROGRESS.require(end() != null, self.role + " has not ended");
    Invariant.PROGRESS.require(
        polled == mine.requests.size() && receiptsPolled == mine.receipts.size(),
        self.role + " waits for completions");
    if (allDone) {
      for (Request request : mine.requests) {
        Completion completion = request.completion;
        Invariant.PROGRESS.require(
            completion != null
                && completion.status()
                    == (request.refusedHere
                        ? CompletionStatus.INVALID_REGION
                        : CompletionStatus.SUCCESS),
            request + ": " + completion);
      }
    }
    Invariant.BUFFERS_RETURNED.require(!self.memory.isBusy(), self.role);
    checkMemory(allDone);
  }

  private void checkMemory(boolean allDone) {
    byte[] expected = self.memory.initial.clone();
    Application theirs = self.other().application();
    for (Request request : theirs.requests) {
      if (request.operation == Operation.WRITE && request.error == null) {
        place(expected, request, allDone);
      }
    }
    for (Request request : self.application().requests) {
      if (request.operation == Operation.READ && request.error == null) {
        place(expected, request, request.completion != null && request.completion.isSuccess());
      } else if (request.isAtomic()
          && request.completion != null
          && request.completion.isSuccess()) {
        copyNow(expected, request.at, Long.BYTES);
      }
    }
    placeMessages(expected);
    placeWords(expected, theirs, allDone);
    byte[] now = self.memory.now(0, expected.length);
    int at = Arrays.mismatch(now, expected);
    Invariant.NOTHING_OUTSIDE_TARGET.require(
        at < 0, self.role + ", octet " + at + " of " + expected.length);
  }

  private void copyNow(byte[] expected, int at, int count) {
    System.arraycopy(self.memory.now(at, count), 0, expected, at, count);
  }

  /** A message is there as a whole, or, where the stream ended, as far as it came. */
  private void place(byte[] expected, Request request, boolean whole) {
    int length = request.payload.length;
    if (length == 0) {
      return;
    }
    byte[] now = self.memory.now(request.at, length);
    int same = Arrays.mismatch(now, request.payload);
    int placed = same < 0 ? length : same;
    if (request.behindError && self.isOver()) {
      Invariant.NOTHING_AFTER_ERROR.require(
          Arrays.equals(now, Arrays.copyOfRange(expected, request.at, request.at + length)),
          request);
    }
    Invariant.DATA_INTACT.require(
        (!whole || placed == length)
            && Arrays.equals(
                now, placed, length, expected, request.at + placed, request.at + length),
        request + ", " + placed + " bytes placed");
    System.arraycopy(now, 0, expected, request.at, length);
  }

  /** Receives hold what was delivered; the one after the last may hold a part. */
  private void placeMessages(byte[] expected) {
    int message = 0;
    for (Receipt receipt : self.application().receipts) {
      boolean success = receipt.completion != null && receipt.completion.isSuccess();
      if (message >= self.other().application().messages.size()) {
        return;
      }
      Request sent = self.other().application().messages.get(message++);
      if (sent.operation == Operation.SEND) {
        int count = 0;
        for (Receipt.Piece piece : receipt.pieces) {
          for (int i = 0; i < piece.bytes() && count < sent.payload.length; i++, count++) {
            byte now = self.memory.now(piece.at() + i, 1)[0];
            if (!success && now != sent.payload[count]) {
              return; // from here on nothing may have been placed
            }
            expected[piece.at() + i] = sent.payload[count];
          }
        }
      }
      if (!success) {
        return;
      }
    }
  }

  /** Each word has the value after some of the peer's atomics, at least those that succeeded. */
  private void placeWords(byte[] expected, Application theirs, boolean allDone) {
    for (int word = 0; word < Application.WORDS; word++) {
      List<Long> possible = new ArrayList<>();
      for (Request request : theirs.requests) {
        if (request.isAtomic() && request.word == word && request.error == null) {
          boolean certain =
              allDone || (request.completion != null && request.completion.isSuccess());
          if (possible.isEmpty()) {
            possible.add(request.before);
          }
          if (certain) {
            possible.clear();
          }
          possible.add(request.after);
        }
      }
      int at = self.memory.words.at() + Long.BYTES * word;
      long now = self.memory.slab.get(Values.WORD, at);
      if (!possible.isEmpty()) {
        Invariant.ATOMICS_EXACT.require(possible.contains(now), "word " + word + " is " + now);
        copyNow(expected, at, Long.BYTES);
      }
    }
  }
}
