package dev.offramp.runtime.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Memory was registered or deregistered, for Flight Recorder. */
@Name("dev.offramp.Region")
@Label("Region")
@Category({"Offramp", "Connection"})
@Description("Memory was registered or deregistered")
@StackTrace(false)
final class RegionEvent extends Event {
  @Label("Local Address")
  String local = "";

  @Label("Remote Address")
  String remote = "";

  @Label("Registered")
  @Description("False when it was deregistered")
  boolean registered;

  @Label("STag")
  int stag;

  @Label("Size")
  @DataAmount
  long sizeBytes;

  @Label("Access")
  @Description("What the peer may do; empty when it was deregistered")
  String access = "";
}
