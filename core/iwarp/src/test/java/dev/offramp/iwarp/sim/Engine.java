package dev.offramp.iwarp.sim;

import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.mpa.MpaTerminate;
import dev.offramp.iwarp.mpa.TransmitBatch;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.TerminateCause;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The stream under test as its owner uses it. Mutants override what they do wrongly. */
class Engine {
  /** Another one after a move. */
  RdmapStream stream;

  private long mostOffered;

  Engine(StreamConfig config, MemoryTable memory) {
    stream = new RdmapStream(config, memory);
  }

  Posted send(long id, LocalBuffers message, boolean solicited, boolean invalidate, int stag) {
    return stream.postSend(id, message, solicited, invalidate, stag);
  }

  Posted immediate(long id, long data, boolean solicited) {
    return stream.postImmediate(id, data, solicited);
  }

  Posted write(long id, LocalBuffers source, int stag, long taggedOffset) {
    return stream.postWrite(id, source, stag, taggedOffset);
  }

  Posted read(
      long id, Region sink, long sinkOffset, long length, int sourceStag, long sourceOffset) {
    return stream.postRead(id, sink, sinkOffset, length, sourceStag, sourceOffset);
  }

  Posted localInvalidate(long id, int stag) {
    return stream.postLocalInvalidate(id, stag);
  }

  Posted fetchAdd(
      long id, Region original, long offset, int stag, long to, long add, long addMask) {
    return stream.postFetchAdd(id, original, offset, stag, to, add, addMask);
  }

  Posted compareSwap(
      long id,
      Region original,
      long offset,
      int stag,
      long to,
      long compare,
      long compareMask,
      long swap,
      long swapMask) {
    return stream.postCompareSwap(
        id, original, offset, stag, to, compare, compareMask, swap, swapMask);
  }

  Posted receive(long id, LocalBuffers where) {
    return stream.postReceive(id, where);
  }

  void poll(CompletionHandler handler, int max) {
    stream.pollCompletions(handler, max);
  }

  /** What a socket with {@code room} bytes of room takes. */
  byte[] take(int room, long nowNanos) {
    ByteArrayOutputStream taken = new ByteArrayOutputStream();
    while (taken.size() < room && takeSome(room, nowNanos, taken)) {
      // Until there is nothing, or no room.
    }
    return taken.toByteArray();
  }

  private boolean takeSome(int room, long nowNanos, ByteArrayOutputStream taken) {
    TransmitBatch batch = stream.pollTransmit(nowNanos);
    mostOffered = Math.max(mostOffered, batch.remainingBytes());
    int before = taken.size();
    for (int i = 0; i < batch.length() && taken.size() < room; i++) {
      ByteBuffer buffer = batch.buffers()[batch.offset() + i];
      byte[] some = new byte[Math.min(room - taken.size(), buffer.remaining())];
      buffer.get(some);
      taken.writeBytes(some);
    }
    stream.transmitted();
    return taken.size() > before;
  }

  /** The most bytes that were ever offered at once. */
  long mostOffered() {
    return mostOffered;
  }

  void received(byte[] bytes) {
    int at = 0;
    while (at < bytes.length) {
      ByteBuffer buffer = stream.receiveBuffer();
      int count = Math.min(bytes.length - at, buffer.remaining());
      buffer.put(bytes, at, count);
      stream.received(count);
      at += count;
    }
  }

  void peerClosed() {
    stream.peerClosed();
  }

  void connectionLost(StreamEnd how) {
    stream.connectionLost(how);
  }

  void closeRequested() {
    stream.closeRequested();
  }

  void terminate(MpaTerminate cause) {
    stream.terminate(cause, "start-up");
  }

  void terminate(TerminateCause cause) {
    stream.terminate(cause, "the application");
  }

  boolean wantsHalfClose() {
    return stream.wantsHalfClose();
  }

  Optional<StreamEnd> end() {
    return stream.end();
  }

  boolean isFlushed() {
    return stream.isFlushed();
  }

  long nextDeadlineNanos() {
    return stream.nextDeadlineNanos();
  }

  void setEmss(int emss) {
    stream.setEmss(emss);
  }
}
