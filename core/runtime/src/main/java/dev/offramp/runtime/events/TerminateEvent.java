package dev.offramp.runtime.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A Terminate message sent or received, for Flight Recorder. */
@Name("dev.offramp.Terminate")
@Label("Terminate")
@Category({"Offramp", "Connection"})
@Description("A Terminate message sent or received")
@StackTrace(false)
final class TerminateEvent extends Event {
  @Label("Local Address")
  String local = "";

  @Label("Remote Address")
  String remote = "";

  @Label("Sent")
  @Description("Whether this end sent it")
  boolean sent;

  @Label("Layer")
  @Description("0 RDMAP, 1 DDP, 2 MPA")
  int layer;

  @Label("Error Type")
  int errorType;

  @Label("Error Code")
  int errorCode;

  @Label("Reason")
  @Description("What the triple means, and what this end saw")
  String reason = "";
}
