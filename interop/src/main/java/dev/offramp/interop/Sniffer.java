package dev.offramp.interop;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Captures what crosses the lab's bridge, but not the largest transfers. */
final class Sniffer implements AutoCloseable {
  /** siw-lab's own channel to the guest. */
  private static final int SHELL_PORT = 9999;

  private static final int BUFFER_KIB = 64 << 10;
  private static final Pattern DROPPED = Pattern.compile("(\\d+) packets dropped by kernel");
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Nobody listens there; an attempt to connect marks the end of the capture. */
  private static final int END_PORT = Runner.FIRST_PORT - 1;

  private static final int PATIENCE = 100;
  private static final long PAUSE_MILLIS = 100;

  private final Lab lab;
  private final Path file;
  private final Run tcpdump;

  private Sniffer(Lab lab, Path file, Run tcpdump) {
    this.lab = lab;
    this.file = file;
    this.tcpdump = tcpdump;
  }

  static Sniffer start(Lab lab, Path file, List<Case> cases, List<Integer> ports)
      throws IOException, InterruptedException {
    StringBuilder filter = new StringBuilder("tcp and not port " + SHELL_PORT);
    for (int i = 0; i < cases.size(); i++) {
      if (!cases.get(i).captured()) {
        filter.append(" and not port ").append(ports.get(i));
      }
    }
    // Not as user tcpdump (-Z root): that one may not be allowed to write here.
    Run tcpdump =
        lab.host(
            "tcpdump",
            "-Z",
            "root",
            "-U",
            "-s",
            "0",
            "-B",
            "" + BUFFER_KIB,
            "-i",
            Lab.BRIDGE,
            "-w",
            file.toString(),
            filter.toString());
    try {
      tcpdump.awaitLine(line -> line.contains("listening on"), "it listened", LIMIT);
    } catch (CaseFailure e) {
      tcpdump.close();
      throw new UnusableException("no capture: " + e.getMessage());
    }
    return new Sniffer(lab, file, tcpdump);
  }

  /** Ends the capture, once all is in the file; says whether it has holes of its own making. */
  Judgement end() throws IOException, InterruptedException {
    lab.namespace()
        .call(() -> {
          try (SocketChannel refused = Tcp.connect(Lab.GUEST, END_PORT)) {
            throw new CaseFailure("seen [" + refused + "], expected that nobody listens there");
          } catch (ConnectException expected) {
            return true;
          }
        });
    boolean ended = false;
    for (int i = 0; i < PATIENCE && !ended; i++) {
      Thread.sleep(PAUSE_MILLIS);
      ended = Capture.hasAttempt(file, END_PORT);
    }
    close();
    Matcher dropped = DROPPED.matcher(tcpdump.output());
    boolean complete = ended && dropped.find() && dropped.group(1).equals("0");
    return new Judgement(
        "tcpdump", "all packets are in the capture", complete, complete ? "" : tcpdump.tail());
  }

  @Override
  public void close() {
    tcpdump.close();
  }
}
