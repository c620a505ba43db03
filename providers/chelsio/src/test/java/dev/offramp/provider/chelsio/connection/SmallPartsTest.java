package dev.offramp.provider.chelsio.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a connection is made of, piece by piece. */
class SmallPartsTest {
  @Test
  void aTerminateOfTheStandard() {
    byte[] message = new byte[6 + 18];
    message[0] = 0x12;
    message[1] = 0x05;
    message[2] = (byte) 0xC0;
    message[6] = 0x41;
    message[6 + 9] = 1;
    message[6 + 13] = 7;
    TerminateMessage terminate = TerminateMessage.of(message);
    assertThat(terminate.terminate().toString()).startsWith("1/2/05");
    assertThat(terminate.queueNumber()).isEqualTo(1);
    assertThat(terminate.messageNumber()).isEqualTo(7);
  }

  @Test
  void aTerminateOfSiw() {
    byte[] message = {0x21, 0x05, 0x01, 0};
    assertThat(TerminateMessage.of(message).terminate().toString()).startsWith("1/2/05");
    assertThat(TerminateMessage.of(message).queueNumber()).isEqualTo(-1);
  }

  @Test
  void aTerminateWithoutOctets() {
    assertThat(TerminateMessage.of(new byte[3]).terminate().toString()).startsWith("0/0/00");
  }

  @Test
  void completionsAreInOrderAndWrap() {
    Completed completed = new Completed(3);
    List<Long> seen = new ArrayList<>();
    for (long id = 0; id < 10; id++) {
      completed.add(id, Operation.SEND, CompletionStatus.SUCCESS, 1);
      completed.add(100 + id, Operation.RECEIVE, CompletionStatus.SUCCESS, 2, true, true, 0x1234);
      assertThat(completed.isOldestReceive()).isFalse();
      completed.take((wr, operation, status, length, detail) -> {
        assertThat(detail.isSolicited()).isFalse();
        assertThat(detail.hasInvalidatedStag()).isFalse();
        seen.add(wr);
      });
      assertThat(completed.isOldestReceive()).isTrue();
      completed.take((wr, operation, status, length, detail) -> {
        assertThat(detail.isSolicited()).isTrue();
        assertThat(detail.invalidatedStag()).isEqualTo(0x1234);
        seen.add(wr);
      });
      assertThat(completed.size()).isZero();
    }
    assertThat(seen).hasSize(20).startsWith(0L, 100L, 1L, 101L);
  }

  @Test
  void aStallIsOverWhenSomethingIsPolled() {
    long[] now = {5};
    List<Long> told = new ArrayList<>();
    Completed completed = new Completed(3);
    Stall stall = new Stall(completed, () -> now[0], told::add);
    stall.refused();
    stall.polled();
    assertThat(stall.count()).isZero();
    completed.add(1, Operation.SEND, CompletionStatus.SUCCESS, 1);
    stall.refused();
    now[0] = 12;
    stall.refused();
    stall.polled();
    stall.polled();
    assertThat(told).containsExactly(7L);
    assertThat(stall.count()).isEqualTo(1);
  }

  @Test
  void workComesWhenTheLockIsFree() {
    Serial serial = new Serial();
    List<String> done = new ArrayList<>();
    serial.enter();
    serial.submit(() -> done.add("later"));
    assertThat(done).isEmpty();
    serial.exit();
    serial.submit(() -> done.add("now"));
    assertThat(done).containsExactly("later", "now");
  }
}
