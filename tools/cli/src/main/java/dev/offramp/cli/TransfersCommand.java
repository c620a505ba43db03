package dev.offramp.cli;

import dev.offramp.runtime.journal.JournalReader;
import dev.offramp.runtime.journal.JournalReader.Recorded;
import dev.offramp.runtime.journal.Phase;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code offramp transfers}. */
@Command(
    name = "transfers",
    mixinStandardHelpOptions = true,
    description =
        "Shows recent transfers from a journal, and who had each connection where a process ended"
            + " in the middle.")
final class TransfersCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIRECTORY",
      description = "The journal: what the setting journal.directory names.")
  private Path directory;

  @Option(
      names = "--last",
      paramLabel = "N",
      description = "Show so many (default ${DEFAULT-VALUE}).",
      defaultValue = "20")
  private int last;

  @Option(names = "--cut-off", description = "Only those in the middle of which a process ended.")
  private boolean cutOff;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    List<Recorded> matching =
        JournalReader.read(directory).stream().filter(each -> !cutOff || each.isCutOff()).toList();
    List<Recorded> shown =
        matching.subList(Math.max(0, matching.size() - Math.max(0, last)), matching.size());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.pretty(Map.of("transfers", shown.stream().map(this::map).toList())));
    } else {
      shown.forEach(each -> print(out, each));
    }
    out.flush();
    return shown.stream().anyMatch(Recorded::isCutOff) ? ExitCode.FAILED : ExitCode.OK;
  }

  private static String state(Recorded transfer) {
    if (transfer.isCutOff()) {
      return "CUT OFF: " + transfer.phase().owner().sentence();
    }
    return transfer.isUnderWay() ? "under way" : "over";
  }

  private static void print(PrintWriter out, Recorded transfer) {
    out.printf(
        "%s  %s -> %s  %s to %s  %s, %s%s%n",
        transfer.begun(),
        transfer.local(),
        transfer.remote(),
        transfer.from(),
        transfer.to(),
        transfer.phase(),
        state(transfer),
        transfer.remark().isEmpty() ? "" : ": " + transfer.remark());
  }

  private Map<String, Object> map(Recorded transfer) {
    Phase.Owner owner = transfer.phase().owner();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", "%016x".formatted(transfer.id()));
    map.put("begun", transfer.begun().toString());
    map.put("last", transfer.last().toString());
    map.put("local", transfer.local());
    map.put("remote", transfer.remote());
    map.put("from", transfer.from());
    map.put("to", transfer.to());
    map.put("phase", transfer.phase().name());
    map.put("owner", owner.name());
    map.put("under_way", transfer.isUnderWay());
    map.put("cut_off", transfer.isCutOff());
    map.put("remark", transfer.remark());
    return map;
  }
}
