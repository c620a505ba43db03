package dev.offramp.cli.rping;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The client: offers its text to be read, and has it written back. */
public final class RpingClient extends RpingEndpoint {
  private final long sizeBytes;
  private final boolean validate;
  private final Consumer<String> data;
  private @Nullable MemoryRegion source;
  private @Nullable MemoryRegion sink;

  /**
   * A client for one connection.
   *
   * @param sizeBytes how long each ping is
   * @param validate whether to compare what comes back
   * @param data given each ping's text
   * @param trace given each state
   */
  public RpingClient(
      long sizeBytes, boolean validate, Consumer<String> data, Consumer<String> trace) {
    super(trace);
    this.sizeBytes = sizeBytes;
    this.validate = validate;
    this.data = data;
  }

  @Override
  void register(RdmaConnection connection) {
    source = connection.allocate(sizeBytes, Access.REMOTE_READ);
    sink = sink(connection, sizeBytes);
  }

  /**
   * Pings.
   *
   * @param count how often; 0: until the peer ends the stream
   */
  public void run(int count) throws IOException, InterruptedException {
    MemoryRegion from = Objects.requireNonNull(source);
    MemoryRegion to = Objects.requireNonNull(sink);
    for (int ping = 0; count == 0 || ping < count; ping++) {
      RpingText.write(from.segment(), ping);
      tell(from.advertise());
      hear();
      tell(to.advertise());
      hear();
      if (validate && from.segment().mismatch(to.segment()) >= 0) {
        throw new RpingException(
            "ping "
                + ping
                + " came back different at byte "
                + from.segment().mismatch(to.segment()));
      }
      data.accept(RpingText.read(to.segment(), sizeBytes));
    }
  }
}
