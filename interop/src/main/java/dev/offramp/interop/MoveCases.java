package dev.offramp.interop;

import dev.offramp.api.Offramp;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.cli.rping.RpingClient;
import dev.offramp.cli.rping.RpingServer;
import dev.offramp.runtime.stream.DetachedNics;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Connections that are moved in the middle of their life while their other end, stock siw, does not
 * notice: TCP was connected and MPA start-up made by the host's kernel. Then the state is taken out
 * of the kernel and put into the NIC's namespace, and the guest's segments are steered there.
 */
final class MoveCases {
  private static final int PINGS = 5;
  private static final int PING_BYTES = 20_000;
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private MoveCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    String moved = "moved from the kernel to softiwarp-detached";
    cases.add(rping("client", moved, Lab.GUEST, MoveCases::rpingClient));
    cases.add(rping("server", moved, GuestLink.HOST, MoveCases::rpingServer));
    cases.add(rping("client", moved + ", IPv6", Lab.GUEST_V6, MoveCases::rpingClient));
    cases.add(rping("server", moved + ", IPv6", GuestLink.HOST_V6, MoveCases::rpingServer));
    cases.add(
        bulk(
            "initiator",
            moved + ", 1 MiB",
            true,
            (lab, port, owner) ->
                BulkCases.initiate(lab, port, owner, Mpa.initiator().build(), MIB, 64 * KIB)));
    cases.add(
        bulk(
            "responder",
            moved + ", 1 MiB",
            true,
            (lab, port, owner) ->
                BulkCases.respond(
                    lab, GuestLink.HOST, port, owner, Mpa.responder().build(), MIB, 64 * KIB)));
    cases.add(
        bulk(
            "initiator",
            moved + ", 16 MiB",
            false,
            (lab, port, owner) ->
                BulkCases.initiate(lab, port, owner, Mpa.initiator().build(), 16 * MIB, 64 * KIB)));
    return cases;
  }

  /** What to do with an RNIC that is reached through the link. */
  private interface Moved {
    String run(Lab lab, int port, Owner owner) throws Exception;
  }

  private interface Ping {
    String run(Lab lab, String address, int port, Owner owner) throws Exception;
  }

  private static Case rping(String role, String options, String address, Ping ping) {
    return new Case(
        "offramp rping ~ rping",
        role,
        options,
        LIMIT,
        true,
        (lab, port) -> linked(lab, port, (l, p, owner) -> ping.run(l, address, p, owner)));
  }

  private static Case bulk(String role, String options, boolean captured, Moved moved) {
    return new Case(
        "offramp ~ siwbulk",
        role,
        options,
        LIMIT,
        captured,
        (lab, port) -> linked(lab, port, moved));
  }

  private static String linked(Lab lab, int port, Moved moved) throws Exception {
    try (GuestLink link = GuestLink.open(lab);
        DetachedNics.Registration nic =
            DetachedNics.provide("interop" + port, link.nic(), link.nicNamespace())) {
      Owner owner = Owner.detached(DetachedNics.SETTING, nic.name());
      return link.host().call(() -> moved.run(lab, port, owner));
    }
  }

  private static String rpingClient(Lab lab, String address, int port, Owner owner)
      throws Exception {
    List<String> heard = new ArrayList<>();
    RpingClient client = new RpingClient(PING_BYTES, true, heard::add, trace -> {});
    try (Run guest = lab.guest(LIMIT, check("-s", address, port))) {
      lab.awaitListener(port);
      try (Offramp offramp = owner.open();
          SocketChannel tcp = Tcp.connect(address, port);
          RdmaConnection rdma = offramp.offload(tcp, Mpa.initiator().build(), client.setup())) {
        client.run(PINGS);
        rdma.disconnect();
      } catch (java.io.IOException e) {
        throw described(e, guest);
      }
      guest.succeed(LIMIT);
    }
    CaseFailure.require(heard.size() == PINGS, heard.size() + " pings", "" + PINGS);
    return owner.requireMove();
  }

  private static String rpingServer(Lab lab, String address, int port, Owner owner)
      throws Exception {
    RpingServer server = new RpingServer(PING_BYTES, data -> {}, trace -> {});
    int pings;
    try (ServerSocketChannel listener = Tcp.listen(address, port);
        Run guest = lab.guest(LIMIT, check("-c", address, port) + " -V")) {
      try (Offramp offramp = owner.open();
          SocketChannel tcp = Tcp.accept(listener);
          RdmaConnection rdma = offramp.offload(tcp, Mpa.responder().build(), server.setup())) {
        pings = server.run();
        rdma.disconnect();
      } catch (java.io.IOException e) {
        throw described(e, guest);
      }
      guest.succeed(LIMIT);
    }
    CaseFailure.require(pings == PINGS, pings + " pings", "" + PINGS);
    return owner.requireMove();
  }

  private static String check(String role, String address, int port) {
    return "rping-check %s -a %s -p %d -C %d -S %d"
        .formatted(role, address, port, PINGS, PING_BYTES);
  }

  private static CaseFailure described(java.io.IOException e, Run guest) {
    CaseFailure failure = new CaseFailure(e.getMessage() + "; " + guest.tail());
    failure.initCause(e);
    return failure;
  }
}
