package dev.offramp.cli;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.cli.rping.RpingClient;
import dev.offramp.cli.rping.RpingServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code offramp rping}: the options are those of rdma-core's rping. */
@Command(
    name = "rping",
    description = "Pings by RDMA Read and Write; speaks the protocol of rdma-core's rping.")
final class RpingCommand implements Callable<Integer> {
  /** The shortest ping that holds its head, as in stock rping. */
  private static final int MIN_SIZE_BYTES = 27;

  private static final int MAX_SIZE_BYTES = 1 << 30;

  @Spec private CommandSpec spec;

  // Not the standard mix-in: in rping -V means to compare, not the version.
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;

  @ArgGroup(multiplicity = "1")
  private Side side;

  /** Exactly one of the two. */
  static final class Side {
    @Option(names = "-s", description = "Be the server: wait for a client.")
    private boolean server;

    @Option(names = "-c", description = "Be the client.")
    private boolean client;
  }

  @Option(
      names = "-a",
      paramLabel = "ADDRESS",
      description = "The server's own address, or the address to connect to.")
  private @Nullable String address;

  @Option(names = "-p", paramLabel = "PORT", defaultValue = "7174", description = "Default: 7174.")
  private int port;

  @Option(
      names = "-C",
      paramLabel = "COUNT",
      description = "How many pings (client); 0 or not given: without end.")
  private int count;

  @Option(
      names = "-S",
      paramLabel = "BYTES",
      defaultValue = "64",
      description = "Size of a ping; give both ends the same. Default: 64.")
  private int sizeBytes;

  @Option(names = "-v", description = "Print the ping data.")
  private boolean verbose;

  @Option(names = "-V", description = "Compare what comes back (client).")
  private boolean validate;

  @Option(names = "-d", description = "Trace every state.")
  private boolean debug;

  @Option(names = "-P", description = "Go on with the next client (server).")
  private boolean persistent;

  @Option(
      names = "--crc",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Ask for CRC32c; on unless --no-crc. Either end's wish turns it on.")
  private boolean crc;

  @Option(
      names = "--rtr",
      paramLabel = "KIND",
      split = ",",
      description =
          "Peer-to-peer mode (client), with a ready-to-receive indication of one of these kinds:"
              + " write, read, send.")
  private Set<RtrKind> rtrKinds = EnumSet.noneOf(RtrKind.class);

  @Option(
      names = "--rnic",
      paramLabel = "NAME",
      defaultValue = OfframpOptions.HOST_RESIDENT,
      description = "The RNIC to use; see 'offramp drivers'.")
  private String rnic;

  @Option(
      names = "--accept-losses",
      description =
          "Let connections lose what the RNIC cannot carry on, and say what that is, once.")
  private boolean acceptLosses;

  @Option(names = "--json", description = "Print one JSON object at the end, and nothing else.")
  private boolean json;

  private final Set<Loss> toldLosses = new HashSet<>();
  private int pings;
  private @Nullable PrintWriter output;

  @Override
  public Integer call() throws Exception {
    if (sizeBytes < MIN_SIZE_BYTES || sizeBytes > MAX_SIZE_BYTES) {
      throw new ParameterException(
          spec.commandLine(),
          "-S: seen [" + sizeBytes + "], expected " + MIN_SIZE_BYTES + ".." + MAX_SIZE_BYTES);
    }
    if (side.client && address == null) {
      throw new ParameterException(spec.commandLine(), "-c needs -a ADDRESS, the server's address");
    }
    if (rtrKinds.contains(RtrKind.NONE)) {
      throw new ParameterException(
          spec.commandLine(), "--rtr: seen [NONE], expected write, read or send");
    }
    if (side.server && !rtrKinds.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--rtr is the client's: a server takes whatever it is offered");
    }
    output = spec.commandLine().getOut();
    OfframpOptions.Builder options = OfframpOptions.builder().rnic(rnic);
    if (acceptLosses) {
      DescriptorFields.all().forEach(options::acceptLoss);
    }
    try (Offramp offramp = Offramp.open(options.build())) {
      if (side.server) {
        serve(offramp);
      } else {
        ping(offramp);
      }
    }
    if (json) {
      Map<String, Object> summary = new LinkedHashMap<>();
      summary.put("role", side.server ? "server" : "client");
      summary.put("pings", pings);
      summary.put("size_bytes", sizeBytes);
      summary.put("rnic", rnic);
      spec.commandLine().getOut().println(Json.pretty(summary));
    }
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }

  private void serve(Offramp offramp) throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      listener.bind(
          address == null
              ? new InetSocketAddress(port)
              : new InetSocketAddress(InetAddress.getByName(address), port));
      trace().accept("listening on " + listener.getLocalAddress());
      do {
        try (SocketChannel tcp = listener.accept()) {
          serve(offramp, tcp);
        } catch (IOException e) {
          if (!persistent) {
            throw e;
          }
          spec.commandLine().getErr().println("offramp rping: " + e.getMessage());
          spec.commandLine().getErr().flush();
        }
      } while (persistent);
    }
  }

  private void serve(Offramp offramp, SocketChannel tcp) throws IOException, InterruptedException {
    RpingServer server = new RpingServer(sizeBytes, data("server ping data: "), trace());
    MpaOptions mpa = Mpa.responder().crc(crc).build();
    tellLosses(offramp, tcp, mpa);
    try (RdmaConnection rdma = offramp.offload(tcp, mpa, server.setup())) {
      trace().accept("started: " + rdma.mpa());
      pings += server.run();
      rdma.disconnect();
    }
  }

  /** What the RNIC cannot carry on, each once. */
  private void tellLosses(Offramp offramp, SocketChannel tcp, MpaOptions mpa)
      throws TransferException {
    if (acceptLosses && !json) {
      for (Loss loss : offramp.admission(tcp, mpa).losses()) {
        if (toldLosses.add(loss)) {
          print("accepted loss: " + loss);
        }
      }
    }
  }

  private void ping(Offramp offramp) throws Exception {
    InetSocketAddress server = new InetSocketAddress(InetAddress.getByName(address), port);
    try (SocketChannel tcp = SocketChannel.open(server)) {
      tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
      RpingClient client = new RpingClient(sizeBytes, validate, data("ping data: "), trace());
      MpaOptions mpa = Mpa.initiator().crc(crc).peerToPeer(rtrKinds).build();
      tellLosses(offramp, tcp, mpa);
      try (RdmaConnection rdma = offramp.offload(tcp, mpa, client.setup())) {
        trace().accept("started: " + rdma.mpa());
        client.run(count);
        pings = count;
        rdma.disconnect();
      }
    }
  }

  private Consumer<String> data(String prefix) {
    return verbose && !json ? text -> print(prefix + text) : text -> {};
  }

  private Consumer<String> trace() {
    return debug && !json ? this::print : text -> {};
  }

  private void print(String line) {
    PrintWriter out = output;
    if (out != null) {
      out.println(line);
      out.flush();
    }
  }
}
