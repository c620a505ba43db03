package dev.offramp.tck.rule;

import java.util.List;

/** The contract between a driver and the runtime. */
public final class SpiRules {
  private static final RuleSet SET = new RuleSet(Family.SPI);

  public static final Rule S01 =
      SET.must(
          "S01",
          "RnicDriver",
          "The jar provides one RnicDriver whose constructor does nothing, whose id is lower-case"
              + " letters, digits and hyphens, and whose SPI version can run.",
          "module-info's provides clause; id(); compiledSpiVersion() written with the two"
              + " constants.");

  public static final Rule S02 =
      SET.must(
          "S02",
          "RnicDriver.matches",
          "The driver serves a device by what the device says of itself, and always the same ones.",
          "matches: no port is touched, nothing is thrown, the answer does not change.");

  public static final Rule S03 =
      SET.must(
          "S03",
          "RnicCapabilities",
          "Capabilities lie in their ranges, agree with each other, and do not change while the"
              + " device is up.",
          "Revisions 1 and 2, depths 0..16382, private data 0..512, queues and pieces at least 1.");

  public static final Rule S04 =
      SET.must(
          "S04",
          "StateTransfer.admits",
          "admits decides on facts: it never blocks, touches no port, and says the same thing each"
              + " time.",
          "Calls of the window or of streams().prepare in admits; state that changes its answer.");

  public static final Rule S05 =
      SET.must(
          "S05",
          "StateTransfer.arrive; TransferException.refused",
          "What admits refuses, arrive refuses with the same reasons, and what admits takes it does"
              + " not refuse.",
          "arrive asks admits(ConnectionProfile.of(descriptor)) first, and throws"
              + " TransferException.refused.");

  public static final Rule S06 =
      SET.must(
          "S06",
          "StateTransfer.arrive",
          "Between arrive and activate all is silent: no octet, FIN or RST reaches the peer.",
          "Doorbells and posts before activate; work posted on prepared().");

  public static final Rule S07 =
      SET.must(
          "S07",
          "Arrival.activate, abandon",
          "activate works once; abandon is silent, idempotent, and nothing after an activation.",
          "IllegalStateException from a second activate; abandon twice; close after activate.");

  public static final Rule S08 =
      SET.must(
          "S08",
          "StateTransfer.arrive; RnicDriver.open",
          "When a port fails, so does the call, with a typed exception, and everything that was"
              + " taken is given back; what a silent device may still touch, when it is closed.",
          "Slabs, mappings and prepared streams that stay open after the exception; exceptions"
              + " other than TransferException, RnicException and OutOfDeviceMemoryException.");

  public static final Rule S09 =
      SET.must(
          "S09",
          "Rnic.close; RdmaConnection.close",
          "Closing gives back all memory, mappings, streams and timers; twice is as good as once.",
          "The pieces that the finding lists, with the stacks that took them.");

  public static final Rule S10 =
      SET.must(
          "S10",
          "RnicArrival.prepared",
          "prepared() is the connection that activate returns; memory and Receives given to it"
              + " before are there when the first FPDU comes.",
          "Identity of the two; Receives posted before activate.");

  public static final Rule S11 =
      SET.must(
          "S11",
          "RdmaConnection.mpa",
          "The connection says of itself what the descriptor says: addresses, role, revision, CRC,"
              + " markers, depths, indication, private data.",
          "mpa(), localAddress(), remoteAddress() against the descriptor.");

  public static final Rule S12 =
      SET.must(
          "S12",
          "StreamPorts.prepare",
          "The stream port gets the descriptor as it came.",
          "A descriptor that is built anew between arrive and streams().prepare.");

  public static final Rule S13 =
      SET.must(
          "S13",
          "RnicCapabilities.consumes",
          "Each field that is declared as consumed changes something, and no other field does.",
          "The provenance map of the report: rows without a column, columns without a row.");

  public static final Rule S14 =
      SET.must(
          "S14",
          "RnicCapabilities",
          "Declared limits are kept: what lies within works, and what lies beyond is refused with"
              + " the reason of its kind, or is among the losses that admits lists.",
          "Queue entries, pieces, depths, private data, revisions, markers, CRC.");

  public static final Rule S15 =
      SET.must(
          "S15",
          "CompletionQueue; WorkRequest",
          "Each request completes once, with its own id, operation, status and number of bytes.",
          "Completions that are missing, come twice or name another request.");

  public static final Rule S16 =
      SET.must(
          "S16",
          "RdmaConnection.post",
          "A request that cannot be done is refused when it is posted, by the exception of the"
              + " contract.",
          "Buffers of another connection, too many pieces, a full queue, sizes that do not match.");

  public static final Rule S17 =
      SET.must(
          "S17",
          "MemoryRegion",
          "A region is valid until it is closed or invalidated, and not a moment longer.",
          "isValid(), close twice, work that names a closed region.");

  public static final Rule S18 =
      SET.must(
          "S18",
          "Rnic.depart",
          "A departure describes the connection as it stands, and it can be resumed; a driver that"
              + " offers none refuses with UNSUPPORTED and the connection goes on.",
          "depart: typed refusal, or a descriptor that arrives elsewhere.");

  public static final Rule S19 =
      SET.must(
          "S19",
          "RnicEvents",
          "The end of each stream is told once, and regions as they come and go.",
          "events().ended exactly once for each connection, with the end that end() gives.");

  public static final Rule S20 =
      SET.must(
          "S20",
          "DriverContext.nanoTime",
          "The only clock is the context's, and a wait for a silent device ends by it.",
          "System.nanoTime and currentTimeMillis; loops without a deadline.");

  public static final Rule S21 =
      SET.must(
          "S21",
          "DriverContext.settings",
          "A setting that is not known is refused by name, or changes nothing.",
          "open with unknown settings: RnicException that names the key, or no difference.");

  public static final Rule S22 =
      SET.must(
          "S22",
          "Refusal; TransferException; RnicException",
          "Refusals and exceptions say what was seen, what was expected and what to do.",
          "Empty or constant texts; refusals without seen, expected or remedy.");

  public static final Rule S23 =
      SET.must(
          "S23",
          Needs.MID_STREAM,
          "Rnic.arrive(descriptor, memory)",
          "A stream in RDMA mode goes on where it stood: message numbers of each queue, octets, and"
              + " regions under the STags that the peer knows. One that cannot is refused at"
              + " admission, before it is stopped.",
          "Streams of both roles with drawn numbers, with the peer's request number unknown, and"
              + " with none but Writes behind them; regions written and read by the peer.");

  static final List<Rule> ALL = SET.all();

  private SpiRules() {}
}
