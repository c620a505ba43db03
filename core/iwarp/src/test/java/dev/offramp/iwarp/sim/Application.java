package dev.offramp.iwarp.sim;

import dev.offramp.api.rdma.Operation;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.TerminateCause;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The program of one end: random requests, each with its model. Two rules keep every outcome
 * determined: an octet is written at most once, and each word belongs to one end's atomics.
 */
final class Application {
  static final int WORDS = 64;
  private static final int MAX_PIECES = 3;

  private final Peer self;
  private final RandomGenerator random;
  private final boolean extensions;
  private final boolean reads;
  private final int depth;
  private final LocalBuffers buffers = new LocalBuffers(MAX_PIECES);

  final List<Request> requests = new ArrayList<>();
  final List<Receipt> receipts = new ArrayList<>();

  /** Requests that take the peer's Receives, in order. */
  final List<Request> messages = new ArrayList<>();

  final long[] words = new long[WORDS];
  private long nextId = 1;
  private int targetUsed;
  private int sinkUsed;
  private int inboxUsed;
  private int originalsUsed;
  private int ticketsUsed;
  private int localsUsed;
  private boolean errorPosted;
  private boolean noMoreReceives;

  Application(Peer self, RandomGenerator random, boolean extensions, boolean reads, int depth) {
    this.self = self;
    this.random = random;
    this.extensions = extensions;
    this.reads = reads;
    this.depth = depth;
    for (int i = 0; i < WORDS; i++) {
      words[i] = self.other().memory.slab.get(Values.WORD, wordAt(i));
    }
  }

  private long wordAt(int word) {
    return self.other().memory.words.at() + 8L * word;
  }

  boolean isErrorPosted() {
    return errorPosted;
  }

  /** Does one thing: posts a request or a Receive. */
  void step() {
    if (random.nextInt(3) == 0) {
      receive();
    } else {
      request();
    }
  }

  private long outstanding() {
    return requests.size() - self.polled();
  }

  /** Whether a request must be accepted; checks the verdict. */
  private boolean accepted(Posted seen) {
    Posted expected = Posted.ACCEPTED;
    if (self.isOver() || self.isClosing()) {
      expected = Posted.STREAM_ENDED;
    } else if (outstanding() == depth) {
      expected = Posted.QUEUE_FULL;
    }
    Invariant.QUEUES_ACCOUNTED.require(
        seen == expected, seen + ", expected " + expected + " with " + outstanding() + "/" + depth);
    self.kick();
    return seen == Posted.ACCEPTED;
  }

  private void keep(Request request) {
    request.behindError = errorPosted;
    requests.add(request);
    nextId++;
    if (request.takesReceive()) {
      messages.add(request);
    }
    if (request.error != null) {
      errorPosted = true;
    }
  }

  // ---- Receives

  private void receive() {
    if (noMoreReceives) {
      return;
    }
    Memory.Area inbox = self.memory.inbox;
    buffers.clear();
    List<Receipt.Piece> pieces = new ArrayList<>();
    int used = inboxUsed;
    for (int i = random.nextInt(MAX_PIECES + 1); i > 0; i--) {
      int bytes = length(inbox.bytes() - used);
      buffers.add(inbox.region(), used, bytes);
      pieces.add(new Receipt.Piece(inbox.at() + used, bytes));
      used += bytes;
    }
    long waiting = receipts.size() - self.receiptsPolled();
    Posted expected = Posted.ACCEPTED;
    if (self.isOver()) {
      expected = Posted.STREAM_ENDED;
    } else if (waiting == depth) {
      expected = Posted.QUEUE_FULL;
    }
    long id = 1_000_000L + receipts.size();
    Posted seen = self.engine().receive(id, buffers);
    Invariant.QUEUES_ACCOUNTED.require(seen == expected, seen + ", expected " + expected);
    if (seen == Posted.ACCEPTED) {
      receipts.add(new Receipt(id, pieces));
      inboxUsed = used;
    }
  }

  // ---- requests

  private void request() {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> send();
      case 3, 4, 5 -> write();
      case 6, 7 -> read();
      case 8 -> fetchAdd();
      case 9 -> compareSwap();
      case 10 -> immediate();
      default -> invalidate();
    }
  }

  /** Mostly short, sometimes nothing, sometimes all that fits. */
  private int length(int room) {
    int most = Math.max(0, room);
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> Math.min(most, 1 + random.nextInt(16));
      case 2 -> Math.min(most, 1 + random.nextInt(self.memory.source.bytes() / 2));
      default -> Math.min(most, random.nextInt(1 + self.memory.source.bytes() / 16));
    };
  }

  /** Pieces of the sources with {@code length} bytes together; returns those bytes. */
  private byte[] gather(int length) {
    byte[] payload = new byte[length];
    buffers.clear();
    int done = 0;
    for (int i = 1 + random.nextInt(MAX_PIECES); i > 0; i--) {
      int count = i == 1 ? length - done : random.nextInt(length - done + 1);
      Memory.Area area = random.nextBoolean() ? self.memory.source : self.memory.otherSource;
      int offset = random.nextInt(area.bytes() - count + 1);
      buffers.add(area.region(), offset, count);
      System.arraycopy(self.memory.initial, area.at() + offset, payload, done, count);
      done += count;
    }
    return payload;
  }

  private int nextCapacity() {
    List<Receipt> theirs = self.other().application().receipts;
    return messages.size() < theirs.size() ? theirs.get(messages.size()).capacity() : -1;
  }

  private void send() {
    if (self.other().engineOrNull() == null || nextCapacity() < 0) {
      return;
    }
    Request request = new Request(nextId, Operation.SEND);
    request.solicited = random.nextBoolean();
    if (random.nextInt(6) == 0 && ticketsUsed < Memory.TICKETS) {
      request.invalidates = true;
      request.revoked = ticketsUsed;
      request.stag = self.other().memory.tickets.get(ticketsUsed).region().stag();
    }
    int most = Math.min(nextCapacity(), self.memory.source.bytes());
    request.payload = gather(random.nextInt(4) == 0 ? most : length(most));
    if (post(request)) {
      ticketsUsed += request.invalidates ? 1 : 0;
    }
  }

  private boolean post(Request request) {
    boolean accepted =
        accepted(
            self.engine()
                .send(request.id, buffers, request.solicited, request.invalidates, request.stag));
    if (accepted) {
      keep(request);
    }
    return accepted;
  }

  private void write() {
    Memory.Area target = self.other().memory.target;
    Request request = new Request(nextId, Operation.WRITE);
    request.payload =
        gather(Math.min(self.memory.source.bytes(), length(target.bytes() - targetUsed)));
    request.at = target.at() + targetUsed;
    if (accepted(
        self.engine().write(request.id, buffers, target.region().stag(), target.to(targetUsed)))) {
      targetUsed += request.payload.length;
      keep(request);
    }
  }

  /** What an Initiator has to do before its peer may speak. */
  void writeNothing() {
    buffers.clear();
    if (accepted(self.engine().write(nextId, buffers, 0, 0))) {
      keep(new Request(nextId, Operation.WRITE));
    }
  }

  private void read() {
    if (!reads) {
      return;
    }
    Memory.Area sink = self.memory.sink;
    Request request = new Request(nextId, Operation.READ);
    request.at = sink.at() + sinkUsed;
    int room = sink.bytes() - sinkUsed;
    Memory.Area from = self.other().memory.source;
    int offset;
    Request written = random.nextBoolean() ? someWrite() : null;
    if (written != null) {
      from = self.other().memory.target;
      int count = Math.min(room, written.payload.length);
      offset = written.at - from.at();
      request.payload = java.util.Arrays.copyOf(written.payload, count);
      request.afterWrite = true;
    } else {
      int count = Math.min(from.bytes(), length(room));
      offset = random.nextInt(from.bytes() - count + 1);
      request.payload =
          java.util.Arrays.copyOfRange(
              self.other().memory.initial, from.at() + offset, from.at() + offset + count);
    }
    if (accepted(
        self.engine()
            .read(
                request.id,
                sink.region(),
                sinkUsed,
                request.payload.length,
                from.region().stag(),
                from.to(offset)))) {
      sinkUsed += request.payload.length;
      keep(request);
    }
  }

  private @org.jspecify.annotations.Nullable Request someWrite() {
    List<Request> writes =
        requests.stream()
            .filter(r -> r.operation == Operation.WRITE && r.error == null)
            .filter(r -> r.payload.length > 0)
            .toList();
    return writes.isEmpty() ? null : writes.get(random.nextInt(writes.size()));
  }

  private boolean hasAtomics() {
    return extensions && reads && originalsUsed < WORDS;
  }

  private Request atomic(Operation operation) {
    Request request = new Request(nextId, operation);
    request.word = random.nextInt(random.nextBoolean() ? 2 : WORDS);
    request.before = words[request.word];
    request.at = self.memory.originals.at() + 8 * originalsUsed;
    return request;
  }

  private void keepAtomic(Request request) {
    originalsUsed++;
    words[request.word] = request.after;
    keep(request);
  }

  private void fetchAdd() {
    if (!hasAtomics()) {
      return;
    }
    Request request = atomic(Operation.FETCH_ADD);
    long add = random.nextLong();
    long mask = random.nextBoolean() ? 0 : random.nextLong() | Long.MIN_VALUE;
    request.after = Values.add(request.before, add, mask);
    Memory.Area area = self.other().memory.words;
    if (accepted(
        self.engine()
            .fetchAdd(
                request.id,
                self.memory.originals.region(),
                8L * originalsUsed,
                area.region().stag(),
                area.to(8L * request.word),
                add,
                mask))) {
      keepAtomic(request);
    }
  }

  private void compareSwap() {
    if (!hasAtomics()) {
      return;
    }
    Request request = atomic(Operation.COMPARE_SWAP);
    long compare = random.nextInt(3) == 0 ? random.nextLong() : request.before;
    long compareMask = random.nextLong();
    long swap = random.nextLong();
    long swapMask = random.nextLong();
    request.after = Values.swap(request.before, compare, compareMask, swap, swapMask);
    Memory.Area area = self.other().memory.words;
    if (accepted(
        self.engine()
            .compareSwap(
                request.id,
                self.memory.originals.region(),
                8L * originalsUsed,
                area.region().stag(),
                area.to(8L * request.word),
                compare,
                compareMask,
                swap,
                swapMask))) {
      keepAtomic(request);
    }
  }

  private void immediate() {
    if (!extensions || self.other().engineOrNull() == null || nextCapacity() < 0) {
      return;
    }
    Request request = new Request(nextId, Operation.IMMEDIATE);
    request.immediate = random.nextLong();
    request.solicited = random.nextBoolean();
    if (accepted(self.engine().immediate(request.id, request.immediate, request.solicited))) {
      keep(request);
    }
  }

  /** Revokes memory of this end's own, or tries to send from what it has revoked. */
  private void invalidate() {
    if (localsUsed > 0 && random.nextBoolean()) {
      Request request = new Request(nextId, Operation.SEND);
      request.refusedHere = true;
      Region region = self.memory.locals.get(random.nextInt(localsUsed)).region();
      buffers.clear().add(region, 0, 8);
      post(request);
    } else if (localsUsed < Memory.TICKETS) {
      Request request = new Request(nextId, Operation.LOCAL_INVALIDATE);
      request.revoked = localsUsed;
      int stag = self.memory.locals.get(localsUsed).region().stag();
      if (accepted(self.engine().localInvalidate(request.id, stag))) {
        localsUsed++;
        keep(request);
      }
    }
  }

  // ---- errors on purpose

  /** Tries to post a request that the peer has to refuse. */
  void postError() {
    if (self.other().engineOrNull() == null) {
      return;
    }
    switch (random.nextInt(reads ? extensions ? 5 : 4 : 3)) {
      case 0 -> wrongWrite();
      case 1 -> wrongSend();
      case 2 -> wrongInvalidate();
      case 3 -> wrongRead();
      default -> wrongAtomic();
    }
  }

  private void wrongWrite() {
    Memory theirs = self.other().memory;
    Request request = new Request(nextId, Operation.WRITE);
    byte[] unused = gather(1 + random.nextInt(60));
    int stag = theirs.target.region().stag();
    long to = theirs.target.to(theirs.target.bytes() - unused.length + 1 + random.nextInt(60));
    switch (random.nextInt(5)) {
      case 0 -> {
        stag = unknownStag(theirs);
        request.error = TerminateCause.TAGGED_INVALID_STAG;
      }
      case 1 -> {
        stag = theirs.source.region().stag();
        to = theirs.source.to(0);
        request.error = TerminateCause.REMOTE_ACCESS;
      }
      case 2 -> {
        stag = theirs.foreign.region().stag();
        to = theirs.foreign.to(0);
        request.error = TerminateCause.TAGGED_STAG_OF_OTHER_STREAM;
      }
      case 3 -> {
        if (ticketsUsed == 0) {
          return;
        }
        stag = theirs.tickets.get(random.nextInt(ticketsUsed)).region().stag();
        request.error = TerminateCause.TAGGED_INVALID_STAG;
      }
      default ->
          request.error =
              Values.wraps(to, unused.length)
                  ? TerminateCause.TAGGED_OFFSET_WRAP
                  : TerminateCause.TAGGED_BOUNDS;
    }
    if (accepted(self.engine().write(request.id, buffers, stag, to))) {
      keep(request);
    }
  }

  private int unknownStag(Memory theirs) {
    int stag = random.nextInt();
    while (theirs.table.find(stag) != null) {
      stag++;
    }
    return stag;
  }

  private void wrongSend() {
    Request request = new Request(nextId, Operation.SEND);
    int capacity = nextCapacity();
    if (capacity < 0) {
      self.other().application().noMoreReceives = true;
      request.error = TerminateCause.UNTAGGED_NO_BUFFER;
      request.payload = gather(random.nextInt(60));
    } else {
      int bytes = capacity + 1 + random.nextInt(60);
      if (bytes > self.memory.source.bytes()) {
        return;
      }
      request.error = TerminateCause.UNTAGGED_MESSAGE_TOO_LONG;
      request.payload = gather(bytes);
    }
    post(request);
  }

  private void wrongInvalidate() {
    if (nextCapacity() < 0) {
      return;
    }
    Memory theirs = self.other().memory;
    Request request = new Request(nextId, Operation.SEND);
    request.error = TerminateCause.REMOTE_CANNOT_INVALIDATE;
    request.invalidates = true;
    request.stag =
        switch (random.nextInt(3)) {
          case 0 -> unknownStag(theirs);
          case 1 -> theirs.target.region().stag();
          default -> theirs.foreign.region().stag();
        };
    request.payload = gather(0);
    post(request);
  }

  private void wrongRead() {
    Memory theirs = self.other().memory;
    Request request = new Request(nextId, Operation.READ);
    int bytes = 1 + random.nextInt(60);
    if (self.memory.sink.bytes() - sinkUsed < bytes) {
      return;
    }
    int stag = theirs.source.region().stag();
    long to = theirs.source.to(theirs.source.bytes() - bytes + 1 + random.nextInt(60));
    switch (random.nextInt(4)) {
      case 0 -> {
        stag = unknownStag(theirs);
        request.error = TerminateCause.REMOTE_INVALID_STAG;
      }
      case 1 -> {
        stag = theirs.inbox.region().stag();
        to = theirs.inbox.to(0);
        request.error = TerminateCause.REMOTE_ACCESS;
      }
      case 2 -> {
        stag = theirs.foreign.region().stag();
        to = theirs.foreign.to(0);
        request.error = TerminateCause.REMOTE_STAG_OF_OTHER_STREAM;
      }
      default ->
          request.error =
              Values.wraps(to, bytes)
                  ? TerminateCause.REMOTE_OFFSET_WRAP
                  : TerminateCause.REMOTE_BOUNDS;
    }
    if (accepted(
        self.engine().read(request.id, self.memory.sink.region(), sinkUsed, bytes, stag, to))) {
      keep(request);
    }
  }

  private void wrongAtomic() {
    if (!hasAtomics()) {
      return;
    }
    Memory theirs = self.other().memory;
    Request request = new Request(nextId, Operation.FETCH_ADD);
    int stag = theirs.words.region().stag();
    long to = theirs.words.to(4);
    request.error = TerminateCause.STREAM_CATASTROPHIC;
    if (random.nextBoolean()) {
      stag = theirs.target.region().stag();
      to = theirs.target.to(0);
      request.error = TerminateCause.REMOTE_ACCESS;
    }
    if (accepted(
        self.engine()
            .fetchAdd(
                request.id, self.memory.originals.region(), 8L * originalsUsed, stag, to, 1, 0))) {
      originalsUsed++;
      keep(request);
    }
  }
}
