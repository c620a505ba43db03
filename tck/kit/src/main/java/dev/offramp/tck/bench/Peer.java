package dev.offramp.tck.bench;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.tck.wire.Ddp;
import dev.offramp.tck.wire.Deviation;
import dev.offramp.tck.wire.FpduFramer;
import dev.offramp.tck.wire.Framing;
import dev.offramp.tck.wire.Heard;
import dev.offramp.tck.wire.StreamSetup;
import dev.offramp.tck.wire.WireReader;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The other end of a connection, played octet by octet. It sends what it is told to, right or
 * wrong, and reads strictly.
 */
public final class Peer {
  private final Wire wire;
  private final WireReader reader;
  private final FpduFramer framer;
  private final int mulpdu;
  private final int[] msn = {1, 1, 1, 1};
  private final Map<Integer, byte[]> memory = new HashMap<>();
  private final ByteArrayOutputStream held = new ByteArrayOutputStream();
  private boolean holding;
  private byte[] lastUlpdu = {};
  private int answered;

  /**
   * The peer of a connection that has not begun.
   *
   * @param d as the driver gets it
   * @param copiesBadSegments what the driver declares
   */
  public Peer(Wire wire, IwarpConnectionDescriptor d, boolean copiesBadSegments) {
    this.wire = wire;
    boolean crc = d.value(DescriptorFields.MPA_CRC);
    int emss = d.get(DescriptorFields.SEND_MSS_BYTES).orElse(1460);
    this.reader =
        new WireReader(
            new StreamSetup(
                d.value(DescriptorFields.MPA_ROLE),
                d.get(DescriptorFields.RTR).orElse(RtrKind.NONE),
                crc,
                d.value(DescriptorFields.MPA_SEND_MARKERS),
                emss,
                d.get(DescriptorFields.ORD).orElse(0),
                first(d, DescriptorFields.SEND_MSN),
                first(d, DescriptorFields.READ_REQUEST_MSN),
                copiesBadSegments),
            KitStreams.queued(d));
    boolean markers = d.value(DescriptorFields.MPA_RECEIVE_MARKERS);
    this.framer = new FpduFramer(crc, markers);
    this.mulpdu = Framing.mulpdu(1460, markers);
    msn[Ddp.SEND_QUEUE] = first(d, DescriptorFields.RECEIVE_MSN);
    msn[Ddp.REQUEST_QUEUE] = first(d, DescriptorFields.READ_RESPONSE_MSN);
  }

  private static int first(
      IwarpConnectionDescriptor d, dev.offramp.api.descriptor.FieldKey<Long> key) {
    return d.get(key).orElse(1L).intValue();
  }

  public Wire wire() {
    return wire;
  }

  /** The strict reading of what came. */
  public WireReader reader() {
    pull();
    return reader;
  }

  public FpduFramer framer() {
    return framer;
  }

  /** Whole messages that came. */
  public List<Heard> heard() {
    return reader().messages();
  }

  /** The last message that came. */
  public Heard last() {
    List<Heard> all = heard();
    if (all.isEmpty()) {
      throw new IllegalStateException("nothing was heard");
    }
    return all.get(all.size() - 1);
  }

  /** What was wrong with what came. */
  public List<Deviation> deviations() {
    return reader().deviations();
  }

  private void pull() {
    reader.feed(wire.peerReads());
  }

  // ---- memory

  /** Memory of the peer, under an STag; tagged offsets begin at 0. */
  public byte[] memory(int stag, int bytes) {
    byte[] made = new byte[bytes];
    memory.put(stag, made);
    return made;
  }

  /** Places Writes that came, and answers Read and Atomic Requests that were not answered. */
  public void serve() {
    serve(Integer.MAX_VALUE);
  }

  /** The same for at most so many messages; the rest stays as it is. */
  public void serve(int most) {
    List<Heard> all = heard();
    for (int left = most; answered < all.size() && left > 0; left--) {
      serve(all.get(answered++));
    }
  }

  private void serve(Heard message) {
    switch (message.opcode()) {
      case Ddp.WRITE -> place(message);
      case Ddp.READ_REQUEST -> answer(message);
      case Ddp.ATOMIC_REQUEST -> answerAtomic(message);
      default -> {
        // Nothing to do.
      }
    }
  }

  private void place(Heard write) {
    byte[] target = memory.get(write.stag());
    int at = (int) write.taggedOffset();
    if (target != null && at >= 0 && at + write.payload().length() <= target.length) {
      write.payload().asByteBuffer().get(target, at, write.payload().length());
    }
  }

  private void answer(Heard request) {
    int size = request.word(12);
    byte[] source = memory.get(request.word(16));
    int at = (int) request.doubleWord(20);
    byte[] data = new byte[size];
    if (source != null && size > 0) {
      System.arraycopy(source, at, data, 0, size);
    }
    readResponse(request.word(0), request.doubleWord(4), data);
  }

  private void answerAtomic(Heard request) {
    byte[] target = memory.get(request.word(8));
    int at = (int) request.doubleWord(12);
    if (target == null || at < 0 || at + Long.BYTES > target.length) {
      return;
    }
    ByteBuffer words = ByteBuffer.wrap(target).order(java.nio.ByteOrder.nativeOrder());
    long before = words.getLong(at);
    long data = request.doubleWord(20);
    long mask = request.doubleWord(28);
    long after =
        request.word(0) == 0
            ? Atomic.add(before, data, mask)
            : Atomic.swap(before, data, mask, request.doubleWord(36), request.doubleWord(44));
    words.putLong(at, after);
    untagged(
        Ddp.ATOMIC_RESPONSE,
        0,
        ByteBuffer.allocate(12).putInt(request.word(4)).putLong(before).array());
  }

  // ---- what it says

  /** From now on octets are kept back, to go out together. */
  public void hold() {
    holding = true;
  }

  /** Sends what was kept back. */
  public void release() {
    holding = false;
    byte[] bytes = held.toByteArray();
    held.reset();
    octets(bytes);
  }

  /** Sends octets as they are. */
  public void octets(byte[] bytes) {
    if (holding) {
      held.writeBytes(bytes);
    } else {
      wire.peerSends(bytes);
    }
  }

  /** Sends octets of an FPDU, or of a part of one. */
  public void speak(byte[] bytes) {
    reader.spoken();
    octets(bytes);
  }

  /** Frames and sends a ULPDU. */
  public void ulpdu(byte[] ulpdu) {
    reader.spoken();
    lastUlpdu = ulpdu.clone();
    octets(framer.frame(ulpdu));
  }

  /** The last ULPDU that it sent; empty before the first. */
  public byte[] lastUlpdu() {
    return lastUlpdu.clone();
  }

  /** A Send. */
  public void send(byte[] payload) {
    untagged(Ddp.SEND, 0, payload);
  }

  /** An untagged message of any kind, in as many segments as it needs. */
  public void untagged(int opcode, int ulpWord, byte[] payload) {
    int queue = Ddp.queueOf(opcode);
    int number = msn[queue]++;
    int room = mulpdu - Ddp.UNTAGGED_BYTES;
    int at = 0;
    do {
      int count = Math.min(room, payload.length - at);
      boolean last = at + count == payload.length;
      ulpdu(
          Ddp.untagged(
              Ddp.DDP_VERSION | (last ? Ddp.LAST : 0),
              Ddp.RDMAP_VERSION | opcode,
              ulpWord,
              queue,
              number,
              at,
              Arrays.copyOfRange(payload, at, at + count)));
      at += count;
    } while (at < payload.length);
  }

  /** A tagged message of either kind. */
  public void tagged(int opcode, int stag, long taggedOffset, byte[] payload) {
    int room = mulpdu - Ddp.TAGGED_BYTES;
    int at = 0;
    do {
      int count = Math.min(room, payload.length - at);
      boolean last = at + count == payload.length;
      ulpdu(
          Ddp.tagged(
              Ddp.TAGGED | Ddp.DDP_VERSION | (last ? Ddp.LAST : 0),
              Ddp.RDMAP_VERSION | opcode,
              stag,
              taggedOffset + at,
              Arrays.copyOfRange(payload, at, at + count)));
      at += count;
    } while (at < payload.length);
  }

  public void write(int stag, long taggedOffset, byte[] payload) {
    tagged(Ddp.WRITE, stag, taggedOffset, payload);
  }

  public void readResponse(int stag, long taggedOffset, byte[] payload) {
    tagged(Ddp.READ_RESPONSE, stag, taggedOffset, payload);
  }

  public void readRequest(
      int sinkStag, long sinkOffset, int size, int sourceStag, long sourceOffset) {
    untagged(
        Ddp.READ_REQUEST, 0, Ddp.readRequest(sinkStag, sinkOffset, size, sourceStag, sourceOffset));
  }

  /** A Terminate without headers. */
  public void terminate(int layer, int type, int code) {
    untagged(Ddp.TERMINATE, 0, new byte[] {(byte) (layer << 4 | type), (byte) code, 0, 0});
  }

  /** The MSN that the next message on a queue will have. */
  public int nextMsn(int queue) {
    return msn[queue];
  }

  /** Uses an MSN up, or gives one out twice. */
  public void skipMsn(int queue, int by) {
    msn[queue] += by;
  }

  /** What it would take for a Responder to speak: the shortest FPDU that needs nothing. */
  public void breakSilence() {
    write(0, 0, new byte[0]);
  }

  /** All octets that came, streaming mode included. */
  public Octets octetsHeard() {
    return Octets.copyOf(reader().octets());
  }
}
