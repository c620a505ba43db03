package dev.offramp.api.descriptor;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RemoteBuffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** The kinds of values that describe an iWARP stream in the middle of its work. */
final class RdmaFieldTypes {
  /** As many regions as an RNIC's table holds here, and far more work than any queue. */
  static final int MAX_ITEMS = 1 << 20;

  static final FieldType<RegisteredMemory> REGION = new RegionType();
  static final FieldType<PostedWork> WORK = new WorkType();
  static final FieldType<StartedWork> STARTED_WORK = new StartedWorkType();
  static final FieldType<PeerRequest> PEER_REQUEST = new PeerRequestType();
  static final FieldType<PartialMessage> PARTIAL_MESSAGE = new PartialMessageType();
  static final FieldType<Completion> COMPLETION = new CompletionType();

  private static final FieldType<Access> ACCESS = FieldTypes.choice(Access.class);
  private static final FieldType<Operation> OPERATION = FieldTypes.choice(Operation.class);
  private static final FieldType<CompletionStatus> STATUS =
      FieldTypes.choice(CompletionStatus.class);
  private static final FieldType<StartedWork.Progress> PROGRESS =
      FieldTypes.choice(StartedWork.Progress.class);

  private RdmaFieldTypes() {}

  static <T extends Object> FieldType<List<T>> list(FieldType<T> item) {
    return new ListType<>(item);
  }

  private static void writeStag(CborWriter out, int stag) {
    out.unsigned(Integer.toUnsignedLong(stag));
  }

  private static int readStag(CborReader in) throws IOException {
    long stag = in.unsigned();
    if (stag > Checks.MAX_UINT32) {
      throw in.error("the STag " + stag, "32 bits");
    }
    return (int) stag;
  }

  private static void writeSlice(CborWriter out, MemorySlice slice) {
    out.array(3);
    writeStag(out, slice.stag());
    out.unsigned(slice.offsetBytes());
    out.unsigned(slice.lengthBytes());
  }

  private static MemorySlice readSlice(CborReader in) throws IOException {
    in.array(3, 3);
    return new MemorySlice(readStag(in), in.unsigned(), in.unsigned());
  }

  /** Items are made as they are read, so a count that lies costs nothing. */
  private record ListType<T extends Object>(FieldType<T> item) implements FieldType<List<T>> {
    @Override
    public void check(String path, List<T> value) {
      Checks.range(path, value.size(), 0, MAX_ITEMS);
      for (T each : value) {
        item.check(path, each);
      }
    }

    @Override
    public void write(CborWriter out, List<T> value) {
      out.array(value.size());
      for (T each : value) {
        item.write(out, each);
      }
    }

    @Override
    public List<T> read(CborReader in) throws IOException {
      int count = in.array(0, MAX_ITEMS);
      List<T> items = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        items.add(item.read(in));
      }
      return List.copyOf(items);
    }

    @Override
    public Field<List<T>> owned(Field<List<T>> field) {
      return field.map(List::copyOf);
    }

    @Override
    public String cddl() {
      return "[* " + item.cddl() + "]";
    }
  }

  private record RegionType() implements FieldType<RegisteredMemory> {
    @Override
    public void check(String path, RegisteredMemory value) {}

    @Override
    public void write(CborWriter out, RegisteredMemory value) {
      out.array(5);
      writeStag(out, value.stag());
      out.unsigned64(value.taggedOffset());
      out.unsigned(value.sizeBytes());
      out.array(value.access().size());
      value.access().stream()
          .sorted((one, other) -> one.name().compareTo(other.name()))
          .forEach(right -> ACCESS.write(out, right));
      out.bool(value.valid());
    }

    @Override
    public RegisteredMemory read(CborReader in) throws IOException {
      in.array(5, 5);
      return new RegisteredMemory(
          readStag(in), in.unsigned64(), in.unsigned(), readAccess(in), in.bool());
    }

    /** Each right once, in the order of their names: one value has one encoding. */
    private static Set<Access> readAccess(CborReader in) throws IOException {
      Set<Access> rights = EnumSet.noneOf(Access.class);
      int count = in.array(0, Access.values().length);
      String previous = "";
      for (int i = 0; i < count; i++) {
        Access right = ACCESS.read(in);
        if (right.name().compareTo(previous) <= 0) {
          throw in.error("the right " + right + " after " + previous, "ascending names");
        }
        previous = right.name();
        rights.add(right);
      }
      return rights;
    }

    @Override
    public String cddl() {
      return "region";
    }
  }

  private record WorkType() implements FieldType<PostedWork> {
    @Override
    public void check(String path, PostedWork value) {}

    @Override
    public void write(CborWriter out, PostedWork value) {
      out.array(7);
      out.unsigned64(value.id());
      OPERATION.write(out, value.operation());
      out.array(value.buffers().size());
      for (MemorySlice buffer : value.buffers()) {
        writeSlice(out, buffer);
      }
      out.array(value.target().isPresent() ? 1 : 0);
      value.target().ifPresent(target -> writeTarget(out, target));
      out.bool(value.solicited());
      out.array(value.invalidateStag().isPresent() ? 1 : 0);
      value.invalidateStag().ifPresent(stag -> writeStag(out, stag));
      out.array(value.operands().size());
      for (long operand : value.operands()) {
        out.unsigned64(operand);
      }
    }

    private static void writeTarget(CborWriter out, RemoteBuffer target) {
      out.array(3);
      writeStag(out, target.stag());
      out.unsigned64(target.taggedOffset());
      out.unsigned(target.lengthBytes());
    }

    @Override
    public PostedWork read(CborReader in) throws IOException {
      in.array(7, 7);
      return new PostedWork(
          in.unsigned64(),
          OPERATION.read(in),
          readBuffers(in),
          readTarget(in),
          in.bool(),
          in.array(0, 1) == 0 ? OptionalInt.empty() : OptionalInt.of(readStag(in)),
          readOperands(in));
    }

    private static List<MemorySlice> readBuffers(CborReader in) throws IOException {
      List<MemorySlice> buffers = new ArrayList<>();
      int count = in.array(0, PostedWork.MAX_BUFFERS);
      for (int i = 0; i < count; i++) {
        buffers.add(readSlice(in));
      }
      return buffers;
    }

    private static Optional<RemoteBuffer> readTarget(CborReader in) throws IOException {
      if (in.array(0, 1) == 0) {
        return Optional.empty();
      }
      in.array(3, 3);
      return Optional.of(new RemoteBuffer(readStag(in), in.unsigned64(), in.unsigned()));
    }

    private static List<Long> readOperands(CborReader in) throws IOException {
      List<Long> operands = new ArrayList<>();
      int count = in.array(0, PostedWork.MAX_OPERANDS);
      for (int i = 0; i < count; i++) {
        operands.add(in.unsigned64());
      }
      return operands;
    }

    @Override
    public String cddl() {
      return "work";
    }
  }

  private record StartedWorkType() implements FieldType<StartedWork> {
    @Override
    public void check(String path, StartedWork value) {}

    @Override
    public void write(CborWriter out, StartedWork value) {
      out.array(5);
      WORK.write(out, value.work());
      PROGRESS.write(out, value.progress());
      out.unsigned(value.doneBytes());
      out.unsigned(value.msn());
      STATUS.write(out, value.status());
    }

    @Override
    public StartedWork read(CborReader in) throws IOException {
      in.array(5, 5);
      return new StartedWork(
          WORK.read(in), PROGRESS.read(in), in.unsigned(), in.unsigned(), STATUS.read(in));
    }

    @Override
    public String cddl() {
      return "started-work";
    }
  }

  private record PeerRequestType() implements FieldType<PeerRequest> {
    @Override
    public void check(String path, PeerRequest value) {}

    @Override
    public void write(CborWriter out, PeerRequest value) {
      out.array(7);
      out.bool(value.atomic());
      writeStag(out, value.sinkStag());
      out.unsigned64(value.sinkTaggedOffset());
      writeSlice(out, value.source());
      out.unsigned(value.sentBytes());
      writeStag(out, value.requestId());
      out.unsigned64(value.original());
    }

    @Override
    public PeerRequest read(CborReader in) throws IOException {
      in.array(7, 7);
      return new PeerRequest(
          in.bool(),
          readStag(in),
          in.unsigned64(),
          readSlice(in),
          in.unsigned(),
          readStag(in),
          in.unsigned64());
    }

    @Override
    public String cddl() {
      return "peer-request";
    }
  }

  private record PartialMessageType() implements FieldType<PartialMessage> {
    @Override
    public void check(String path, PartialMessage value) {}

    @Override
    public void write(CborWriter out, PartialMessage value) {
      out.array(2);
      out.unsigned(value.opcode());
      out.unsigned(value.receivedBytes());
    }

    @Override
    public PartialMessage read(CborReader in) throws IOException {
      in.array(2, 2);
      return new PartialMessage(in.unsignedInt(), in.unsigned());
    }

    @Override
    public String cddl() {
      return "[opcode: 0..15, received: uint32]";
    }
  }

  private record CompletionType() implements FieldType<Completion> {
    @Override
    public void check(String path, Completion value) {
      Checks.range(path + ".bytes", value.bytes(), 0, Long.MAX_VALUE);
    }

    @Override
    public void write(CborWriter out, Completion value) {
      out.array(7);
      out.unsigned64(value.id());
      OPERATION.write(out, value.operation());
      STATUS.write(out, value.status());
      out.unsigned(value.bytes());
      out.bool(value.solicited());
      out.array(value.invalidatedStag().isPresent() ? 1 : 0);
      value.invalidatedStag().ifPresent(stag -> writeStag(out, stag));
      out.array(value.immediate().isPresent() ? 1 : 0);
      value.immediate().ifPresent(out::unsigned64);
    }

    @Override
    public Completion read(CborReader in) throws IOException {
      in.array(7, 7);
      return new Completion(
          in.unsigned64(),
          OPERATION.read(in),
          STATUS.read(in),
          in.unsigned(),
          in.bool(),
          in.array(0, 1) == 0 ? OptionalInt.empty() : OptionalInt.of(readStag(in)),
          in.array(0, 1) == 0 ? OptionalLong.empty() : OptionalLong.of(in.unsigned64()));
    }

    @Override
    public String cddl() {
      return "completion";
    }
  }
}
