package dev.offramp.runtime.transfer;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One step of a move, for Flight Recorder. */
@Name("dev.offramp.TransferStep")
@Label("Transfer step")
@Category({"Offramp", "Transfer"})
@Description("One step of moving a TCP connection from one owner to another")
@StackTrace(false)
final class TransferStepEvent extends Event {
  @Label("Step")
  String step = "";

  @Label("Owner")
  String owner = "";
}
