package dev.offramp.cli.demo;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The demonstration's RDMA half. One party leads and the other serves, then they change places. A
 * leader Writes all its bytes into the peer, Reads all the peer's bytes, and Sends all its bytes;
 * each time both ends compute a digest of what they have.
 *
 * <p>Each side always has exactly one Receive posted for the next control message, except while it
 * serves a batch of data messages, so messages and buffers meet in a known order.
 */
final class RdmaDialogue {
  private static final int CONTROL_BYTES = 512;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int MESSAGE_BYTES = 1 << 16;
  private static final int WINDOW = 8;
  private static final String DONE = "done";
  private static final String SEND = "send";

  private final RdmaConnection rdma;
  private final long bytes;
  private final MemoryRegion control;
  private final MemoryRegion source;
  private final MemoryRegion sink;
  private final Consumer<Transferred> listener;
  private final List<Completion> early = new ArrayList<>();

  /**
   * Registers memory and posts the first Receive; for use before the connection is activated, so it
   * does nothing that takes long.
   *
   * @param buffers this party's memory
   */
  RdmaDialogue(RdmaConnection rdma, Buffers buffers, Consumer<Transferred> listener)
      throws IOException {
    this.rdma = rdma;
    this.bytes = buffers.source().byteSize();
    this.listener = listener;
    control = rdma.allocate(2L * CONTROL_BYTES);
    source = rdma.register(buffers.source(), Access.REMOTE_READ);
    sink = rdma.register(buffers.sink(), Access.REMOTE_WRITE);
    expectControl();
  }

  /** The party that speaks first leads first. */
  void leadThenServe() throws IOException, InterruptedException {
    lead();
    serve(true);
  }

  void serveThenLead() throws IOException, InterruptedException {
    serve(false);
    lead();
  }

  private void lead() throws IOException, InterruptedException {
    String[] peer = call("hello").split(" ", -1);
    RemoteBuffer peerSource = remote(peer[1], peer[2]);
    RemoteBuffer peerSink = remote(peer[3], peer[4]);
    String mine = Pattern.digest(source.segment());

    long start = System.nanoTime();
    long written = write(peerSink);
    String placed = call("digest-sink");
    listener.accept(new Transferred("write", bytes, mine, written, placed, elapsed(start)));

    start = System.nanoTime();
    long read = read(peerSource);
    long readNanos = elapsed(start);
    String offered = call("digest-source");
    String fetched = Pattern.digest(sink.segment());
    listener.accept(new Transferred("read", bytes, offered, read, fetched, readNanos));

    start = System.nanoTime();
    // The server says how many bytes it took, and their digest.
    String[] taken = send().split(" ", -1);
    listener.accept(
        new Transferred("send", bytes, mine, Long.parseLong(taken[0]), taken[1], elapsed(start)));
    say(DONE);
  }

  /**
   * Serves until the leader is done.
   *
   * @param last whether nothing follows, so that the peer may close at once
   */
  private void serve(boolean last) throws IOException, InterruptedException {
    while (true) {
      String request = hear();
      // After "send" comes data, and after the last "done" comes nothing.
      if (!request.equals(SEND) && !(request.equals(DONE) && last)) {
        expectControl();
      }
      switch (request) {
        case "hello" ->
            say(
                "hello "
                    + source.stag()
                    + " "
                    + source.taggedOffset()
                    + " "
                    + sink.stag()
                    + " "
                    + sink.taggedOffset());
        case "digest-sink" -> say(Pattern.digest(sink.segment()));
        case "digest-source" -> say(Pattern.digest(source.segment()));
        case SEND -> takeMessages();
        case DONE -> {
          return;
        }
        default -> throw new IOException("the peer asked for [" + request + "]");
      }
    }
  }

  private long write(RemoteBuffer target) throws IOException, InterruptedException {
    return windowed(
        bytes,
        CHUNK_BYTES,
        (offset, length) ->
            new Write(offset, source.slice(offset, length), target.slice(offset, length)));
  }

  private long read(RemoteBuffer from) throws IOException, InterruptedException {
    return windowed(
        bytes,
        CHUNK_BYTES,
        (offset, length) ->
            new Read(offset, sink.slice(offset, length), from.slice(offset, length)));
  }

  /** Sends all bytes in batches of which the server says it is ready for each. */
  private String send() throws IOException, InterruptedException {
    String answer = call(SEND);
    for (long at = 0; at < bytes; at += (long) WINDOW * MESSAGE_BYTES) {
      long base = at;
      long batch = Math.min(bytes - base, (long) WINDOW * MESSAGE_BYTES);
      windowed(
          batch,
          MESSAGE_BYTES,
          (offset, length) -> new Send(base + offset, source.slice(base + offset, length)));
      answer = answer();
    }
    return answer;
  }

  private void takeMessages() throws IOException, InterruptedException {
    sink.segment().fill((byte) 0);
    long taken = 0;
    for (long at = 0; at < bytes; at += (long) WINDOW * MESSAGE_BYTES) {
      long batch = Math.min(bytes - at, (long) WINDOW * MESSAGE_BYTES);
      int messages = 0;
      for (long offset = 0; offset < batch; offset += MESSAGE_BYTES) {
        long length = Math.min(MESSAGE_BYTES, batch - offset);
        rdma.post(new Receive(at + offset, sink.slice(at + offset, length)));
        messages++;
      }
      say("ready");
      for (int i = 0; i < messages; i++) {
        taken += expect(Operation.RECEIVE).bytes();
      }
    }
    expectControl();
    say(taken + " " + Pattern.digest(sink.segment()));
  }

  /** Builds the request for one stretch of bytes. */
  private interface Stretch {
    WorkRequest request(long offset, long length);
  }

  /** Posts all stretches, a few at a time; returns the bytes that their completions count. */
  private long windowed(long total, int step, Stretch stretch)
      throws IOException, InterruptedException {
    int inFlight = 0;
    long done = 0;
    for (long offset = 0; offset < total; offset += step) {
      if (inFlight == WINDOW) {
        done += expectWork();
        inFlight--;
      }
      rdma.post(stretch.request(offset, Math.min(step, total - offset)));
      inFlight++;
    }
    for (; inFlight > 0; inFlight--) {
      done += expectWork();
    }
    return done;
  }

  private String call(String request) throws IOException, InterruptedException {
    say(request);
    return answer();
  }

  private String answer() throws IOException, InterruptedException {
    String answer = hear();
    expectControl();
    return answer;
  }

  private void say(String text) throws IOException, InterruptedException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    LocalBuffer message = control.slice(CONTROL_BYTES, utf8.length);
    MemorySegment.copy(
        MemorySegment.ofArray(utf8), 0, control.segment(), CONTROL_BYTES, utf8.length);
    rdma.post(new Send(-2, message));
    expect(Operation.SEND);
  }

  private void expectControl() throws IOException {
    rdma.post(new Receive(-1, control.slice(0, CONTROL_BYTES)));
  }

  private String hear() throws IOException, InterruptedException {
    Completion heard = expect(Operation.RECEIVE);
    byte[] utf8 = new byte[(int) heard.bytes()];
    MemorySegment.copy(control.segment(), 0, MemorySegment.ofArray(utf8), 0, utf8.length);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** The next completion of this kind; others that come first wait for their turn. */
  private Completion expect(Operation operation) throws IOException, InterruptedException {
    for (int i = 0; i < early.size(); i++) {
      if (early.get(i).operation() == operation) {
        return early.remove(i);
      }
    }
    while (true) {
      Completion next = successful(rdma.completions().take());
      if (next.operation() == operation) {
        return next;
      }
      early.add(next);
    }
  }

  private long expectWork() throws IOException, InterruptedException {
    while (true) {
      Completion next = successful(rdma.completions().take());
      if (next.operation() != Operation.RECEIVE) {
        return next.bytes();
      }
      early.add(next);
    }
  }

  private Completion successful(Completion completion) throws IOException {
    if (!completion.isSuccess()) {
      throw new IOException(
          "work request "
              + completion.operation()
              + " "
              + completion.id()
              + " ended with "
              + completion.status()
              + rdma.end().map(end -> ": " + end).orElse(""));
    }
    return completion;
  }

  private RemoteBuffer remote(String stag, String taggedOffset) {
    return new RemoteBuffer(Integer.parseInt(stag), Long.parseLong(taggedOffset), bytes);
  }

  private static long elapsed(long startNanos) {
    return System.nanoTime() - startNanos;
  }
}
