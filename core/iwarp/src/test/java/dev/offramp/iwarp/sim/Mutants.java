package dev.offramp.iwarp.sim;

import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.StreamPosition;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.CRC32C;

/** One planted bug for each invariant. */
final class Mutants {
  private Mutants() {}

  /** The bug that {@code invariant} has to catch, and no other. */
  static Mutation of(Invariant invariant) {
    return switch (invariant) {
      case STARTUP_AGREES -> ordOfTheOwnWishes();
      case PLAIN_STREAM_INTACT -> oneByteTooManyAfterARejection();
      case FRAMING -> config((config, peer) -> config.emss(2 * config.build().emss()));
      case RESPONDER_SILENT -> config((config, peer) -> config.start(moved(config, 0, true)));
      case RTR_FIRST -> config((config, peer) -> withoutIndication(config));
      case MSN_SEQUENCE -> config((config, peer) -> config.start(moved(config, 1, false)));
      case ORD_RESPECTED -> config((config, peer) -> oneReadTooMany(config));
      case BOUNDED ->
          config((config, peer) -> config.batchBytes(1_000 * config.build().batchBytes()));
      case DATA_INTACT -> engine(FlipsAReceivedByte::new);
      case NOTHING_OUTSIDE_TARGET -> engine(WritesIntoAGuard::new);
      case WRITES_BEFORE_SEND -> engine(PlacesAWriteLate::new);
      case SENDS_IN_ORDER -> engine(SwapsReceives::new);
      case READ_AFTER_WRITE -> engine(ReadsTooEarly::new);
      case ATOMICS_EXACT -> engine(ForgetsTheAddMask::new);
      case INVALIDATION_TOLD -> engine(HidesTheRevokedStag::new);
      case COMPLETIONS_IN_ORDER -> engine(SwapsRequests::new);
      case COMPLETES_ONCE -> engine(CompletesTwice::new);
      case COMPLETES_WHEN_TAKEN -> engine(KeepsTheLastByte::new);
      case QUEUES_ACCOUNTED -> engine(RefusesTheThirdSend::new);
      case ERROR_NAMED -> engine(NamesAnotherError::new);
      case ONE_TERMINATE -> engine(SpeaksAfterTheTerminate::new);
      case TERMINATE_BEFORE_FIN -> engine(ClosesInsteadOfTerminating::new);
      case NOTHING_AFTER_ERROR -> engine(PlacesBehindAnError::new);
      case ENDS_AGREE -> engine(IgnoresTerminates::new);
      case CLOSE_DRAINS -> engine(ClosesAtOnce::new);
      case RESET_TOLD -> engine(TakesAResetForAClose::new);
      case SILENT_AFTER_RESET -> engine(SpeaksAfterAReset::new);
      case DEADLINE_ASKED -> engine(AsksForNoTime::new);
      case PROGRESS -> engine(FallsSilent::new);
      case BUFFERS_RETURNED -> engine(KeepsAView::new);
    };
  }

  // ---- seams

  private interface ConfigBug {
    StreamConfig.Builder change(StreamConfig.Builder config, Peer peer);
  }

  private interface EngineBug {
    Engine make(StreamConfig config, MemoryTable memory, Peer peer);
  }

  private static Mutation config(ConfigBug bug) {
    return new Mutation() {
      @Override
      Engine engine(StreamConfig.Builder config, MemoryTable memory, Peer peer) {
        return new Engine(bug.change(config, peer).build(), memory);
      }
    };
  }

  private static Mutation engine(EngineBug bug) {
    return new Mutation() {
      @Override
      Engine engine(StreamConfig.Builder config, MemoryTable memory, Peer peer) {
        return bug.make(config.build(), memory, peer);
      }
    };
  }

  // ---- start-up and configuration

  private static Mutation ordOfTheOwnWishes() {
    return new Mutation() {
      @Override
      MpaResult agreed(MpaResult result, Peer peer) {
        return new MpaResult(
            result.role(),
            result.revision(),
            result.crc(),
            result.sendMarkers(),
            result.receiveMarkers(),
            result.ird(),
            peer.wishes().ord(),
            result.peerIrd(),
            result.peerOrd(),
            result.rtr(),
            result.privateData());
      }
    };
  }

  private static Mutation oneByteTooManyAfterARejection() {
    return new Mutation() {
      @Override
      int takenTooMany(Peer peer) {
        return peer.isRejected() ? 1 : 0;
      }
    };
  }

  private static StreamConfig.Builder withoutIndication(StreamConfig.Builder config) {
    StreamConfig now = config.build();
    // An application's empty Write cannot be told from the indication; the others can.
    return now.role() == MpaRole.INITIATOR && now.rtr() != RtrKind.WRITE
        ? config.rtr(RtrKind.NONE)
        : config;
  }

  private static StreamPosition moved(StreamConfig.Builder config, int messages, boolean opened) {
    int msn = config.build().start().receiveMsn();
    return new StreamPosition(
        msn + messages, msn, msn, msn, OptionalInt.of(msn), msn, 0, 0, opened);
  }

  private static StreamConfig.Builder oneReadTooMany(StreamConfig.Builder config) {
    StreamConfig now = config.build();
    return now.ord() == 0 ? config : config.readDepths(now.ird(), now.ord() + 1);
  }

  // ---- engines

  /** An engine of the end {@code peer}. */
  private abstract static class Bug extends Engine {
    final Peer peer;

    Bug(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory);
      this.peer = peer;
    }

    void put(int at, byte[] bytes) {
      MemorySegment.copy(bytes, 0, peer.memory.slab, ValueLayout.JAVA_BYTE, at, bytes.length);
    }

    void flip(int at) {
      byte[] bytes = peer.memory.now(at, 1);
      bytes[0]++;
      put(at, bytes);
    }

    boolean isTerminating() {
      return end().orElse(null) instanceof StreamEnd.TerminatedLocally;
    }
  }

  /** An engine that is right until somebody polls. */
  private abstract static class PollBug extends Bug {
    PollBug(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    abstract void tell(
        CompletionHandler handler,
        long id,
        Operation operation,
        CompletionStatus status,
        long bytes,
        CompletionHandler.CompletionDetail detail);

    static boolean isDelivery(Operation operation, CompletionStatus status) {
      return operation == Operation.RECEIVE && status == CompletionStatus.SUCCESS;
    }

    @Override
    void poll(CompletionHandler handler, int max) {
      super.poll(
          (id, operation, status, bytes, detail) ->
              tell(handler, id, operation, status, bytes, detail),
          max);
    }
  }

  private static final class FlipsAReceivedByte extends PollBug {
    FlipsAReceivedByte(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    void tell(
        CompletionHandler handler,
        long id,
        Operation operation,
        CompletionStatus status,
        long bytes,
        CompletionHandler.CompletionDetail detail) {
      if (isDelivery(operation, status) && bytes > 0 && !detail.hasImmediate()) {
        for (Receipt.Piece piece :
            peer.application().receipts.get((int) peer.receiptsPolled()).pieces) {
          if (piece.bytes() > 0) {
            flip(piece.at());
            break;
          }
        }
      }
      handler.completed(id, operation, status, bytes, detail);
    }
  }

  private static final class WritesIntoAGuard extends PollBug {
    WritesIntoAGuard(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    void tell(
        CompletionHandler handler,
        long id,
        Operation operation,
        CompletionStatus status,
        long bytes,
        CompletionHandler.CompletionDetail detail) {
      flip(peer.memory.inbox.at() - 1);
      handler.completed(id, operation, status, bytes, detail);
    }
  }

  private static final class PlacesAWriteLate extends PollBug {
    PlacesAWriteLate(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    void tell(
        CompletionHandler handler,
        long id,
        Operation operation,
        CompletionStatus status,
        long bytes,
        CompletionHandler.CompletionDetail detail) {
      Request write = isDelivery(operation, status) ? writeBeforeTheFirstMessage() : null;
      if (write == null) {
        handler.completed(id, operation, status, bytes, detail);
        return;
      }
      byte[] placed = peer.memory.now(write.at, write.payload.length);
      put(
          write.at,
          Arrays.copyOfRange(peer.memory.initial, write.at, write.at + write.payload.length));
      handler.completed(id, operation, status, bytes, detail);
      put(write.at, placed);
    }

    private @org.jspecify.annotations.Nullable Request writeBeforeTheFirstMessage() {
      for (Request request : peer.other().application().requests) {
        if (request.takesReceive()) {
          return null;
        }
        if (request.operation == Operation.WRITE && request.payload.length > 0) {
          return request;
        }
      }
      return null;
    }
  }

  private static final class SwapsReceives extends PollBug {
    SwapsReceives(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    void tell(
        CompletionHandler handler,
        long id,
        Operation operation,
        CompletionStatus status,
        long bytes,
        CompletionHandler.CompletionDetail detail) {
      boolean another = peer.receiptsPolled() + 1 < peer.application().receipts.size();
      long told = isDelivery(operation, status) && another ? id + 1 : id;
      handler.completed(told, operation, status, bytes, detail);
    }
  }

  private static final class ReadsTooEarly extends PollBug {
    ReadsTooEarly(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    void tell(
        CompletionHandler handler,
        long id,
        Operation operation,
        CompletionStatus status,
        long bytes,
        CompletionHandler.CompletionDetail detail) {
      if (operation == Operation.READ && status == CompletionStatus.SUCCESS) {
        Request read = peer.application().requests.get((int) peer.polled());
        if (read.afterWrite && read.payload.length > 0) {
          put(
              read.at,
              Arrays.copyOfRange(peer.memory.initial, read.at, read.at + read.payload.length));
        }
      }
      handler.completed(id, operation, status, bytes, detail);
    }
  }

  private static final class HidesTheRevokedStag extends PollBug {
    HidesTheRevokedStag(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    void tell(
        CompletionHandler handler,
        long id,
        Operation operation,
        CompletionStatus status,
        long bytes,
        CompletionHandler.CompletionDetail detail) {
      handler.completed(id, operation, status, bytes, new WithoutStag(detail));
    }
  }

  private record WithoutStag(CompletionHandler.CompletionDetail detail)
      implements CompletionHandler.CompletionDetail {
    @Override
    public boolean isSolicited() {
      return detail.isSolicited();
    }

    @Override
    public boolean hasInvalidatedStag() {
      return false;
    }

    @Override
    public int invalidatedStag() {
      return 0;
    }

    @Override
    public boolean hasImmediate() {
      return detail.hasImmediate();
    }

    @Override
    public long immediate() {
      return detail.immediate();
    }
  }

  private static final class SwapsRequests extends PollBug {
    SwapsRequests(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    void tell(
        CompletionHandler handler,
        long id,
        Operation operation,
        CompletionStatus status,
        long bytes,
        CompletionHandler.CompletionDetail detail) {
      boolean another = peer.polled() + 1 < peer.application().requests.size();
      long told = operation != Operation.RECEIVE && another ? id + 1 : id;
      handler.completed(told, operation, status, bytes, detail);
    }
  }

  private static final class CompletesTwice extends PollBug {
    CompletesTwice(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    void tell(
        CompletionHandler handler,
        long id,
        Operation operation,
        CompletionStatus status,
        long bytes,
        CompletionHandler.CompletionDetail detail) {
      handler.completed(id, operation, status, bytes, detail);
      handler.completed(id, operation, status, bytes, detail);
    }
  }

  private static final class ForgetsTheAddMask extends Bug {
    ForgetsTheAddMask(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    Posted fetchAdd(
        long id,
        dev.offramp.iwarp.rdmap.Region original,
        long offset,
        int stag,
        long to,
        long add,
        long addMask) {
      return super.fetchAdd(id, original, offset, stag, to, add, 0);
    }
  }

  private static final class RefusesTheThirdSend extends Bug {
    private int sends;

    RefusesTheThirdSend(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    Posted send(long id, LocalBuffers message, boolean solicited, boolean invalidate, int stag) {
      return ++sends == 3
          ? Posted.QUEUE_FULL
          : super.send(id, message, solicited, invalidate, stag);
    }
  }

  /** TCP gets a message's last octet one write later than the engine believes. */
  private static final class KeepsTheLastByte extends Bug {
    private byte[] kept = {};

    KeepsTheLastByte(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    byte[] take(int room, long nowNanos) {
      if (kept.length > 0) {
        byte[] now = kept;
        kept = new byte[0];
        peer.kick();
        return now;
      }
      byte[] taken = super.take(room, nowNanos);
      if (taken.length > 1) {
        kept = new byte[] {taken[taken.length - 1]};
        peer.kick();
        return Arrays.copyOf(taken, taken.length - 1);
      }
      return taken;
    }

    @Override
    boolean wantsHalfClose() {
      return kept.length == 0 && super.wantsHalfClose();
    }
  }

  private static final class NamesAnotherError extends Bug {
    NamesAnotherError(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    Optional<StreamEnd> end() {
      return super.end().map(NamesAnotherError::wrong);
    }

    private static StreamEnd wrong(StreamEnd end) {
      return end instanceof StreamEnd.TerminatedLocally(Terminate terminate, String reason)
              && !reason.equals("start-up")
              && !reason.equals("the application")
          ? new StreamEnd.TerminatedLocally(
              new Terminate(
                  terminate.layer(), terminate.type(), terminate.code() ^ 1, terminate.headers()),
              reason)
          : end;
    }
  }

  private static final class SpeaksAfterTheTerminate extends Bug {
    private static final int FPDU_BYTES = 20;
    private final boolean markers;

    SpeaksAfterTheTerminate(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
      markers = config.sendMarkers();
    }

    @Override
    byte[] take(int room, long nowNanos) {
      byte[] taken = super.take(room, nowNanos);
      if (markers || !isTerminating() || taken.length == 0 || taken.length + FPDU_BYTES > room) {
        return taken;
      }
      ByteBuffer more = ByteBuffer.allocate(taken.length + FPDU_BYTES).put(taken);
      more.putShort((short) 14).put((byte) 0xC1).put((byte) 0x40).putInt(0).putLong(0);
      CRC32C crc = new CRC32C();
      crc.update(more.array(), taken.length, FPDU_BYTES - 4);
      return more.putInt(Integer.reverseBytes((int) crc.getValue())).array();
    }
  }

  private static final class ClosesInsteadOfTerminating extends Bug {
    ClosesInsteadOfTerminating(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    byte[] take(int room, long nowNanos) {
      return isTerminating() ? new byte[0] : super.take(room, nowNanos);
    }

    @Override
    boolean wantsHalfClose() {
      return isTerminating() || super.wantsHalfClose();
    }
  }

  private static final class PlacesBehindAnError extends Bug {
    PlacesBehindAnError(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    byte[] take(int room, long nowNanos) {
      if (isTerminating()) {
        peer.other().application().requests.stream()
            .filter(r -> r.behindError && r.operation == Operation.WRITE && r.at >= 0)
            .forEach(r -> put(r.at, r.payload));
      }
      return super.take(room, nowNanos);
    }
  }

  private static final class IgnoresTerminates extends Bug {
    IgnoresTerminates(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    Optional<StreamEnd> end() {
      return super.end()
          .map(end ->
              end instanceof StreamEnd.TerminatedByPeer ? new StreamEnd.ClosedByPeer() : end);
    }
  }

  private static final class ClosesAtOnce extends Bug {
    ClosesAtOnce(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    boolean wantsHalfClose() {
      return peer.isClosing() || super.wantsHalfClose();
    }
  }

  private static final class TakesAResetForAClose extends Bug {
    TakesAResetForAClose(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    Optional<StreamEnd> end() {
      return super.end()
          .map(end -> end instanceof StreamEnd.Reset ? new StreamEnd.ClosedByPeer() : end);
    }
  }

  private static final class SpeaksAfterAReset extends Bug {
    private byte[] kept = {};

    SpeaksAfterAReset(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    void connectionLost(StreamEnd how) {
      kept = super.take(Integer.MAX_VALUE / 2, Long.MAX_VALUE / 2);
      super.connectionLost(how);
    }

    @Override
    byte[] take(int room, long nowNanos) {
      return kept.length > 0 ? kept : super.take(room, nowNanos);
    }
  }

  private static final class AsksForNoTime extends Bug {
    AsksForNoTime(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    long nextDeadlineNanos() {
      return RdmapStream.NO_DEADLINE;
    }
  }

  private static final class FallsSilent extends Bug {
    FallsSilent(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
    }

    @Override
    byte[] take(int room, long nowNanos) {
      return peer.sent().fpdus() >= 2 ? new byte[0] : super.take(room, nowNanos);
    }
  }

  private static final class KeepsAView extends Bug {
    KeepsAView(StreamConfig config, MemoryTable memory, Peer peer) {
      super(config, memory, peer);
      peer.memory.source.region().lend(0, 1);
    }
  }
}
