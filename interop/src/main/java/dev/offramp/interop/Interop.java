package dev.offramp.interop;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./build interop}: the whole suite in one command. */
@Command(
    name = "./build interop",
    mixinStandardHelpOptions = true,
    description = "Runs softiwarp against stock Linux siw in a virtual machine; prints a table.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every case passed, and tshark agrees",
      "1:a case failed",
      "2:the command line is wrong",
      "3:this machine cannot run the suite: what is missing",
    })
final class Interop implements Callable<Integer> {
  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int UNUSABLE = 3;

  @Spec private CommandSpec spec;

  @Option(
      names = "--lab",
      paramLabel = "FILE",
      required = true,
      hidden = true,
      description = "The siw-lab script.")
  private Path lab;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      required = true,
      hidden = true,
      description = "Where captures go.")
  private Path work;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description = "Only cases in whose row this is found; see --list.")
  private @Nullable Pattern only;

  @Option(names = "--list", description = "Print the cases and run none.")
  private boolean list;

  @Option(
      names = "--limit",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description = "For all cases together; those that do not start in time fail. Default: 600.")
  private int limitSeconds;

  /** Starts the command and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Interop()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    List<Case> all = Suite.all();
    List<Case> cases = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (only == null || only.matcher(all.get(i).name()).find()) {
        cases.add(all.get(i));
        ports.add(Runner.FIRST_PORT + i);
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    if (list) {
      cases.forEach(test -> out.println(test.name()));
      out.flush();
      return OK;
    }
    if (cases.isEmpty()) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--only: seen [" + only + "], expected something that --list shows");
    }
    try {
      return run(cases, ports, out);
    } catch (UnusableException e) {
      spec.commandLine().getErr().println("interop: " + e.getMessage());
      spec.commandLine().getErr().flush();
      return UNUSABLE;
    }
  }

  private int run(List<Case> cases, List<Integer> ports, PrintWriter out)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    Files.createDirectories(work);
    Tshark tshark = Tshark.find();
    Table table = new Table(out);
    List<Result> results;
    List<Judgement> judgements;
    Path capture = work.resolve("interop.pcap");
    try (Lab running = Lab.up(lab)) {
      out.println("siw of Linux " + running.kernel() + ", lab ready after " + since(start) + " s");
      table.head();
      try (Sniffer sniffer = Sniffer.start(running, capture, cases, ports)) {
        results =
            new Runner(running, Duration.ofSeconds(limitSeconds), table::row).run(cases, ports);
        judgements = new ArrayList<>(List.of(sniffer.end()));
      }
    }
    judgements.addAll(Judge.of(tshark, work).judge(capture, results));
    for (Judgement judgement : judgements) {
      table.row(
          judgement.judge(), "", judgement.question(), judgement.passed(), "", judgement.note());
    }
    long failed =
        results.stream().filter(result -> !result.passed()).count()
            + judgements.stream().filter(judgement -> !judgement.passed()).count();
    out.println(
        (results.size() + judgements.size())
            + " rows, "
            + failed
            + " failed, "
            + since(start)
            + " s in all; capture: "
            + capture);
    out.flush();
    return failed == 0 ? OK : FAILED;
  }

  private static String since(long startNanos) {
    return Table.seconds(Duration.ofNanos(System.nanoTime() - startNanos));
  }
}
