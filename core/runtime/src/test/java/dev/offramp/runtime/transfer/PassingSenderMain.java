package dev.offramp.runtime.transfer;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.HostStack;
import dev.offramp.linux.PassingLink;
import dev.offramp.linux.SocketPassing;
import dev.offramp.runtime.migrate.PassingOwner;
import dev.offramp.runtime.migrate.PreSharedKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A process without privilege that begins a conversation and passes its socket on. Arguments: the
 * link's path, key file, the echo's address and port. Says each step on standard output, and goes
 * on when it reads a line.
 */
final class PassingSenderMain {
  static final int UNDER_WAY_BYTES = 150_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final BufferedReader orders =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
  private final Conversation conversation = new Conversation(0, 0);

  private PassingSenderMain() {}

  public static void main(String[] args) throws Exception {
    requireNoCapability();
    InetSocketAddress echo =
        new InetSocketAddress(InetAddress.ofLiteral(args[2]), Integer.parseInt(args[3]));
    try (SocketChannel connection = SocketChannel.open(echo)) {
      new PassingSenderMain().run(connection, Path.of(args[0]), Path.of(args[1]));
    }
  }

  /** All sets are empty: nothing of what follows can have needed one. */
  static void requireNoCapability() throws IOException {
    List<String> some =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.matches("Cap(Inh|Prm|Eff|Bnd|Amb):.*[1-9a-f].*"))
            .toList();
    if (!some.isEmpty()) {
      throw new IllegalStateException("seen [" + some + "], expected no capability");
    }
  }

  private void run(SocketChannel connection, Path path, Path key) throws Exception {
    conversation.goOn(connection, 2);
    conversation.say(connection, UNDER_WAY_BYTES);
    step("ready");
    HostStack stack = HostStack.create();
    try (PassingOwner other =
        PassingOwner.greet(
            PassingLink.connect(path, Set.of(PassingLink.ownUser()), PATIENCE),
            PreSharedKey.read(key),
            "another process",
            PATIENCE)) {
      Departure stopped = other.carry(new SocketPassing(stack).pass(connection));
      step("stopped");
      new TransferCoordinator(Set.of(), TransferListener.NONE)
          .move(
              new Told(stopped),
              stack.ownerName(),
              UnaryOperator.identity(),
              other,
              arrival -> {
                step("prepared");
                other.confirm();
                step("confirmed");
              });
      step("moved");
    } catch (TransferException e) {
      System.out.println("failed " + e.whereabouts());
      if (e.whereabouts() == Whereabouts.OLD_OWNER) {
        conversation.goOn(connection, 5);
        connection.shutdownOutput();
        System.out.println("conversed " + conversation.heardBytes());
      }
      orders.readLine();
    }
  }

  private void step(String name) throws IOException {
    System.out.println(name);
    if ("keep".equals(orders.readLine())) {
      throw new IOException("told to keep it");
    }
  }

  /** Stops once more when it has let go, and nobody has been told yet. */
  private final class Told implements Departure {
    private final Departure real;

    Told(Departure real) {
      this.real = real;
    }

    @Override
    public IwarpConnectionDescriptor descriptor() {
      return real.descriptor();
    }

    @Override
    public void release() {
      real.release();
      try {
        step("released");
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void resume() throws TransferException {
      real.resume();
    }

    @Override
    public void close() throws TransferException {
      real.close();
    }
  }
}
