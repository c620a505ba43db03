package com.acme.offramp.model;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.Link;
import dev.offramp.models.ModelPlatform;
import dev.offramp.models.StreamRunner;
import dev.offramp.spi.port.PreparedStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** A connection in the adapter: its engine, its TCP, and its rings. On the model's loop. */
final class ModelQueuePair implements StreamRunner.Owner {
  private static final long LINGER_NANOS = 10_000_000_000L;
  private static final int STATUS_BAD_WORK = 5;

  private final ModelPlatform platform;
  private final int number;
  private final Link.Claim claim;
  private final PreparedStream prepared;
  private final RdmapStream engine;
  private final WorkReader work;
  private final CompletionWriter completions;
  private final IntSupplier receivesPosted;
  private @Nullable StreamRunner runner;
  private boolean over;
  private int sends;
  private int receives;

  private ModelQueuePair(
      ModelPlatform platform,
      int number,
      Link.Claim claim,
      PreparedStream prepared,
      RdmapStream engine,
      WorkReader work,
      CompletionWriter completions,
      IntSupplier receivesPosted) {
    this.platform = platform;
    this.number = number;
    this.claim = claim;
    this.prepared = prepared;
    this.engine = engine;
    this.work = work;
    this.completions = completions;
    this.receivesPosted = receivesPosted;
  }

  /** Takes the 4-tuple and the state of a connection; silent. Nothing is left when it fails. */
  static ModelQueuePair create(
      ModelPlatform platform,
      int number,
      MemorySegment memory,
      MemoryTable stags,
      IntSupplier receivesPosted)
      throws CommandException {
    ContextDecoder context = new ContextDecoder(memory);
    long unsentBytes = context.unsentBytes();
    if (unsentBytes < 0 || memory.byteSize() != QueueLayout.UNSENT + unsentBytes) {
      throw new CommandException(
          CommandException.BAD_CONTEXT,
          "[%d] bytes of memory, [%d] of them unsent".formatted(memory.byteSize(), unsentBytes));
    }
    Octets unsent =
        Octets.copyOf(
            memory.asSlice(QueueLayout.UNSENT, unsentBytes).toArray(ValueLayout.JAVA_BYTE));
    RdmapStream engine =
        new RdmapStream(
            context
                .iwarp()
                .queueDepths(QueueLayout.ENTRIES, QueueLayout.ENTRIES)
                .maxBuffers(1)
                .domain(number)
                .build(),
            stags);
    var decoded = context.tcp(unsent);
    Link.Claim claim;
    try {
      claim = platform.link().claim(context.local(), context.remote());
    } catch (IOException e) {
      throw new CommandException(CommandException.NO_CONNECTION, String.valueOf(e.getMessage()));
    }
    try {
      return new ModelQueuePair(
          platform,
          number,
          claim,
          claim.install(decoded),
          engine,
          new WorkReader(memory, stags, engine, number),
          new CompletionWriter(memory),
          receivesPosted);
    } catch (TransferException e) {
      claim.close();
      throw new CommandException(CommandException.NO_CONNECTION, String.valueOf(e.getMessage()));
    }
  }

  int number() {
    return number;
  }

  /** TCP lets go of the stream. */
  void start() {
    if (runner != null || over) {
      return;
    }
    StreamRunner started =
        new StreamRunner(
            prepared.activate(), platform.loop(), platform.nanoTime(), LINGER_NANOS, this);
    runner = started;
    engine.setEmss(started.port().segmentBytes());
    started.start();
    started.enterRdma(engine);
  }

  /** The runner begins in streaming mode; this adapter has none: every byte is iWARP's. */
  @Override
  public void streamed(ByteBuffer bytes) {
    fetchReceives();
    engine.receive(bytes);
  }

  void ringSends(int posted) {
    while (sends != posted) {
      begun(work.send(sends), QueueLayout.SENDS, sends++);
    }
    goOn();
  }

  void ringReceives() {
    fetchReceives();
    goOn();
  }

  private void fetchReceives() {
    int posted = receivesPosted.getAsInt();
    while (receives != posted) {
      begun(work.receive(receives), QueueLayout.RECEIVES, receives++);
    }
  }

  /** Receives whose doorbell rang before the bytes came are there for them. */
  @Override
  public void arrived() {
    fetchReceives();
  }

  /** Work that the engine does not take is completed behind what came before. */
  private void begun(Posted verdict, long ring, int count) {
    if (verdict != Posted.ACCEPTED) {
      settle();
      long at = WorkReader.entry(ring, count);
      int status = verdict == Posted.STREAM_ENDED ? 1 : STATUS_BAD_WORK;
      completions.write(work.id(at), work.opcode(at), status, 0, 0, 0);
    }
  }

  private void goOn() {
    StreamRunner running = runner;
    if (running != null && !over) {
      running.work();
    }
    settle();
  }

  void closeRequested() {
    engine.closeRequested();
    goOn();
  }

  /** Ends it: by RST, or without a word before the start. */
  void abort() {
    if (over) {
      return;
    }
    StreamRunner running = runner;
    if (running != null) {
      running.reset();
    } else {
      engine.connectionLost(new StreamEnd.ClosedLocally());
      moved();
      ended(engine.end().orElseThrow());
      gone();
    }
  }

  /** Ends it without a word, and gives the 4-tuple up. */
  void destroy() {
    StreamRunner running = runner;
    if (running == null) {
      prepared.abandon();
    } else if (!over) {
      running.letGo();
    }
    // Gives back the views of memory that wait for TCP.
    engine.connectionLost(new StreamEnd.ClosedLocally());
    claim.close();
  }

  /** Lets memory go that bytes on their way to TCP are in. */
  void copyLent(Region region) {
    engine.copyLent(region);
  }

  @Override
  public void moved() {
    settle();
  }

  @Override
  public void ended(StreamEnd end) {
    completions.ended(end);
    settle();
  }

  @Override
  public void gone() {
    over = true;
    // Before the host hears of it: the same 4-tuple may come again at once.
    claim.close();
    completions.over();
    settle();
  }

  private void settle() {
    engine.pollCompletions(completions::completed, Integer.MAX_VALUE);
    if (engine.end().isPresent() && engine.isFlushed()) {
      completions.flushed();
    }
    if (completions.takeNews()) {
      platform.interrupts().raise(0);
    }
  }
}
