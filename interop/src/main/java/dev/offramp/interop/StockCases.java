package dev.offramp.interop;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.Offramp;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Other stock programs of rdma-core, unchanged: messages both ways at once. */
final class StockCases {
  private StockCases() {}

  /**
   * What such a program does on each connection.
   *
   * @param name the program
   * @param serverCommand how it is a server
   * @param clientCommand how it is a client
   * @param messages how many messages each end sends
   * @param messageBytes how long each is
   * @param guestFirst whether this end says nothing before it has heard all: ucmatose sends from
   *     the buffer that it receives into
   */
  private record Program(
      String name,
      String serverCommand,
      String clientCommand,
      int messages,
      int messageBytes,
      boolean guestFirst) {}

  private static final Program UCMATOSE =
      new Program(
          "ucmatose",
          "ucmatose -b %s -p %d -C 20 -S 5000",
          "ucmatose -s %s -p %d -C 20 -S 5000",
          20,
          5000,
          true);

  private static final Program RDMA_CLIENT =
      new Program(
          "rdma_server", "rdma_server -s %s -p %d", "rdma_client -s %s -p %d", 1, 16, false);

  static List<Case> all() {
    // No client of ucmatose: it waits for the server's messages before it sends one, and a
    // Responder
    // must not send before it has heard an FPDU (RFC 5044, section 7.1.2, rule 4). siw does.
    return List.of(initiator(UCMATOSE), initiator(RDMA_CLIENT), responder(RDMA_CLIENT));
  }

  private static Case initiator(Program program) {
    return new Case(
        "offramp ~ " + program.name(),
        "initiator",
        options(program),
        (lab, port) -> {
          try (Run guest =
              lab.guest(Case.USUAL_LIMIT, program.serverCommand().formatted(Lab.GUEST, port))) {
            lab.awaitListener(port);
            try (SocketChannel tcp = Tcp.connect(Lab.GUEST, port)) {
              converse(program, tcp, Mpa.initiator().build(), guest);
            }
          }
          return "";
        });
  }

  private static Case responder(Program program) {
    String name = program.name().replace("server", "client");
    return new Case(
        "offramp ~ " + name,
        "responder",
        options(program),
        (lab, port) -> {
          try (ServerSocketChannel listener = Tcp.listen(Lab.HOST, port);
              Run guest =
                  lab.guest(Case.USUAL_LIMIT, program.clientCommand().formatted(Lab.HOST, port));
              SocketChannel tcp = Tcp.accept(listener)) {
            converse(program, tcp, Mpa.responder().build(), guest);
          }
          return "";
        });
  }

  private static String options(Program program) {
    return program.messages() + " Sends of " + program.messageBytes() + " bytes each way, CRC";
  }

  private static void converse(Program program, SocketChannel tcp, MpaOptions mpa, Run guest)
      throws IOException, InterruptedException {
    Buffer buffer = new Buffer();
    try (Offramp offramp = Owner.hostResident().open();
        RdmaConnection rdma = offramp.offload(tcp, mpa, buffer.setup(program))) {
      Work work = new Work(rdma);
      if (program.guestFirst()) {
        hear(work, program);
        say(work, program, buffer);
      } else {
        say(work, program, buffer);
        hear(work, program);
      }
      rdma.disconnect();
      guest.succeed(Case.USUAL_LIMIT);
    } catch (CaseFailure e) {
      throw new CaseFailure(e.getMessage() + "; " + guest.tail());
    }
  }

  private static void say(Work work, Program program, Buffer buffer)
      throws IOException, InterruptedException {
    for (int i = 0; i < program.messages(); i++) {
      work.post(new Send(buffer.region().slice(0, program.messageBytes())));
    }
    for (int i = 0; i < program.messages(); i++) {
      work.expect(Operation.SEND);
    }
  }

  private static void hear(Work work, Program program) throws IOException, InterruptedException {
    for (int i = 0; i < program.messages(); i++) {
      long bytes = work.expect(Operation.RECEIVE).bytes();
      CaseFailure.require(
          bytes == program.messageBytes(), bytes + " bytes", "" + program.messageBytes());
    }
  }

  /** The memory of one connection. */
  private static final class Buffer {
    private @Nullable MemoryRegion region;

    ConnectionSetup setup(Program program) {
      return connection -> {
        MemoryRegion own = connection.allocate(2L * program.messageBytes(), Access.REMOTE_READ);
        for (int i = 0; i < program.messages(); i++) {
          connection.post(
              new Receive(i, own.slice(program.messageBytes(), program.messageBytes())));
        }
        region = own;
      };
    }

    MemoryRegion region() {
      return java.util.Objects.requireNonNull(region, "setup has not run");
    }
  }
}
