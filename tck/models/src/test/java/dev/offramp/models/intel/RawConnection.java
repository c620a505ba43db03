package dev.offramp.models.intel;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.models.intel.RawDriver.Result;
import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A connection of a {@link RawDriver}: QP, context, work requests, all by shifts. */
final class RawConnection implements AutoCloseable {
  static final int SQ_QUANTA = 1024;
  static final int RQ_QUANTA = 256;
  private static final int SQ_CODE = 8;
  private static final int RQ_CODE = 6;
  private static final int RQ_SHIFT = 2;
  private static final int PD = 0x1234;
  private static final int ARP_INDEX = 5;

  final RawDriver driver;
  final int id;
  final int sendCq;
  final int receiveCq;
  final DmaSlab context;
  final DmaSlab q2;
  final DmaSlab sq;
  final DmaSlab rq;
  final DmaSlab shadow;
  private final IwarpConnectionDescriptor descriptor;
  private int macIndex;
  private int sqHead;
  private boolean sqPolarity = true;
  private int rqHead;
  private boolean rqPolarity = true;
  private final List<DmaMapping> mappings = new ArrayList<>();
  private final Arena arena = Arena.ofShared();
  private int nextStag = 1;

  /** Makes CQs and an idle QP. */
  RawConnection(RawDriver driver, int id, IwarpConnectionDescriptor descriptor) {
    this.driver = driver;
    this.id = id;
    this.descriptor = descriptor;
    this.sendCq = 2 * id;
    this.receiveCq = 2 * id + 1;
    driver.createCq(sendCq);
    driver.createCq(receiveCq);
    context = driver.allocate(256, 256);
    q2 = driver.allocate(256, 256);
    sq = driver.allocate(32L * SQ_QUANTA, 256);
    rq = driver.allocate(32L * RQ_QUANTA, 256);
    shadow = driver.allocate(64, 64);
    writeContext();
    RawDriver.require(createQp(id, 1));
  }

  Result createQp(int qp, int type) {
    return driver.command(
        0,
        0,
        context.deviceAddress(),
        qp | ((long) type << 48) | (1L << 47) | (1L << 60),
        0,
        shadow.deviceAddress());
  }

  // ---- the context

  void put(int word, long value) {
    RawDriver.put(context.segment(), 8L * word, value);
  }

  long get(int word) {
    return RawDriver.get(context.segment(), 8L * word);
  }

  private boolean ipv4() {
    return local().getAddress().getAddress().length == 4;
  }

  private InetSocketAddress local() {
    return descriptor.value(DescriptorFields.LOCAL_ADDRESS);
  }

  private InetSocketAddress remote() {
    return descriptor.value(DescriptorFields.REMOTE_ADDRESS);
  }

  /** Words 2:3 and 0:1 of an address. */
  private static long[] words(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    if (bytes.remaining() == 4) {
      return new long[] {bytes.getInt() & 0xFFFF_FFFFL, 0};
    }
    long high = bytes.getLong();
    return new long[] {bytes.getLong(), high};
  }

  private long v(dev.offramp.api.descriptor.FieldKey<Long> key) {
    return descriptor.value(key);
  }

  /** All of the 256 bytes, as the fact sheet lays them out. */
  void writeContext() {
    long[] remoteWords = words(remote().getAddress());
    long[] localWords = words(local().getAddress());
    long una = v(DescriptorFields.SND_UNA);
    put(0, 1 | (1 << 2) | (ipv4() ? 1 << 3 : 0) | (RQ_SHIFT << 8) | (1L << 62));
    put(1, sq.deviceAddress());
    put(2, rq.deviceAddress());
    put(
        3,
        64
            | (RQ_CODE << 8)
            | (SQ_CODE << 12)
            | (driver.second ? 0 : (long) macIndex << 16)
            | ((long) local().getPort() << 32)
            | ((long) remote().getPort() << 48));
    put(4, remoteWords[0]);
    put(5, remoteWords[1]);
    put(
        6,
        ((long) descriptor.value(DescriptorFields.SEND_MSS_BYTES) << 16)
            | ((long) ARP_INDEX << 48));
    put(
        7,
        (1 << 20)
            | (3 << 22)
            | (5L << 28)
            | ((long) descriptor.value(DescriptorFields.RECEIVE_WINDOW_SCALE) << 32)
            | ((long) descriptor.value(DescriptorFields.SEND_WINDOW_SCALE) << 40)
            | ((long) PD << 48));
    put(10, una | (v(DescriptorFields.SND_WND) << 32));
    put(11, v(DescriptorFields.RCV_NXT) | (v(DescriptorFields.RCV_WND) << 32));
    put(12, una | (una << 32));
    put(13, 6L << 32);
    put(14, 0x3FFF_FFFF | (v(DescriptorFields.CWND_BYTES) << 32));
    put(15, v(DescriptorFields.SND_WL1) | (una << 32));
    put(16, v(DescriptorFields.MAX_SND_WND) | (8L << 48));
    put(17, sendCq | ((long) receiveCq << 32));
    put(18, q2.deviceAddress());
    put(19, driver.second ? mac() << 16 : 0);
    put(
        20,
        16
            | (2 << 16)
            | (3 << 20)
            | (1 << 25)
            | (1 << 28)
            | ((v(DescriptorFields.RCV_NXT) & 0x1FF) << 32)
            | ((una & 0x1FF) << 48));
    put(21, completionContext());
    put(23, localWords[0]);
    put(24, localWords[1]);
    put(26, ARP_INDEX);
  }

  long completionContext() {
    return 0x1122_3344_5566_0000L + id;
  }

  private long mac() {
    return descriptor.value(DescriptorFields.SOURCE_MAC).value();
  }

  // ---- taking the connection

  /** Port, 4-tuple and next hop: from here on the device has the segments. */
  void claim() {
    if (!driver.second) {
      Result allocated = driver.command(0, 0, 0, 0x14L << 32);
      RawDriver.require(allocated);
      macIndex = allocated.value();
      RawDriver.require(driver.command(0, 0, 0, macIndex | (0x0EL << 32), mac()));
    }
    RawDriver.require(driver.command(0, 0, local().getPort(), (0x23L << 32) | (1L << 62)));
    RawDriver.require(quadHash(1));
    RawDriver.require(
        driver.command(
            0,
            0xFFFF,
            descriptor.value(DescriptorFields.NEXT_HOP_MAC).value(),
            ARP_INDEX | (0x0FL << 32) | (1L << 42)));
  }

  Result quadHash(int manage) {
    long[] remoteWords = words(remote().getAddress());
    long[] localWords = words(local().getAddress());
    return driver.command(
        mac(),
        local().getPort() | ((long) remote().getPort() << 16) | ((long) id << 32),
        0,
        (0x25L << 32) | (1L << 42) | (ipv4() ? 1L << 60 : 0) | ((long) manage << 61),
        remoteWords[0],
        remoteWords[1],
        localWords[0],
        localWords[1]);
  }

  Result modify(int nextState, long flags) {
    return driver.command(
        0,
        0,
        context.deviceAddress(),
        id | (1L << 32) | (1L << 48) | ((long) nextState << 60) | flags,
        0,
        shadow.deviceAddress());
  }

  Result toRts() {
    return modify(2, (1L << 42) | (1L << 43) | (1L << 47) | (1L << 59));
  }

  /** Claims, writes the context, and loads it. */
  void load() {
    claim();
    writeContext();
    RawDriver.require(toRts());
  }

  /** Moves to error; {@code reset} sends a RST. The hash entry goes. */
  Result toError(boolean reset) {
    return modify(6, (reset ? 1L << 58 : 0) | (1L << 55));
  }

  Result flush() {
    return driver.command(0, 0, 0, id | (0x22L << 32) | (1L << 61) | (1L << 62));
  }

  Result destroy() {
    return driver.command(
        0,
        0,
        context.deviceAddress(),
        id | (2L << 32) | (1L << 48) | (1L << 55),
        0,
        shadow.deviceAddress());
  }

  /** Gives back what {@link #claim} took, but for the 4-tuple, which has gone with the QP. */
  void release() {
    RawDriver.require(driver.command(0, 0, 0, ARP_INDEX | (0x0FL << 32)));
    RawDriver.require(driver.command(0, 0, local().getPort(), 0x23L << 32));
    if (!driver.second) {
      RawDriver.require(driver.command(0, 0, 0, macIndex | (0x0EL << 32) | (1L << 62)));
    }
  }

  // ---- memory

  /** Memory under an STag. */
  record Memory(MemorySegment segment, int stag, long to) {}

  /** Registers memory with all rights. */
  Memory register(int bytes) {
    return register(bytes, 0xF, true);
  }

  Memory register(int bytes, int rights, boolean remote) {
    MemorySegment segment = arena.allocate(bytes, 64);
    DmaMapping mapping = driver.window.map(segment);
    mappings.add(mapping);
    int index = nextStag++ + 100 * id;
    int stag = (index << 8) | 0x5A;
    RawDriver.require(
        driver.command(
            segment.address(),
            bytes | ((long) PD << (driver.second ? 46 : 48)),
            Integer.toUnsignedLong(stag),
            (0x0AL << 32)
                | (1L << 43)
                | ((long) rights << 48)
                | (remote ? 1L << 53 : 0)
                | (1L << 59),
            mapping.deviceAddress()));
    return new Memory(segment, stag, segment.address());
  }

  Result deregister(int stag) {
    return driver.command(
        0,
        (long) PD << (driver.second ? 46 : 48),
        Integer.toUnsignedLong(stag),
        (0x0DL << 32) | (1L << 43));
  }

  // ---- work requests

  long fragment(long length, int stag) {
    return driver.second
        ? Integer.toUnsignedLong(stag) | (length << 32) | (sqPolarity ? RawDriver.VALID : 0)
        : length | ((long) stag << 32);
  }

  /**
   * Puts words at the head of the send queue, without a doorbell. The header's valid bit is added.
   *
   * @return where
   */
  int put(long... words) {
    int at = sqHead;
    int quanta = (words.length + 3) / 4;
    MemorySegment ring = sq.segment();
    for (int i = 0; i < words.length; i++) {
      if (i != 3) {
        RawDriver.put(ring, 32L * at + 8L * i, words[i]);
      }
    }
    if (!driver.second && quanta == 1 && at % 2 == 0) {
      // The next slot must not look valid.
      RawDriver.put(ring, 32L * at + 56, sqPolarity ? 0 : RawDriver.VALID);
    }
    RawDriver.put(ring, 32L * at + 24, words[3] | (sqPolarity ? RawDriver.VALID : 0));
    sqHead += quanta;
    if (sqHead >= SQ_QUANTA) {
      sqHead -= SQ_QUANTA;
      sqPolarity = !sqPolarity;
    }
    return at;
  }

  void ring() {
    driver.write(6, id);
  }

  int post(long... words) {
    int at = put(words);
    ring();
    return at;
  }

  static final long SIGNALLED = 1L << 62;

  int send(Memory from, long offset, long length) {
    return post(from.to() + offset, fragment(length, from.stag()), 0, (3L << 32) | SIGNALLED);
  }

  int write(Memory from, long length, int remoteStag, long remoteTo) {
    return post(
        from.to(),
        fragment(length, from.stag()),
        remoteTo,
        Integer.toUnsignedLong(remoteStag) | SIGNALLED);
  }

  int readFrom(Memory sink, long length, int remoteStag, long remoteTo) {
    return post(
        sink.to(),
        fragment(length, sink.stag()),
        remoteTo,
        Integer.toUnsignedLong(remoteStag) | (1L << 32) | SIGNALLED);
  }

  /** Posts a Receive, which needs no doorbell. */
  int receive(Memory into, long offset, long length) {
    int quanta = 1 << RQ_SHIFT;
    int at = rqHead;
    long valid = rqPolarity ? RawDriver.VALID : 0;
    MemorySegment ring = rq.segment();
    RawDriver.put(ring, 32L * at, into.to() + offset);
    RawDriver.put(
        ring,
        32L * at + 8,
        driver.second
            ? Integer.toUnsignedLong(into.stag()) | (length << 32) | valid
            : length | ((long) into.stag() << 32));
    RawDriver.put(ring, 32L * at + 24, valid);
    rqHead += quanta;
    if (rqHead == RQ_QUANTA) {
      rqHead = 0;
      rqPolarity = !rqPolarity;
    }
    return at;
  }

  int sqHead() {
    return sqHead;
  }

  @Override
  public void close() {
    mappings.forEach(DmaMapping::close);
    arena.close();
  }
}
