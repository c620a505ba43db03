package com.acme.offramp.model;

import dev.offramp.api.rdma.Access;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;
import dev.offramp.models.ModelPlatform;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Carries out what the driver has written to the registers. On the model's loop. */
final class CommandProcessor {
  private static final int COMMAND_BYTES = 64;
  private static final int DONE = 1;
  private static final int MAX_STAGS = 1 << 16;

  private final ModelPlatform platform;
  private final Consumer<String> complaints;
  private final MemoryTable stags = new MemoryTable(new SecureRandom(), MAX_STAGS);
  private final Map<Integer, ModelQueuePair> pairs = new HashMap<>();

  /**
   * By queue pair: a doorbell counts from the moment of its write, for bytes that come after it.
   */
  private final Map<Integer, Integer> receiveDoorbells = new ConcurrentHashMap<>();

  private int lastNumber;

  CommandProcessor(ModelPlatform platform, Consumer<String> complaints) {
    this.platform = platform;
    this.complaints = complaints;
  }

  /** Everything ends, without a word. */
  void reset() {
    List.copyOf(pairs.values()).forEach(this::destroy);
  }

  void start(int number) {
    ModelQueuePair pair = find(number, "start");
    if (pair != null) {
      pair.start();
    }
  }

  void closeRequested(int number) {
    ModelQueuePair pair = find(number, "close");
    if (pair != null) {
      pair.closeRequested();
    }
  }

  void ringSends(int number, int posted) {
    ModelQueuePair pair = find(number, "send doorbell");
    if (pair != null) {
      pair.ringSends(posted);
    }
  }

  /** On the driver's thread. */
  void noteReceives(int number, int posted) {
    receiveDoorbells.put(number, posted);
  }

  void ringReceives(int number) {
    ModelQueuePair pair = find(number, "receive doorbell");
    if (pair != null) {
      pair.ringReceives();
    }
  }

  private @Nullable ModelQueuePair find(int number, String what) {
    ModelQueuePair pair = pairs.get(number);
    if (pair == null) {
      complaints.accept("%s: no queue pair [%d]".formatted(what, number));
    }
    return pair;
  }

  void run(long address) {
    if (platform.faults().at(AcmeFaults.SILENT) != Faults.NO_FAULT) {
      return;
    }
    MemorySegment command;
    try {
      command = platform.memory().at(address, COMMAND_BYTES);
    } catch (DmaFaultException e) {
      complaints.accept("command: " + e.getMessage());
      return;
    }
    int status = (int) platform.faults().at(AcmeFaults.COMMAND);
    if (status == Faults.NO_FAULT) {
      status = carryOut(command);
    } else if (status == DONE) {
      // The kit injects 1, which is success here.
      status = CommandException.BAD_COMMAND;
    }
    Words.publish32(command, 4, status);
  }

  private int carryOut(MemorySegment command) {
    try {
      switch (Words.u32(command, 0)) {
        case 1 -> create(command);
        case 2 -> abort(Words.u32(command, 8));
        case 3 -> destroy(known(command));
        case 4 -> register(command);
        case 5 -> deregister(Words.u32(command, 12));
        default -> throw bad("opcode [%d], expected 1..5".formatted(Words.u32(command, 0)));
      }
      return DONE;
    } catch (CommandException e) {
      complaints.accept(e.getMessage());
      return e.status();
    } catch (DmaFaultException e) {
      complaints.accept(e.getMessage());
      return CommandException.DMA_FAULT;
    }
  }

  private static CommandException bad(String message) {
    return new CommandException(CommandException.BAD_COMMAND, message);
  }

  private ModelQueuePair known(MemorySegment command) throws CommandException {
    ModelQueuePair pair = pairs.get(Words.u32(command, 8));
    if (pair == null) {
      throw bad("no queue pair [%d]".formatted(Words.u32(command, 8)));
    }
    return pair;
  }

  private MemorySegment memory(MemorySegment command) throws DmaFaultException {
    return platform.memory().at(Words.u64(command, 16), Words.u64(command, 24));
  }

  private void create(MemorySegment command) throws CommandException, DmaFaultException {
    int number = lastNumber + 1;
    IntSupplier receives = () -> receiveDoorbells.getOrDefault(number, 0);
    pairs.put(number, ModelQueuePair.create(platform, number, memory(command), stags, receives));
    lastNumber = number;
    Words.put32(command, 8, number);
  }

  private void abort(int number) {
    ModelQueuePair pair = pairs.get(number);
    if (pair != null) {
      pair.abort();
    }
  }

  private void destroy(ModelQueuePair pair) {
    pairs.remove(pair.number());
    receiveDoorbells.remove(pair.number());
    pair.destroy();
  }

  private void register(MemorySegment command) throws CommandException, DmaFaultException {
    int number = known(command).number();
    try {
      Region region =
          stags.register(
              number, memory(command), Words.u64(command, 32), access(Words.u32(command, 40)));
      Words.put32(command, 12, region.stag());
    } catch (IllegalArgumentException e) {
      throw bad(String.valueOf(e.getMessage()));
    } catch (IllegalStateException e) {
      throw new CommandException(CommandException.NO_STAG, String.valueOf(e.getMessage()));
    }
  }

  private static Set<Access> access(int bits) {
    Set<Access> access = EnumSet.noneOf(Access.class);
    if ((bits & 1) != 0) {
      access.add(Access.REMOTE_READ);
    }
    if ((bits & 2) != 0) {
      access.add(Access.REMOTE_WRITE);
    }
    if ((bits & 4) != 0) {
      access.add(Access.REMOTE_INVALIDATE);
    }
    return access;
  }

  private void deregister(int stag) throws CommandException {
    Region region = stags.find(stag);
    if (region == null) {
      throw bad("no STag [%08x]".formatted(stag));
    }
    stags.remove(region);
    ModelQueuePair pair = pairs.get(region.domain());
    if (pair != null) {
      pair.copyLent(region);
    }
  }
}
