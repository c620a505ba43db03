package dev.offramp.cli.rping;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What both ends of rping do alike: one small message each way at a time. */
public abstract class RpingEndpoint {
  final Consumer<String> trace;
  private @Nullable RdmaConnection rdma;
  private @Nullable MemoryRegion messages;
  private final Deque<Completion> received = new ArrayDeque<>();

  RpingEndpoint(Consumer<String> trace) {
    this.trace = trace;
  }

  /** To be given to {@code Offramp.offload}, so that the first Receive is posted in time. */
  public final ConnectionSetup setup() {
    return connection -> {
      rdma = connection;
      messages = connection.allocate(2L * RpingInfo.BYTES);
      expectMessage();
      register(connection);
    };
  }

  /** Registers the endpoint's own buffers. */
  abstract void register(RdmaConnection connection) throws IOException;

  final RdmaConnection rdma() {
    return Objects.requireNonNull(rdma, "setup has not run");
  }

  final MemoryRegion sink(RdmaConnection connection, long sizeBytes) {
    return connection.allocate(sizeBytes, Access.REMOTE_WRITE);
  }

  /** Sends a buffer's place; an empty buffer of STag 0 is the "go ahead" of a server. */
  final void tell(RemoteBuffer buffer) throws IOException, InterruptedException {
    RpingInfo.write(messages().segment().asSlice(RpingInfo.BYTES, RpingInfo.BYTES), buffer);
    perform(new Send(messages().slice(RpingInfo.BYTES, RpingInfo.BYTES)));
    trace.accept("sent a message: " + buffer);
  }

  /**
   * Waits for the peer's message.
   *
   * @throws RpingException when it is not 16 bytes long
   */
  final RemoteBuffer hear() throws IOException, InterruptedException {
    Completion completion = received.isEmpty() ? next(Operation.RECEIVE) : received.remove();
    if (completion.bytes() != RpingInfo.BYTES) {
      throw new RpingException(
          "a message of "
              + completion.bytes()
              + " bytes came, expected "
              + RpingInfo.BYTES
              + "; is the peer an rping?");
    }
    RemoteBuffer heard = RpingInfo.read(messages().segment());
    expectMessage();
    trace.accept("received a message: " + heard);
    return heard;
  }

  /** Posts one request and waits until it is done. */
  final void perform(WorkRequest request) throws IOException, InterruptedException {
    rdma().post(request);
    next(request.operation());
    trace.accept(request.operation() + " done");
  }

  private Completion next(Operation operation) throws IOException, InterruptedException {
    while (true) {
      Completion completion = rdma().completions().take();
      if (!completion.isSuccess()) {
        throw rdma()
            .end()
            .<IOException>map(ConnectionClosedException::new)
            .orElseGet(() -> new RpingException(operation + " ended with " + completion.status()));
      }
      if (completion.operation() == operation) {
        return completion;
      }
      received.add(completion);
    }
  }

  private MemoryRegion messages() {
    return Objects.requireNonNull(messages, "setup has not run");
  }

  private void expectMessage() throws IOException {
    rdma().post(new Receive(messages().slice(0, RpingInfo.BYTES)));
  }
}
