package dev.offramp.iwarp.sim;

/** What must hold in every schedule. Each has a mutant in {@link MutantTest} that it must catch. */
enum Invariant {
  STARTUP_AGREES(
      "Both ends take the same CRC, markers, read depths and indication out of start-up.",
      "RFC 5044, section 7.1; RFC 6581, section 9"),
  PLAIN_STREAM_INTACT(
      "Start-up takes no octet of the plain stream, neither before it nor after a rejection.",
      "RFC 5044, section 7.1.2"),
  FRAMING(
      "Every FPDU has its pad, its CRC, its markers, and no more than the MULPDU.",
      "RFC 5044, section 4"),
  RESPONDER_SILENT(
      "A Responder sends nothing before it has got a valid FPDU.",
      "RFC 5044, section 7.1.2, rule 4"),
  RTR_FIRST(
      "In peer-to-peer mode the agreed indication is the Initiator's first FPDU.",
      "RFC 6581, section 9.2"),
  MSN_SEQUENCE(
      "Each queue's messages are numbered one by one, each message's offsets are dense.",
      "RFC 5041, sections 4.3 and 5.2"),
  ORD_RESPECTED(
      "Never more Read and Atomic Requests are outstanding than agreed.",
      "RFC 5040, section 6.6; RFC 6581, section 9.1"),
  DATA_INTACT("What arrives is what was sent.", "RFC 5040, section 5"),
  NOTHING_OUTSIDE_TARGET("No octet changes that no message was sent to.", "RFC 5041, section 8.2"),
  WRITES_BEFORE_SEND(
      "When a Receive completes, the peer's earlier Writes are in memory.",
      "RFC 5040, section 5.5"),
  SENDS_IN_ORDER(
      "Receives are consumed in the order in which they were posted.",
      "RFC 5041, section 5.4; RFC 5040, section 5.5"),
  READ_AFTER_WRITE("A Read sees the Writes that were posted before it.", "RFC 5040, section 5.5"),
  ATOMICS_EXACT("Atomic operations return and leave what the RFC says.", "RFC 7306, section 5.1"),
  INVALIDATION_TOLD(
      "A message that revokes an STag says so at its Receive, and the STag is invalid by then.",
      "RFC 5040, section 5.3"),
  COMPLETIONS_IN_ORDER(
      "Requests complete in the order in which they were posted; after the first flushed one none"
          + " succeeds.",
      "RFC 5040, section 5.5"),
  COMPLETES_ONCE("Every accepted request completes exactly once.", "RdmapStream's contract"),
  COMPLETES_WHEN_TAKEN(
      "A Send or Write succeeds when TCP has taken all of it, not earlier.",
      "RdmapStream's contract"),
  QUEUES_ACCOUNTED(
      "A request is refused when its queue is full or the stream has ended, and only then.",
      "RdmapStream's contract"),
  ERROR_NAMED(
      "A wrong message ends the stream with the Terminate that the RFC names, and is done for"
          + " nobody.",
      "RFC 5040, section 7; RFC 5041, section 7; RFC 7306, section 8"),
  ONE_TERMINATE("There is at most one Terminate, and nothing after it.", "RFC 5040, section 5.4"),
  TERMINATE_BEFORE_FIN("A Terminate goes out before the FIN.", "RFC 5040, section 5.4"),
  NOTHING_AFTER_ERROR(
      "Nothing is placed that comes after a message with an error.", "RFC 5040, section 7"),
  ENDS_AGREE("Each end knows how the other ended the stream.", "RFC 5040, sections 5.4 and 6.8"),
  CLOSE_DRAINS("What was posted before an orderly close is still done.", "RFC 5044, section 7.2"),
  RESET_TOLD(
      "A reset ends the stream as a reset, and flushes what is left.", "RFC 5044, section 8"),
  SILENT_AFTER_RESET("Nothing is offered to a TCP that was reset.", "RFC 9293, section 3.10.7"),
  DEADLINE_ASKED("When only time is missing, the engine names the time.", "RdmapStream's contract"),
  PROGRESS("When nothing moves any more, nothing accepted is left undone.", "liveness"),
  BOUNDED("The bytes offered to TCP at once stay bounded.", "RdmapStream's contract"),
  BUFFERS_RETURNED("When a stream is over, no memory is lent any more.", "Region's contract");

  private final String sentence;
  private final String source;

  Invariant(String sentence, String source) {
    this.sentence = sentence;
    this.source = source;
  }

  /** Throws unless {@code holds}; {@code seen} says what was seen and what expected. */
  void require(boolean holds, Object seen) {
    if (!holds) {
      throw new Violation(this, String.valueOf(seen));
    }
  }

  @Override
  public String toString() {
    return name() + ": " + sentence + " (" + source + ")";
  }
}
