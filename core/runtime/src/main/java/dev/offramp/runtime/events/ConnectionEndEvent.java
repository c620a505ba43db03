package dev.offramp.runtime.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** An iWARP stream has ended, for Flight Recorder. */
@Name("dev.offramp.ConnectionEnd")
@Label("Connection End")
@Category({"Offramp", "Connection"})
@Description("An iWARP stream has ended")
@StackTrace(false)
final class ConnectionEndEvent extends Event {
  @Label("Local Address")
  String local = "";

  @Label("Remote Address")
  String remote = "";

  @Label("How")
  @Description("A kind of StreamEnd")
  String how = "";

  @Label("Sent")
  @DataAmount
  long sentBytes;

  @Label("Received")
  @DataAmount
  long receivedBytes;

  @Label("FPDUs Sent")
  long sentFpdus;

  @Label("FPDUs Received")
  long receivedFpdus;

  @Label("Completion Stalls")
  long completionStalls;
}
