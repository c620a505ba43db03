package dev.offramp.benchmarks.posting;

import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.benchmarks.suite.Effort;
import dev.offramp.benchmarks.suite.Figure;
import dev.offramp.benchmarks.suite.Part;
import dev.offramp.benchmarks.suite.Rounds;
import dev.offramp.benchmarks.suite.Series;
import dev.offramp.benchmarks.suite.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.StringJoiner;

/**
 * Encoding a work request and ringing its doorbell, by the kind of RNIC: Write and Send, one and
 * several SGEs, and inline.
 */
final class WorkRequests implements Part {
  private static final Target NOTHING = Target.atMost(0);
  private static final int BATCHES = 40;
  private static final int RING = 8;
  private static final int LIST = 32;

  /** More than any of these drivers puts into a work request. */
  private static final int GATHERED_BYTES = 256;

  private static final int PIECES = 4;
  private static final int INLINE_BYTES = 64;
  private static final String WRITE_CALL = "write(2)";
  private static final String COPY = "copy";

  @Override
  public String name() {
    return "posting";
  }

  /**
   * One row of the table.
   *
   * @param id stable, for programs
   * @param name for people
   * @param ring what is posted, in turns
   * @param listLength how many by one call
   * @param isSend whether the peer needs a Receive for each
   */
  private record Row(
      PostingDevice device,
      String id,
      String name,
      List<WorkRequest> ring,
      int listLength,
      boolean isSend) {}

  @Override
  public List<Figure> measure(Effort effort) throws Exception {
    int batches = effort.of(BATCHES);
    List<PostingDevice> devices = new ArrayList<>();
    try (Yardsticks yardsticks = new Yardsticks(batches)) {
      // Inline: the chelsio driver's setting, and what the Intel chips can hold.
      devices.add(new ModelledAdapter("t5", INLINE_BYTES));
      devices.add(new ModelledAdapter("t6", INLINE_BYTES));
      devices.add(new ModelledAdapter("x722", 48));
      devices.add(new ModelledAdapter("e810", 101));
      devices.add(new Softiwarp());
      List<Row> rows = new ArrayList<>();
      List<Rounds.Contender> contenders = new ArrayList<>();
      for (PostingDevice device : devices) {
        Batches posting = new Batches(device, batches);
        for (Row row : rows(device)) {
          rows.add(row);
          contenders.add(
              Rounds.contender(
                  row.id(), () -> posting.measure(row.ring(), row.listLength(), row.isSend())));
        }
      }
      contenders.add(Rounds.contender(WRITE_CALL, yardsticks::write));
      contenders.add(Rounds.contender(COPY, yardsticks::copy));
      return figures(devices, rows, effort.toRounds().run(contenders));
    } finally {
      for (PostingDevice device : devices) {
        device.close();
      }
    }
  }

  private static List<Row> rows(PostingDevice device) {
    int pieces = Math.min(PIECES, device.gatherEntries());
    int inline = Math.min(INLINE_BYTES, device.inlineBytes());
    String inside =
        inline
            + (device instanceof Softiwarp ? " B" : " B inline")
            + (inline < INLINE_BYTES ? " (the most)" : "");
    List<Row> rows = new ArrayList<>();
    for (boolean send : new boolean[] {false, true}) {
      String operation = send ? "Send" : "Write";
      String prefix = device.name() + "." + operation.toLowerCase(Locale.ROOT) + ".";
      String name = device.name() + ": " + operation + ", ";
      rows.add(row(device, prefix + "sge1", name + "1 SGE", 1, GATHERED_BYTES, 1, send));
      rows.add(
          row(
              device,
              prefix + "sge4",
              name + pieces + " SGEs" + (pieces < PIECES ? " (the most)" : ""),
              pieces,
              GATHERED_BYTES / PIECES,
              1,
              send));
      rows.add(row(device, prefix + "inline", name + inside, 1, inline, 1, send));
      rows.add(
          row(
              device,
              prefix + "inline.list",
              name + inside + ", " + LIST + " at a time",
              1,
              inline,
              LIST,
              send));
    }
    return rows;
  }

  private static Row row(
      PostingDevice device,
      String id,
      String name,
      int pieces,
      int pieceBytes,
      int listLength,
      boolean send) {
    List<WorkRequest> ring = new ArrayList<>();
    for (int i = 0; i < Math.max(RING, listLength); i++) {
      List<LocalBuffer> buffers = new ArrayList<>();
      for (int piece = 0; piece < pieces; piece++) {
        long slot = (long) (i % RING) * pieces + piece;
        buffers.add(device.source().slice(slot * pieceBytes, pieceBytes));
      }
      ring.add(
          send
              ? new Send(i, buffers, false, OptionalInt.empty())
              : new Write(i, buffers, device.target()));
    }
    return new Row(device, id, name, List.copyOf(ring), listLength, send);
  }

  private static List<Figure> figures(
      List<PostingDevice> devices, List<Row> rows, Map<String, List<Series>> seen) {
    Figure.Side call = new Figure.Side("write of 64 B", "ns", column(seen, WRITE_CALL, 0));
    Figure.Side copy = new Figure.Side("copy of 64 B", "ns", column(seen, COPY, 0));
    List<Figure> figures = new ArrayList<>();
    for (Row row : rows) {
      figures.add(
          Figure.ratio(
              "posting." + row.id(),
              row.name(),
              new Figure.Side(row.device().name(), "ns", column(seen, row.id(), Batches.NANOS)),
              call,
              null,
              ""));
    }
    figures.add(
        Figure.ratio("posting.copy", "a copy of 64 B, for comparison", copy, call, null, ""));
    for (PostingDevice device : devices) {
      figures.add(heap(device, rows, seen));
      figures.addAll(sums(device, seen));
    }
    return figures;
  }

  /** Heap of a post: the worst of a device's rows, round by round. */
  private static Figure heap(PostingDevice device, List<Row> rows, Map<String, List<Series>> seen) {
    List<Row> own = rows.stream().filter(row -> row.device().name().equals(device.name())).toList();
    Series worst = column(seen, own.getFirst().id(), Batches.POST_BYTES);
    StringJoiner guilty = new StringJoiner("; ");
    for (Row row : own) {
      Series heap = column(seen, row.id(), Batches.POST_BYTES);
      worst = worst.max(heap);
      if (heap.median() > 0) {
        guilty.add(row.name());
      }
    }
    return Figure.amount(
        "posting." + device.name() + ".heap",
        device.name() + ": heap of a post, the worst row",
        "B/op",
        worst,
        NOTHING,
        guilty.toString());
  }

  /** What is of interest of a device as a whole. */
  private static List<Figure> sums(PostingDevice device, Map<String, List<Series>> seen) {
    String first = device.name() + ".send.inline";
    return List.of(
        Figure.amount(
            "posting." + device.name() + ".completion.heap",
            device.name() + ": heap of a completion that a handler takes",
            "B/op",
            column(seen, first, Batches.COMPLETION_BYTES),
            null,
            ""),
        Figure.amount(
            "posting." + device.name() + ".writes",
            device.name()
                + (device instanceof Softiwarp ? ": writes to TCP" : ": register writes")
                + ", posted one by one",
            "writes/op",
            column(seen, first, Batches.REGISTER_WRITES),
            null,
            ""));
  }

  private static Series column(Map<String, List<Series>> seen, String contender, int index) {
    List<Series> columns = seen.get(contender);
    if (columns == null) {
      throw new IllegalStateException("nothing was measured of [" + contender + "]");
    }
    return columns.get(index);
  }
}
