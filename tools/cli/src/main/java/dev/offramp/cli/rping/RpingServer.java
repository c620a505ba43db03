package dev.offramp.cli.rping;

import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The server: reads the client's text, and writes it back. */
public final class RpingServer extends RpingEndpoint {
  private static final RemoteBuffer GO_AHEAD = new RemoteBuffer(0, 0, 0);

  private final long sizeBytes;
  private final Consumer<String> data;
  private @Nullable MemoryRegion buffer;

  /**
   * A server for one connection.
   *
   * @param sizeBytes the longest ping that it takes
   * @param data given each ping's text
   * @param trace given each state
   */
  public RpingServer(long sizeBytes, Consumer<String> data, Consumer<String> trace) {
    super(trace);
    this.sizeBytes = sizeBytes;
    this.data = data;
  }

  @Override
  void register(RdmaConnection connection) {
    buffer = sink(connection, sizeBytes);
  }

  /** Serves until the client ends the stream in order; returns the number of pings. */
  public int run() throws IOException, InterruptedException {
    int pings = 0;
    while (true) {
      RemoteBuffer source;
      try {
        source = hear();
      } catch (ConnectionClosedException e) {
        if (e.end() instanceof StreamEnd.ClosedByPeer) {
          return pings;
        }
        throw e;
      }
      MemoryRegion own = Objects.requireNonNull(buffer);
      requireRoom(source);
      perform(new Read(0, own.slice(0, source.lengthBytes()), source));
      data.accept(RpingText.read(own.segment(), source.lengthBytes()));
      tell(GO_AHEAD);
      RemoteBuffer sink = hear();
      requireRoom(sink);
      perform(new Write(0, own.slice(0, sink.lengthBytes()), sink));
      tell(GO_AHEAD);
      pings++;
    }
  }

  private void requireRoom(RemoteBuffer peers) throws RpingException {
    if (peers.lengthBytes() > sizeBytes) {
      throw new RpingException(
          "the client pings with "
              + peers.lengthBytes()
              + " bytes, and this server has room for "
              + sizeBytes
              + "; give both the same -S");
    }
  }
}
