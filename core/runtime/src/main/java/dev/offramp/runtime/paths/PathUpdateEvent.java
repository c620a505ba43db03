package dev.offramp.runtime.paths;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The way of a running connection has changed, for Flight Recorder. */
@Name("dev.offramp.PathUpdate")
@Label("Path Update")
@Category({"Offramp", "Connection"})
@Description("Route, neighbour, VLAN or path MTU of a running connection has changed")
@StackTrace(false)
final class PathUpdateEvent extends Event {
  @Label("Local Address")
  String local = "";

  @Label("Remote Address")
  String remote = "";

  @Label("Owner")
  String owner = "";

  @Label("Changed")
  @Description("Fields of the descriptor that the owner uses")
  String changed = "";

  @Label("Taken")
  @Description("Whether the owner has taken it")
  boolean taken;

  @Label("Reason")
  @Description("Why it has not")
  String reason = "";
}
