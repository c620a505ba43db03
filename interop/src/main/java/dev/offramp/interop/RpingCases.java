package dev.offramp.interop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The rping of {@code offramp} against stock rping of rdma-core, each in both roles. */
final class RpingCases {
  private static final String PROGRAM = "offramp rping ~ rping";

  /** Stock rping refuses 65536 and more. */
  private static final List<Integer> SIZES = List.of(64, 1000, 4096, 65535);

  private static final int PINGS = 5;

  private RpingCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (int size : SIZES) {
      for (boolean crc : new boolean[] {true, false}) {
        List<String> more = crc ? List.of() : List.of("--no-crc");
        String options = "-S " + size + (crc ? ", CRC" : ", no CRC");
        cases.add(client(options, Lab.GUEST, size, more));
        cases.add(server(options, Lab.HOST, size, more));
      }
    }
    for (String kinds : List.of("write", "read", "write,read")) {
      cases.add(
          client(
              "-S 64, CRC, peer-to-peer, RTR by " + kinds, Lab.GUEST, 64, List.of("--rtr", kinds)));
    }
    cases.add(client("-S 1000, CRC, IPv6", Lab.GUEST_V6, 1000, List.of()));
    cases.add(server("-S 1000, CRC, IPv6", Lab.HOST_V6, 1000, List.of()));
    return cases;
  }

  private static Case client(String options, String address, int size, List<String> more) {
    return new Case(
        PROGRAM,
        "client",
        options,
        (lab, port) -> {
          Duration limit = Case.USUAL_LIMIT;
          try (Run guest = lab.guest(limit, check("-s", address, port, size))) {
            lab.awaitListener(port);
            try (Run host = Run.start("offramp rping", offramp("-c", address, port, size, more))) {
              String output = host.succeed(limit);
              requirePings(output, "ping data: ");
            } catch (CaseFailure e) {
              throw new CaseFailure(e.getMessage() + "; guest: " + guest.tail());
            }
            guest.succeed(limit);
          }
          return "";
        });
  }

  private static Case server(String options, String address, int size, List<String> more) {
    return new Case(
        PROGRAM,
        "server",
        options,
        (lab, port) -> {
          Duration limit = Case.USUAL_LIMIT;
          List<String> traced = Stream.concat(more.stream(), Stream.of("-d")).toList();
          try (Run host = Run.start("offramp rping", offramp("-s", address, port, size, traced))) {
            host.awaitLine(line -> line.startsWith("listening on"), "it listened", limit);
            try (Run guest = lab.guest(limit, check("-c", address, port, size) + " -V")) {
              guest.succeed(limit);
            }
            requirePings(host.succeed(limit), "server ping data: ");
          }
          return "";
        });
  }

  /** The guest's verdict is the count of "ping data" lines: rping's exit status says little. */
  private static String check(String role, String address, int port, int size) {
    return String.format(
        Locale.ROOT, "rping-check %s -a %s -p %d -C %d -S %d", role, address, port, PINGS, size);
  }

  private static List<String> offramp(
      String role, String address, int port, int size, List<String> more) {
    List<String> command = new ArrayList<>(List.of("rping", role, "-a", address));
    command.addAll(List.of("-p", "" + port, "-C", "" + PINGS, "-S", "" + size, "-v", "-V"));
    command.addAll(more);
    return OfframpCommand.of(command);
  }

  private static void requirePings(String output, String prefix) throws CaseFailure {
    long pings = output.lines().filter(line -> line.startsWith(prefix + "rdma-ping-")).count();
    CaseFailure.require(pings == PINGS, pings + " lines of ping data", "" + PINGS);
  }
}
