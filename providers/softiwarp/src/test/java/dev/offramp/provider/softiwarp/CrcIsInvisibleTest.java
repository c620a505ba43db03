package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.Offramp;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.conformance.Rows;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing of CRC reaches an application but that its connection ends when one is wrong. */
@Timeout(60)
class CrcIsInvisibleTest {
  @Test
  @Rows(17)
  void theSameProgramSeesTheSameWithAndWithoutCrc() throws Exception {
    try (Offramp offramp = Offramp.open()) {
      assertThat(run(offramp, true)).isEqualTo(run(offramp, false));
    }
  }

  /** Completions and memory, of both ends. */
  private static List<Object> run(Offramp offramp, boolean crc) throws Exception {
    List<Object> seen = new ArrayList<>();
    try (TcpPair tcp = TcpPair.open()) {
      FutureTask<RdmaConnection> responding =
          TcpPair.start(() -> offramp.offload(tcp.far(), Mpa.responder().crc(crc).build()));
      try (RdmaConnection near = offramp.offload(tcp.near(), Mpa.initiator().crc(crc).build());
          RdmaConnection far = TcpPair.join(responding)) {
        assertThat(near.mpa().crc()).isEqualTo(crc);
        MemoryRegion from = near.allocate(70_001, Access.REMOTE_WRITE);
        MemoryRegion to = far.allocate(70_001, Access.REMOTE_WRITE, Access.REMOTE_READ);
        for (int i = 0; i < 70_001; i++) {
          from.segment().set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31));
        }
        far.post(new Receive(1, List.of(to.slice(0, 333))));
        near.post(new Write(2, from.whole(), to.advertise()));
        near.post(new Send(3, from.slice(100, 333)));
        near.post(new Read(4, from.whole(), to.advertise()));
        for (Operation each : List.of(Operation.WRITE, Operation.SEND, Operation.READ)) {
          seen.add(RdmaPair.next(near, each));
        }
        Completion received = RdmaPair.next(far, Operation.RECEIVE);
        seen.add(received);
        seen.add(List.of(from, to).stream().map(r -> List.of(bytes(r))).toList());
      }
    }
    return seen;
  }

  private static String bytes(MemoryRegion region) {
    return java.util.HexFormat.of().formatHex(region.segment().toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  @Rows(17)
  void noOperationOfTheApiHasToDoWithCrc() {
    Stream<Class<?>> types =
        Stream.concat(
            Stream.of(
                RdmaConnection.class, CompletionQueue.class, MemoryRegion.class, Completion.class),
            Stream.of(WorkRequest.class.getPermittedSubclasses()));
    List<String> names =
        types.flatMap(type -> Stream.of(type.getMethods())).map(Method::getName).toList();
    assertThat(names).contains("post", "take", "segment");
    assertThat(names)
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).matches(".*(crc|checksum|digest).*"));
  }
}
