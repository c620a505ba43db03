package dev.offramp.cli.docs;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaDecision;
import dev.offramp.api.mpa.MpaException;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.TransferException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The code of docs/application.md, as it stands there. */
final class ApplicationSnippets {
  private ApplicationSnippets() {}

  static OfframpOptions options() {
    return OfframpOptions.builder()
        .rnic(OfframpOptions.HOST_RESIDENT)
        .setting("softiwarp.send-queue-entries", "1024")
        .listener((step, owner, startNanos, endNanos) ->
            System.out.println(step + " at " + owner + ": " + (endNanos - startNanos) + " ns"))
        .build();
  }

  static MpaOptions initiator(ByteBuffer hello) {
    return Mpa.initiator()
        .privateData(hello)
        .readDepths(8, 8)
        .peerToPeer(Set.of(RtrKind.SEND, RtrKind.WRITE))
        .timeout(Duration.ofSeconds(3))
        .build();
  }

  static MpaOptions responder() {
    return Mpa.responder(request ->
            request.privateData().isEmpty()
                ? MpaDecision.reject(Octets.empty())
                : MpaDecision.accept())
        .build();
  }

  /** Receives one message. */
  static String receiveOne(Offramp offramp, SocketChannel tcp, MpaOptions mpa)
      throws IOException, InterruptedException {
    List<MemoryRegion> buffers = new ArrayList<>();
    try (RdmaConnection rdma =
        offramp.offload(
            tcp,
            mpa,
            connection -> {
              for (int id = 0; id < 16; id++) {
                MemoryRegion buffer = connection.allocate(4096);
                buffers.add(buffer);
                connection.post(new Receive(id, buffer.whole()));
              }
            })) {
      Completion message = rdma.completions().take();
      MemoryRegion buffer = buffers.get((int) message.id());
      String text = buffer.segment().getString(0);
      rdma.disconnect();
      return text;
    }
  }

  static Completion write(RdmaConnection rdma, RemoteBuffer target)
      throws IOException, InterruptedException {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment segment = arena.allocate(1 << 20);
      try (MemoryRegion region = rdma.register(segment)) {
        rdma.post(new Write(1, region.slice(0, target.lengthBytes()), target));
        return rdma.completions().take();
      }
    }
  }

  static RemoteBuffer writable(RdmaConnection rdma) {
    MemoryRegion region = rdma.allocate(1 << 20, Access.REMOTE_WRITE);
    RemoteBuffer place = region.advertise(); // stag, taggedOffset, lengthBytes
    return place;
  }

  static int poll(RdmaConnection rdma) throws IOException, InterruptedException {
    Optional<Completion> now = rdma.completions().poll();
    Optional<Completion> soon = rdma.completions().poll(Duration.ofMillis(100));
    int many =
        rdma.completions()
            .poll(
                (id, operation, status, bytes, detail) ->
                    System.out.println(operation + " " + id + ": " + status),
                64);
    return (int) now.stream().count() + (int) soon.stream().count() + many;
  }

  static Optional<RdmaConnection> tryOffload(Offramp offramp, SocketChannel tcp, MpaOptions mpa)
      throws IOException {
    try {
      return Optional.of(offramp.offload(tcp, mpa));
    } catch (MpaException e) {
      if (e.isTcpUsable()) {
        return Optional.empty(); // rejected: go on with plain TCP
      }
      throw e;
    } catch (TransferException e) {
      e.refusals().forEach(refusal -> System.err.println(refusal));
      tcp.close();
      throw e;
    }
  }

  static String end(RdmaConnection rdma) throws InterruptedException {
    return switch (rdma.disconnect()) {
      case StreamEnd.ClosedLocally() -> "in order";
      case StreamEnd.ClosedByPeer() -> "in order, by the peer";
      case StreamEnd.TerminatedByPeer(var terminate) -> "the peer's Terminate: " + terminate;
      case StreamEnd.TerminatedLocally(var terminate, var why) -> terminate + ": " + why;
      case StreamEnd.Migrated(var owner) -> "goes on in " + owner;
      case StreamEnd other -> "TCP ended it: " + other;
    };
  }
}
