package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamHandler;
import dev.offramp.spi.port.StreamPort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** A stream whose FPDUs are changed on their way. */
final class WrongStream implements StreamPort {
  private static final int WRONG_POINTER = 4;

  private final StreamPort port;
  private final StreamEdit edit;
  private final FpduSplitter outgoing;
  private final boolean receive;
  private final boolean checksCrc;
  private FpduSplitter incoming;
  private final FpduMaker maker;
  private final FpduMaker inward;
  private byte[] backlog;
  private byte[] arrived = new byte[0];
  private boolean wantsRead;
  private boolean wantsWrite;
  private boolean finishing;
  private boolean ended;

  WrongStream(StreamPort port, StreamEdit edit, IwarpConnectionDescriptor d) {
    this.port = port;
    this.edit = edit;
    boolean crc = d.value(DescriptorFields.MPA_CRC);
    boolean send = d.value(DescriptorFields.MPA_SEND_MARKERS);
    receive = d.value(DescriptorFields.MPA_RECEIVE_MARKERS);
    outgoing = new FpduSplitter(send);
    incoming = new FpduSplitter(receive, edit.takesFpdusEarly());
    checksCrc = crc;
    maker = edit.maker(crc, send);
    inward = new FpduMaker(crc, receive);
    backlog = edit.preamble();
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    if (!edit.editsInput()) {
      return port.read(into, offset, length);
    }
    if (arrived.length == 0) {
      fill();
    }
    int given = 0;
    for (int i = offset; i < offset + length && given < arrived.length; i++) {
      int count = Math.min(arrived.length - given, into[i].remaining());
      into[i].put(arrived, given, count);
      given += count;
    }
    arrived = Arrays.copyOfRange(arrived, given, arrived.length);
    return given == 0 && ended ? -1 : given;
  }

  private void fill() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteBuffer[] buffer = {ByteBuffer.allocate(1 << 16)};
    long count;
    while (!ended && (count = port.read(buffer, 0, 1)) != 0) {
      if (count < 0) {
        ended = true;
        out.writeBytes(incoming.rest());
        break;
      }
      byte[] octets = Arrays.copyOf(buffer[0].array(), (int) count);
      if (edit.takesReadsForFpdus()) {
        incoming = new FpduSplitter(receive);
      }
      List<byte[]> ulpdus = edit.batch(incoming.feed(octets));
      for (int i = 0; i < ulpdus.size(); i++) {
        boolean spoilt = checksCrc && !incoming.wasIntact(i) && edit.showsBadFraming();
        inward.pointerBias(!incoming.wasPointed(i) && edit.showsBadFraming() ? WRONG_POINTER : 0);
        for (byte[] changed : edit.in(ulpdus.get(i))) {
          byte[] fpdu = inward.frame(changed);
          fpdu[fpdu.length - 1] ^= (byte) (spoilt ? 1 : 0);
          out.writeBytes(fpdu);
        }
      }
      buffer[0].clear();
    }
    arrived = out.toByteArray();
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    if (!edit.editsOutput() && backlog.length == 0) {
      return port.write(from, offset, length);
    }
    if (!flush()) {
      return 0;
    }
    ByteArrayOutputStream taken = new ByteArrayOutputStream();
    for (int i = offset; i < offset + length; i++) {
      byte[] piece = new byte[from[i].remaining()];
      from[i].get(piece);
      taken.writeBytes(piece);
    }
    if (!edit.editsOutput()) {
      backlog = taken.toByteArray();
    } else {
      ByteArrayOutputStream framed = new ByteArrayOutputStream();
      for (byte[] ulpdu : outgoing.feed(taken.toByteArray())) {
        for (byte[] changed : edit.out(ulpdu)) {
          framed.writeBytes(maker.frame(changed));
        }
      }
      backlog = framed.toByteArray();
    }
    flush();
    return taken.size();
  }

  /** Whether nothing is left. */
  boolean flush() throws IOException {
    if (backlog.length > 0) {
      ByteBuffer left = ByteBuffer.wrap(backlog);
      while (left.hasRemaining() && port.write(new ByteBuffer[] {left}, 0, 1) > 0) {
        // Goes on while TCP takes something.
      }
      backlog = Arrays.copyOfRange(backlog, left.position(), backlog.length);
    }
    if (backlog.length > 0) {
      port.interest(wantsRead, true);
      return false;
    }
    if (finishing) {
      finishing = false;
      port.shutdownOutput();
    }
    return true;
  }

  @Override
  public void attach(EventLoop loop, StreamHandler handler) {
    port.attach(
        loop,
        (readable, writable) -> {
          boolean flushed = true;
          try {
            flushed = flush();
          } catch (IOException e) {
            // The handler meets the same failure.
          }
          handler.ready(readable, writable && flushed && wantsWrite);
        });
  }

  @Override
  public void interest(boolean readable, boolean writable) {
    wantsRead = readable;
    wantsWrite = writable;
    port.interest(readable, writable || backlog.length > 0);
  }

  @Override
  public int segmentBytes() {
    return edit.segmentBytes(port.segmentBytes());
  }

  @Override
  public void shutdownOutput() throws IOException {
    switch (edit.finish()) {
      case AS_ASKED, FIN -> {
        byte[] last = edit.farewell();
        int before = backlog.length;
        backlog = Arrays.copyOf(backlog, before + last.length);
        System.arraycopy(last, 0, backlog, before, last.length);
        finishing = true;
        flush();
      }
      case RST -> port.reset();
      case NOTHING -> {}
    }
  }

  @Override
  public void reset() {
    end(edit.reset(), port::reset);
  }

  @Override
  public void close() {
    end(edit.finish(), port::close);
  }

  private void end(StreamEdit.Ending how, Runnable asked) {
    switch (how) {
      case AS_ASKED -> asked.run();
      case FIN -> port.close();
      case RST -> port.reset();
      case NOTHING -> {}
    }
  }

  @Override
  public void describe(IwarpConnectionDescriptor.Builder to) throws IOException {
    port.describe(to);
  }

  @Override
  public boolean limitInput(int octets) throws TransferException {
    return port.limitInput(octets);
  }

  @Override
  public void unlimitInput() {
    port.unlimitInput();
  }

  @Override
  public Departure depart(DepartureNeeds needs) throws TransferException {
    return port.depart(needs);
  }

  @Override
  public Failure causeOf(IOException failure) {
    return port.causeOf(failure);
  }
}
