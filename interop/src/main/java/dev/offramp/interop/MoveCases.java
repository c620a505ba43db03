package dev.offramp.interop;

import dev.offramp.api.Offramp;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.cli.rping.RpingClient;
import dev.offramp.cli.rping.RpingServer;
import dev.offramp.emulator.EmulatedAdapter;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.AdapterModels;
import dev.offramp.models.Faults;
import dev.offramp.runtime.device.Adapters;
import dev.offramp.runtime.stream.DetachedNics;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Connections that are moved in the middle of their life while their other end, stock siw, does not
 * notice: TCP was connected and MPA start-up made by the host's kernel. Then the state is taken out
 * of the kernel and put into the NIC's namespace, and the guest's segments are steered there: by
 * softiwarp itself, or through the commands that a driver writes to an emulated adapter.
 */
final class MoveCases {
  private static final List<String> ADAPTERS = List.of("t6", "e810", "x722");
  private static final int PINGS = 5;
  private static final int PING_BYTES = 20_000;
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private MoveCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    String detached = "moved from the kernel to softiwarp-detached";
    cases.addAll(pings(detached, MoveCases::onDetached));
    cases.addAll(bulks(detached, MoveCases::onDetached));
    cases.add(
        bulk(
            "initiator",
            detached + ", 16 MiB",
            false,
            MoveCases::onDetached,
            (lab, port, owner) ->
                BulkCases.initiate(lab, port, owner, Mpa.initiator().build(), 16 * MIB, 64 * KIB)));
    for (String kind : ADAPTERS) {
      String emulated = "moved from the kernel to " + kind + ", emulated";
      Place place = (link, port, moved) -> onAdapter(kind, link, moved);
      cases.addAll(pings(emulated, place));
      cases.addAll(bulks(emulated, place));
    }
    return cases;
  }

  private static List<Case> pings(String options, Place place) {
    return List.of(
        rping("client", options, Lab.GUEST, place, MoveCases::rpingClient),
        rping("server", options, GuestLink.HOST, place, MoveCases::rpingServer),
        rping("client", options + ", IPv6", Lab.GUEST_V6, place, MoveCases::rpingClient),
        rping("server", options + ", IPv6", GuestLink.HOST_V6, place, MoveCases::rpingServer));
  }

  private static List<Case> bulks(String options, Place place) {
    return List.of(
        bulk(
            "initiator",
            options + ", 1 MiB",
            true,
            place,
            (lab, port, owner) ->
                BulkCases.initiate(lab, port, owner, Mpa.initiator().build(), MIB, 64 * KIB)),
        bulk(
            "responder",
            options + ", 1 MiB",
            true,
            place,
            (lab, port, owner) ->
                BulkCases.respond(
                    lab, GuestLink.HOST, port, owner, Mpa.responder().build(), MIB, 64 * KIB)));
  }

  /** What to do with an RNIC that is reached through the link. */
  private interface Moved {
    String run(Lab lab, int port, Owner owner) throws Exception;
  }

  private interface Ping {
    String run(Lab lab, String address, int port, Owner owner) throws Exception;
  }

  /** What is done with the owner of a place. */
  private interface AtOwner {
    String run(Owner owner) throws Exception;
  }

  /** Where connections move to. */
  private interface Place {
    String at(GuestLink link, int port, AtOwner moved) throws Exception;
  }

  private static Case rping(String role, String options, String address, Place place, Ping ping) {
    return new Case(
        "offramp rping ~ rping",
        role,
        options,
        LIMIT,
        true,
        (lab, port) -> linked(lab, port, place, (l, p, owner) -> ping.run(l, address, p, owner)));
  }

  private static Case bulk(
      String role, String options, boolean captured, Place place, Moved moved) {
    return new Case(
        "offramp ~ siwbulk",
        role,
        options,
        LIMIT,
        captured,
        (lab, port) -> linked(lab, port, place, moved));
  }

  private static String linked(Lab lab, int port, Place place, Moved moved) throws Exception {
    try (GuestLink link = GuestLink.open(lab)) {
      return place.at(link, port, owner -> link.host().call(() -> moved.run(lab, port, owner)));
    }
  }

  private static String onDetached(GuestLink link, int port, AtOwner moved) throws Exception {
    try (DetachedNics.Registration nic =
        DetachedNics.provide("interop" + port, link.nic(), link.nicNamespace())) {
      return moved.run(Owner.detached(DetachedNics.SETTING, nic.name()));
    }
  }

  /** An adapter cannot go on with timestamps, and its driver leaves nothing behind. */
  private static String onAdapter(String kind, GuestLink link, AtOwner moved) throws Exception {
    link.host().switchTimestampsOff();
    AdapterModelFactory model =
        AdapterModels.find(kind)
            .orElseThrow(() -> new CaseFailure("there is no model of [" + kind + "]"));
    try (EmulatedAdapter adapter =
            EmulatedAdapter.open(model, link.nic(), link.nicNamespace(), Faults.NONE);
        Adapters.Registration registration = adapter.provide()) {
      String seen = moved.run(Owner.adapter(registration.device().name()));
      CaseFailure.require(
          adapter.memory().open().isEmpty(), adapter.memory().leaks(), "no memory left");
      CaseFailure.require(
          adapter.claimCount() == 0, adapter.claimCount() + " connections left", "none");
      return seen;
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
