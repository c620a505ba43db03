package dev.offramp.runtime.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Completions that nobody polled kept work from being posted, for Flight Recorder. */
@Name("dev.offramp.CompletionStall")
@Label("Completion Stall")
@Category({"Offramp", "Connection"})
@Description("Completions that nobody polled kept work from being posted")
@StackTrace(false)
final class CompletionStallEvent extends Event {
  @Label("Local Address")
  String local = "";

  @Label("Remote Address")
  String remote = "";

  @Label("Stalled")
  @Timespan(Timespan.NANOSECONDS)
  long stalledNanos;
}
