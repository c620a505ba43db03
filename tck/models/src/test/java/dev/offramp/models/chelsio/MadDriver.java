package dev.offramp.models.chelsio;

import dev.offramp.models.DmaSpace;
import dev.offramp.models.Faults;
import dev.offramp.models.ModelPlatform;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.SimulatedLink;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Carries out any bytes as steps of a driver and of a peer, on a chip with a connection in RDMA
 * mode. A step begins with its kind, modulo 12:
 *
 * <pre>
 * 0..3   a work request: control, offload, send, receive queue; a length in units of 16 bytes, and it
 * 4      bytes of the peer: how many, and they
 * 5      the peer's FIN or RST
 * 6      a command in the mailbox: how long, and it
 * 7      a write of 4 bytes to BAR 2: offset (3), value (4)
 * 8      a write of 4 bytes to BAR 0: the same
 * 9      a burst of 64 bytes: which queue, and they
 * 10     memory that goes away
 * 11     a read of BAR 0
 * </pre>
 */
final class MadDriver implements AutoCloseable {
  private static final int MOST_TASKS = 20_000;
  private static final int CRC_AND_IETF = 12;
  private static final int NO_INDICATION = 0xF;

  private final ByteBuffer input;
  private final QueuedLoop loop = new QueuedLoop();
  private final ChelsioModel model;
  private final StreamPort peer;
  private final Board board;
  private final ScriptedDriver driver;
  private final ScriptedConnection script;
  private final ScriptedMemory memory;
  private boolean freed;

  MadDriver(ChelsioChip chip, byte[] bytes) {
    this.input = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
    DmaSpace space = new DmaSpace(64 << 20);
    SimulatedLink link = new SimulatedLink(loop, System::nanoTime);
    this.model =
        new ChelsioModel(
            chip,
            ChelsioOptions.defaults(),
            new ModelPlatform(space, vector -> {}, loop, link, System::nanoTime, Faults.NONE));
    this.board = new Board(chip, model, space, this::settle);
    SimulatedConnection connection = SimulatedConnection.builder(link).build();
    this.peer = connection.peer();
    this.driver = ScriptedDriver.started(board);
    this.script = new ScriptedConnection(driver, connection.descriptor());
    script.takeOver();
    require(script.init(true, NO_INDICATION, CRC_AND_IETF, 0));
    require(script.activate());
    this.memory =
        ScriptedMemory.register(driver, 1, ScriptedConnection.DOMAIN, ScriptedMemory.ALL, 4);
  }

  private static void require(int result) {
    if (result != 0) {
      throw new AssertionError("the connection did not come up: " + result);
    }
  }

  private void settle() {
    loop.run(MOST_TASKS);
  }

  boolean hasMore() {
    return input.hasRemaining();
  }

  void step() {
    switch (next() % 12) {
      case 0 -> work(driver.control());
      case 1 -> work(driver.offload());
      case 2 -> work(script.sends());
      case 3 -> work(script.receives());
      case 4 -> peerSends(take(next()));
      case 5 -> peerEnds();
      case 6 -> command(Arrays.copyOf(take(next()), 64));
      case 7 -> model.write32(2, number(3) & 0xF_FFFF, number(4));
      case 8 -> model.write32(0, number(3) & 0xF_FFFC, number(4));
      case 9 -> model.write512(2, ScriptedRing.area(queue()) + 64, segment(take(64), 64));
      case 10 -> free();
      default -> model.read32(0, number(3) & 0xF_FFFC);
    }
    settle();
  }

  private static java.lang.foreign.MemorySegment segment(byte[] bytes, int size) {
    return java.lang.foreign.MemorySegment.ofArray(Arrays.copyOf(bytes, size));
  }

  private int queue() {
    return switch (next() % 4) {
      case 0 -> driver.control().id();
      case 1 -> driver.offload().id();
      case 2 -> script.sends().id();
      default -> script.receives().id();
    };
  }

  private void work(ScriptedRing ring) {
    int units = next();
    byte[] wr = Arrays.copyOf(take(16 * units), 16 * Math.max(units, 1));
    ring.post(Raw.on(wr));
  }

  private void command(byte[] bytes) {
    for (int i = 0; i < 8; i++) {
      model.write64(0, 0x1B240 + 8L * i, Raw.on(bytes).u64(8 * i));
    }
    model.write32(0, 0x1B280, 9);
  }

  private void peerSends(byte[] bytes) {
    try {
      peer.write(new ByteBuffer[] {ByteBuffer.wrap(bytes)}, 0, 1);
      peer.read(new ByteBuffer[] {ByteBuffer.allocate(1 << 16)}, 0, 1);
    } catch (IOException e) {
      // The connection is dead already.
      return;
    }
  }

  private void peerEnds() {
    try {
      if (next() % 2 == 0) {
        peer.shutdownOutput();
      } else {
        peer.reset();
      }
    } catch (IOException e) {
      // The connection is dead already.
      return;
    }
  }

  private void free() {
    if (!freed) {
      freed = true;
      memory.free();
    }
  }

  private int next() {
    return input.hasRemaining() ? input.get() & 0xFF : 0;
  }

  private int number(int bytes) {
    int value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | next();
    }
    return value;
  }

  private byte[] take(int count) {
    byte[] bytes = new byte[Math.min(count, input.remaining())];
    input.get(bytes);
    return bytes;
  }

  @Override
  public void close() {
    model.close();
    settle();
    board.freeMemory();
  }
}
