package dev.offramp.tck.cli;

import dev.offramp.tck.run.Tck;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apiguardian.api.API;

/**
 * The kit's command line, which is the same in the {@code offramp} command and in the launcher, and
 * needs nothing but a JDK. Exit codes: {@link #OK}, {@link #FAILED}, {@link #USAGE}, {@link
 * #UNAVAILABLE}.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class TckCommand {
  /** Done; what was judged is kept, and nothing is open. */
  public static final int OK = 0;

  /** Done; a rule is broken, or one could not be decided, or reports differ. */
  public static final int FAILED = 1;

  /** The command line makes no sense. */
  public static final int USAGE = 2;

  /** A file cannot be read or written, or is not what it should be. */
  public static final int UNAVAILABLE = 3;

  private static final Map<String, Subcommand> SUBCOMMANDS = new LinkedHashMap<>();

  static {
    for (Subcommand subcommand :
        List.of(
            new RunCommand(),
            new RulesCommand(),
            new ExplainCommand(),
            new DiffCommand(),
            new MergeCommand())) {
      SUBCOMMANDS.put(subcommand.name(), subcommand);
    }
  }

  private TckCommand() {}

  /**
   * Does what the words say.
   *
   * @param program what the user typed to come here, for help and messages
   * @param words subcommand and arguments
   * @return the exit code
   */
  public static int execute(String program, List<String> words, PrintWriter out, PrintWriter err) {
    try {
      return dispatch(program, words, out, err);
    } finally {
      out.flush();
      err.flush();
    }
  }

  /** The launcher's entry: ends the process with the exit code. */
  public static void main(String[] args) {
    System.exit(
        execute(
            "java -jar offramp-tck.jar",
            Arrays.asList(args),
            writer(System.out),
            writer(System.err)));
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, stream.charset());
  }

  private static int dispatch(
      String program, List<String> words, PrintWriter out, PrintWriter err) {
    if (words.isEmpty()) {
      err.print(usage(program));
      return USAGE;
    }
    String name = words.get(0);
    if (isHelp(name)) {
      out.print(usage(program));
      return OK;
    }
    if (name.equals("--version") || name.equals("-V")) {
      out.println("offramp tck " + Tck.version());
      return OK;
    }
    Subcommand subcommand = SUBCOMMANDS.get(name);
    if (subcommand == null) {
      err.println(
          "%s: subcommand [%s] is not known; expected one of %s"
              .formatted(program, name, SUBCOMMANDS.keySet()));
      err.print(usage(program));
      return USAGE;
    }
    List<String> rest = words.subList(1, words.size());
    if (rest.stream().anyMatch(TckCommand::isHelp)) {
      out.print(help(program, subcommand));
      return OK;
    }
    try {
      return subcommand.run(Arguments.parse(rest, subcommand.options()), out, err);
    } catch (UsageException e) {
      err.println("%s %s: %s".formatted(program, name, e.getMessage()));
      err.print(help(program, subcommand));
      return USAGE;
    } catch (IOException e) {
      err.println("%s %s: %s".formatted(program, name, Messages.of(e)));
      return UNAVAILABLE;
    }
  }

  private static boolean isHelp(String word) {
    return word.equals("--help") || word.equals("-h");
  }

  private static String usage(String program) {
    StringBuilder text = new StringBuilder("Usage: %s COMMAND%n%n".formatted(program));
    text.append("Judges a driver's jar by what the driver does.%n%n".formatted());
    for (Subcommand subcommand : SUBCOMMANDS.values()) {
      text.append("  %-8s %s%n".formatted(subcommand.name(), subcommand.description()));
    }
    return text.append("%n%s".formatted(exitCodes())).toString();
  }

  private static String help(String program, Subcommand subcommand) {
    List<Option> options = new ArrayList<>(subcommand.options());
    StringBuilder text =
        new StringBuilder(
            "Usage: %s %s %s%s%n%n%s%n"
                .formatted(
                    program,
                    subcommand.name(),
                    options.isEmpty() ? "" : "[OPTIONS] ",
                    subcommand.synopsis(),
                    subcommand.description()));
    for (Option option : options) {
      text.append("  %-22s %s%n".formatted(option.usage(), option.help()));
    }
    return text.append("%n%s".formatted(exitCodes())).toString();
  }

  private static String exitCodes() {
    return """
    Exit codes:
      0 done, and what was judged is kept
      1 done; a rule is broken or open, or reports differ
      2 the command line is wrong
      3 a file cannot be read or written, or is not what it should be
    """;
  }
}
