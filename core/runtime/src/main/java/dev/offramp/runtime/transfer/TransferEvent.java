package dev.offramp.runtime.transfer;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One whole move, for Flight Recorder: its duration is the connection's pause. */
@Name("dev.offramp.Transfer")
@Label("Transfer")
@Category({"Offramp", "Transfer"})
@Description("A TCP connection moved from one owner to another, or the attempt")
@StackTrace(false)
final class TransferEvent extends Event {
  @Label("Local end")
  String local = "";

  @Label("Remote end")
  String remote = "";

  @Label("Old owner")
  String from = "";

  @Label("New owner")
  String to = "";

  @Label("Outcome")
  @Description("ACTIVE, RESUMED, FROZEN or LOST")
  String outcome = "";

  @Label("Reason")
  String reason = "";
}
