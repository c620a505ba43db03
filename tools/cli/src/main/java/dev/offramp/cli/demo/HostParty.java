package dev.offramp.cli.demo;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.linux.GatedChannel;
import dev.offramp.linux.HostStack;
import dev.offramp.runtime.stream.ResidentStack;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.StandardSocketOptions;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;

/** The host: its connection is moved in the middle of the conversation. */
public final class HostParty {
  private static final long SEED = 0x686f_7374L;
  private static final MpaOptions MPA = Mpa.responder().build();

  private final PartyPlan plan;
  private final Events events;
  private final AtomicReference<Events> told;

  public HostParty(PartyPlan plan, Events events) {
    this.plan = plan;
    this.events = events;
    this.told = new AtomicReference<>(events);
  }

  /** Holds both conversations with the peer that listens at the plan's address. */
  public void run() throws IOException, InterruptedException {
    Events rehearsal = new Events(event -> {});
    OfframpOptions.Builder options =
        OfframpOptions.builder()
            .rnic(plan.rnic())
            .listener((step, owner, startNanos, endNanos) ->
                told.get().step(step.name(), owner, endNanos - startNanos));
    plan.settings().forEach(options::setting);
    told.set(rehearsal);
    try (SocketChannel first = SocketChannel.open(plan.address())) {
      acceptLosses(first, options);
      try (Offramp offramp = Offramp.open(options.build())) {
        converse(offramp, first, PartyPlan.REHEARSAL_BYTES, PartyPlan.REHEARSAL_BYTES);
        told.set(events);
        try (SocketChannel tcp = SocketChannel.open(plan.address())) {
          converse(offramp, tcp, plan.plainBytes(), plan.bytes());
        }
      }
    }
    bearRefusedMoves();
  }

  /** An adapter cannot take all that TCP has. What it would lose is accepted here, and said. */
  private void acceptLosses(SocketChannel tcp, OfframpOptions.Builder options) throws IOException {
    if (!plan.modelled()) {
      return;
    }
    Admission admission;
    try (Offramp looking = Offramp.open(options.build())) {
      admission = looking.admission(tcp, MPA);
    }
    if (!admission.isAdmitted()) {
      throw TransferException.refused(TransferStep.ADMIT, admission.refusals());
    }
    for (Loss loss : admission.losses()) {
      options.acceptLoss(loss.field());
      events.emit("loss", Map.of("field", loss.field().path(), "consequence", loss.consequence()));
    }
  }

  private void converse(Offramp offramp, SocketChannel tcp, long plainBytes, long rdmaBytes)
      throws IOException, InterruptedException {
    Events listening = told.get();
    try (Arena arena = Arena.ofShared()) {
      Buffers buffers = Buffers.allocate(arena, rdmaBytes, SEED);
      tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
      listening.owner("linux");
      listening.transferred(new PlainTraffic("plain", tcp, plainBytes).run(SEED));
      AtomicReference<RdmaDialogue> dialogue = new AtomicReference<>();
      try (RdmaConnection rdma =
          offramp.offload(
              tcp,
              MPA,
              connection ->
                  dialogue.set(new RdmaDialogue(connection, buffers, listening::transferred)))) {
        listening.owner(rdma.ownerName());
        dialogue.get().serveThenLead();
        rdma.disconnect();
        listening.counters(rdma.counters());
      }
    }
  }

  private void bearRefusedMoves() throws IOException, InterruptedException {
    try (SocketChannel tcp = SocketChannel.open(plan.address())) {
      RefusedMoves moves = new RefusedMoves();
      if (plan.rnic().equals(OfframpOptions.HOST_RESIDENT)) {
        ResidentStack stack = new ResidentStack();
        underLoad(tcp, moves, () -> stack.depart(tcp), stack.ownerName());
      } else {
        HostStack stack = HostStack.create();
        GatedChannel gated = stack.gate(tcp);
        underLoad(gated, moves, () -> stack.depart(gated), stack.ownerName());
      }
      events.emit("refused", moves.toMap());
    }
  }

  private void underLoad(
      ByteChannel channel, RefusedMoves moves, RefusedMoves.Departing departing, String owner)
      throws IOException, InterruptedException {
    PlainTraffic load = new PlainTraffic("under refused moves", channel, plan.loadBytes());
    FutureTask<Transferred> traffic = new FutureTask<>(() -> load.run(SEED + 1));
    Thread.ofPlatform().name("offramp-demo-load").daemon(true).start(traffic);
    moves.run(departing, owner, () -> !traffic.isDone());
    try {
      events.transferred(traffic.get());
    } catch (ExecutionException e) {
      throw new IOException("the traffic failed: " + e.getCause(), e.getCause());
    }
  }
}
