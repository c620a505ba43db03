package dev.offramp.provider.chelsio.connection;

import dev.offramp.provider.chelsio.adapter.Flow;
import dev.offramp.provider.chelsio.wire.CplFw6Msg;
import dev.offramp.provider.chelsio.wire.Cqe;
import java.lang.foreign.MemorySegment;

/** What the adapter says of a connection, done under the connection's lock. */
final class FlowEvents implements Flow {
  private final ChelsioConnection connection;
  private final Serial serial;
  private final StreamLife life;

  FlowEvents(ChelsioConnection connection) {
    this.connection = connection;
    this.serial = connection.serial();
    this.life = connection.life();
  }

  @Override
  public void peerClosed() {
    serial.submit(life::peerClosed);
  }

  @Override
  public void closeReplied(int status) {
    serial.submit(() -> life.closeReplied(status));
  }

  @Override
  public void abortRequested(int status) {
    serial.submit(() -> life.abortRequested(status));
  }

  @Override
  public void abortReplied(int status) {
    serial.submit(() -> life.abortReplied(status));
  }

  @Override
  public void terminated(byte[] message) {
    serial.submit(() -> life.terminated(TerminateMessage.of(message)));
  }

  @Override
  public void streamed(int octets) {
    serial.submit(() -> life.streamed(octets));
  }

  @Override
  public void failedCompletion(Cqe cqe) {
    byte[] copy = cqe.copy(CplFw6Msg.CQE_BYTES);
    serial.submit(() -> connection.failed(new Cqe().at(MemorySegment.ofArray(copy), 0)));
  }

  @Override
  public void completionEvent() {
    serial.submit(connection::reap);
  }

  @Override
  public void deviceFailed(String reason) {
    serial.submit(() -> life.deviceFailed(reason));
  }
}
