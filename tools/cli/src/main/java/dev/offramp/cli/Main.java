package dev.offramp.cli;

import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Moves live TCP connections onto iWARP RNICs, and shows how. */
@Command(
    name = "offramp",
    mixinStandardHelpOptions = true,
    version = "offramp 0.1.0",
    description = "Moves live TCP connections onto iWARP RNICs, and back.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      DoctorCommand.class,
      InspectCommand.class,
      DriversCommand.class,
      EmulateCommand.class,
      RpingCommand.class,
      HelperdCommand.class,
      TransferCommand.class,
      KitCommand.class,
      TransfersCommand.class,
      DemoPartyCommand.class,
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done, and all is well",
      "1:done, and something is not well",
      "2:the command line is wrong",
      "3:the machine cannot do it: a privilege, tool or kernel feature is missing",
      "4:a connection was refused or lost, or the peer broke the protocol",
      "70:a defect of this program",
    })
final class Main {
  private Main() {}

  /** Starts the command and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The whole command, ready to be executed. */
  static CommandLine commandLine() {
    CommandLine commandLine =
        new CommandLine(new Main())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(Failures::report);
    EmulateCommand.configure(Objects.requireNonNull(commandLine.getSubcommands().get("emulate")));
    return commandLine;
  }
}
