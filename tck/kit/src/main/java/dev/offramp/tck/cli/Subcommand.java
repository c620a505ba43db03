package dev.offramp.tck.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/** One of the kit's subcommands. */
interface Subcommand {
  String name();

  /** What stands behind the name, besides options. */
  String synopsis();

  /** What it does, in one sentence. */
  String description();

  List<Option> options();

  /**
   * Does it.
   *
   * @param out results
   * @param err progress
   * @return an exit code
   * @throws UsageException when the command line makes no sense
   * @throws IOException when a file cannot be read or written, or is not what it should be
   */
  int run(Arguments arguments, PrintWriter out, PrintWriter err) throws UsageException, IOException;
}
