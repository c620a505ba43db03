package dev.offramp.interop;

import dev.offramp.api.Offramp;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.RdmaConnection;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Writes, Reads and Sends from both ends, every byte verified, against siwbulk in the guest. */
final class BulkCases {
  private static final String PROGRAM = "offramp ~ siwbulk";
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final Duration LONG = Duration.ofMinutes(5);

  /** Not a multiple of 4, so that every FPDU of such a message has padding. */
  private static final int ODD_BYTES = 1001;

  private static final int FAST_STARTS = 12;

  private BulkCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (boolean crc : new boolean[] {true, false}) {
      cases.add(initiator("64 KiB", 64 * KIB, 4 * KIB, crc));
      cases.add(responder("64 KiB", 64 * KIB, 4 * KIB, crc));
      cases.add(initiator("1 MiB", MIB, 64 * KIB, crc));
      cases.add(responder("1 MiB", MIB, 64 * KIB, crc));
    }
    cases.add(initiator("1 MiB, Sends of 1001 bytes", MIB, ODD_BYTES, true));
    cases.add(responder("1 MiB, Sends of 1001 bytes", MIB, ODD_BYTES, true));
    cases.add(initiator("128 KiB, Sends of 61 bytes", 128 * KIB, 61, true));
    for (Set<RtrKind> kinds :
        List.of(Set.of(RtrKind.WRITE), Set.of(RtrKind.READ), Set.of(RtrKind.WRITE, RtrKind.READ))) {
      cases.add(
          new Case(
              PROGRAM,
              "initiator",
              "64 KiB, peer-to-peer, RTR offered: " + kinds.stream().sorted().toList(),
              (lab, port) ->
                  initiate(
                      lab,
                      port,
                      Owner.hostResident(),
                      Mpa.initiator().peerToPeer(kinds).build(),
                      64 * KIB,
                      4 * KIB)));
    }
    cases.add(fastStarts());
    cases.add(large("initiator", BulkCases::largeInitiator));
    cases.add(large("responder", BulkCases::largeResponder));
    return cases;
  }

  private static Case initiator(String size, int bytes, int sendBytes, boolean crc) {
    return new Case(
        PROGRAM,
        "initiator",
        size + options(crc),
        (lab, port) ->
            initiate(
                lab,
                port,
                Owner.hostResident(),
                Mpa.initiator().crc(crc).build(),
                bytes,
                sendBytes));
  }

  private static Case responder(String size, int bytes, int sendBytes, boolean crc) {
    // siw never asks for the CRC, but obeys a Reply that does.
    return new Case(
        PROGRAM,
        "responder",
        size + options(crc),
        (lab, port) ->
            respond(
                lab,
                Lab.HOST,
                port,
                Owner.hostResident(),
                Mpa.responder().crc(crc).build(),
                bytes,
                sendBytes));
  }

  private static String options(boolean crc) {
    return crc ? ", CRC" : ", no CRC";
  }

  private static Case large(String role, Case.Body body) {
    return new Case(PROGRAM, role, "64 MiB, CRC", LONG, false, body);
  }

  private static String largeInitiator(Lab lab, int port) throws Exception {
    return initiate(lab, port, Owner.hostResident(), Mpa.initiator().build(), 64 * MIB, 64 * KIB);
  }

  private static String largeResponder(Lab lab, int port) throws Exception {
    return respond(
        lab, Lab.HOST, port, Owner.hostResident(), Mpa.responder().build(), 64 * MIB, 64 * KIB);
  }

  /**
   * Without the delay that spares siw's responder an FPDU too early, its lost wake-up is provoked
   * again and again; softiwarp has to notice and to wake it.
   */
  private static Case fastStarts() {
    return new Case(
        PROGRAM,
        "initiator",
        FAST_STARTS + " connections, first FPDU at once",
        (lab, port) -> {
          int bytes = 4 * KIB;
          try (Run guest = guest(lab, "server", Lab.GUEST, port, bytes, FAST_STARTS)) {
            for (int i = 0; i < FAST_STARTS; i++) {
              lab.awaitListener(port);
              Owner owner = Owner.hostResident().with("softiwarp.first-fpdu-delay-micros", "0");
              try (Offramp offramp = owner.open();
                  SocketChannel tcp = Tcp.connect(Lab.GUEST, port)) {
                converse(offramp, tcp, Mpa.initiator().build(), bytes, KIB);
              }
            }
            guest.succeed(Case.USUAL_LIMIT);
          }
          return "";
        });
  }

  /** This end connects, is Initiator, and leads. */
  static String initiate(Lab lab, int port, Owner owner, MpaOptions mpa, long bytes, int sendBytes)
      throws Exception {
    try (Run guest = guest(lab, "server", Lab.GUEST, port, bytes, 1)) {
      lab.awaitListener(port);
      try (Offramp offramp = owner.open();
          SocketChannel tcp = Tcp.connect(Lab.GUEST, port)) {
        converse(offramp, tcp, mpa, bytes, sendBytes);
      } catch (IOException e) {
        throw described(e, guest);
      }
      guest.succeed(Case.USUAL_LIMIT);
    }
    return owner.requireMove();
  }

  /** This end listens, is Responder, and leads. */
  static String respond(
      Lab lab, String address, int port, Owner owner, MpaOptions mpa, long bytes, int sendBytes)
      throws Exception {
    try (ServerSocketChannel listener = Tcp.listen(address, port);
        Run guest = guest(lab, "client", address, port, bytes, 1)) {
      try (Offramp offramp = owner.open();
          SocketChannel tcp = Tcp.accept(listener)) {
        converse(offramp, tcp, mpa, bytes, sendBytes);
      } catch (IOException e) {
        throw described(e, guest);
      }
      guest.succeed(Case.USUAL_LIMIT);
    }
    return owner.requireMove();
  }

  private static void converse(
      Offramp offramp, SocketChannel tcp, MpaOptions mpa, long bytes, int sendBytes)
      throws IOException, InterruptedException {
    BulkPeer peer = new BulkPeer(bytes);
    try (RdmaConnection rdma = offramp.offload(tcp, mpa, peer.setup())) {
      CaseFailure.require(
          rdma.mpa().crc() == mpa.crc(), rdma.mpa().toString(), "the CRC that this end wants");
      peer.greet(mpa.role() == dev.offramp.api.mpa.MpaRole.INITIATOR);
      peer.everything(sendBytes);
      peer.quit();
    }
  }

  private static Run guest(
      Lab lab, String role, String address, int port, long bytes, int connections)
      throws IOException {
    return lab.guest(
        LONG, "siwbulk %s %s %d %d %d".formatted(role, address, port, bytes, connections));
  }

  private static CaseFailure described(IOException e, Run guest) {
    CaseFailure failure = new CaseFailure(e.getMessage() + "; " + guest.tail());
    failure.initCause(e);
    return failure;
  }
}
