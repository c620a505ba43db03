package dev.offramp.api.descriptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RemoteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a description of an iWARP stream in the middle of its work must not say. */
final class RdmaModeRulesTest {
  private static final int STAG = 0xABCD_EF01;
  private static final RegisteredMemory REGION =
      new RegisteredMemory(STAG, -64, 64, Set.of(Access.REMOTE_WRITE), true);
  private static final PostedWork SEND = work(Operation.SEND, new MemorySlice(STAG, 0, 64));
  private static final PostedWork RECEIVE = work(Operation.RECEIVE, new MemorySlice(STAG, 32, 32));
  private static final PostedWork READ =
      new PostedWork(
          3,
          Operation.READ,
          List.of(new MemorySlice(STAG, 0, 8)),
          Optional.of(new RemoteBuffer(7, -8, 8)),
          false,
          OptionalInt.empty(),
          List.of());

  private static PostedWork work(Operation operation, MemorySlice... buffers) {
    return new PostedWork(
        1, operation, List.of(buffers), Optional.empty(), false, OptionalInt.empty(), List.of());
  }

  private static IwarpConnectionDescriptor.Builder inRdmaMode() {
    return Descriptors.minimal()
        .present(DescriptorFields.IWARP_PHASE, IwarpPhase.RDMA, "test")
        .present(DescriptorFields.MPA_ROLE, MpaRole.INITIATOR, "test")
        .present(DescriptorFields.MPA_REVISION, 2, "test")
        .present(DescriptorFields.MPA_CRC, true, "test")
        .present(DescriptorFields.MPA_SEND_MARKERS, false, "test")
        .present(DescriptorFields.MPA_RECEIVE_MARKERS, false, "test")
        .present(DescriptorFields.RTR, RtrKind.NONE, "test")
        .present(DescriptorFields.RECEIVE_MSN, 1L, "test")
        .present(DescriptorFields.REGIONS, List.of(REGION), "test");
  }

  private static void assertRefused(IwarpConnectionDescriptor.Builder builder, String message) {
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(builder::build)
        .withMessageContaining(message);
  }

  @Test
  void workInsideItsRegionsIsFine() {
    IwarpConnectionDescriptor d =
        inRdmaMode()
            .present(DescriptorFields.POSTED_WORK, List.of(SEND, READ), "test")
            .present(DescriptorFields.POSTED_RECEIVES, List.of(RECEIVE), "test")
            .present(DescriptorFields.PARTIAL_MESSAGE, new PartialMessage(3, 32), "test")
            .build();
    assertThat(d.value(DescriptorFields.POSTED_WORK)).containsExactly(SEND, READ);
  }

  @Test
  void listsCannotBeChangedAfterwards() {
    List<PostedWork> mine = new ArrayList<>(List.of(SEND));
    IwarpConnectionDescriptor d =
        inRdmaMode().present(DescriptorFields.POSTED_WORK, mine, "test").build();
    mine.clear();
    assertThat(d.value(DescriptorFields.POSTED_WORK)).containsExactly(SEND);
  }

  @Test
  void memoryThatIsNotListedCannotBeNamed() {
    PostedWork foreign = work(Operation.SEND, new MemorySlice(STAG + 256, 0, 1));
    PostedWork beyond = work(Operation.RECEIVE, new MemorySlice(STAG, 33, 32));
    PeerRequest peeks = new PeerRequest(false, 1, 0, new MemorySlice(STAG, 64, 1), 0, 0, 0);
    assertRefused(
        inRdmaMode().present(DescriptorFields.POSTED_WORK, List.of(foreign), "test"),
        "no such region");
    assertRefused(
        inRdmaMode().present(DescriptorFields.POSTED_RECEIVES, List.of(beyond), "test"),
        "bytes 33 to 65");
    assertRefused(
        inRdmaMode().present(DescriptorFields.PEER_REQUESTS, List.of(peeks), "test"),
        "the region has 64");
    assertRefused(
        inRdmaMode().present(DescriptorFields.REGIONS, List.of(REGION, REGION), "test"),
        "[abcdef01] twice");
  }

  @Test
  void receivesAndOtherWorkAreNotMixed() {
    assertRefused(
        inRdmaMode().present(DescriptorFields.POSTED_WORK, List.of(RECEIVE), "test"),
        "anything but Receives");
    assertRefused(
        inRdmaMode().present(DescriptorFields.POSTED_RECEIVES, List.of(SEND), "test"),
        "expected Receives");
  }

  @Test
  void onlyTheLastMessageCanBeHalfSent() {
    StartedWork half =
        new StartedWork(SEND, StartedWork.Progress.SENDING, 10, 1, CompletionStatus.SUCCESS);
    StartedWork sent =
        new StartedWork(SEND, StartedWork.Progress.SENT, 0, 1, CompletionStatus.SUCCESS);
    assertThat(
            inRdmaMode()
                .present(DescriptorFields.STARTED_WORK, List.of(sent, half), "test")
                .build())
        .isNotNull();
    assertRefused(
        inRdmaMode().present(DescriptorFields.STARTED_WORK, List.of(half, sent), "test"),
        "half sent with others after it");
  }

  @Test
  void halfAMessageNeedsAReceiveThatHoldsIt() {
    assertRefused(
        inRdmaMode().present(DescriptorFields.PARTIAL_MESSAGE, new PartialMessage(3, 0), "test"),
        "first Receive of -1");
    assertRefused(
        inRdmaMode()
            .present(DescriptorFields.POSTED_RECEIVES, List.of(RECEIVE), "test")
            .present(DescriptorFields.PARTIAL_MESSAGE, new PartialMessage(3, 33), "test"),
        "33 bytes, first Receive of 32");
  }

  @Test
  void nothingIsUnderWayBeforeTheFirstFpdu() {
    StartedWork sent =
        new StartedWork(SEND, StartedWork.Progress.SENT, 0, 1, CompletionStatus.SUCCESS);
    assertRefused(
        inRdmaMode()
            .present(DescriptorFields.IWARP_PHASE, IwarpPhase.STARTED, "test")
            .present(DescriptorFields.REMOTE_PRIVATE_DATA, Octets.empty(), "test")
            .present(DescriptorFields.STARTED_WORK, List.of(sent), "test"),
        "before the first FPDU");
  }

  @Test
  void requestsHaveWhatTheirOperationTakes() {
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(() -> work(Operation.READ, new MemorySlice(STAG, 0, 8)))
        .withMessageContaining("READ");
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(() -> work(Operation.LOCAL_INVALIDATE));
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(() -> work(Operation.IMMEDIATE));
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(() ->
            work(
                Operation.SEND,
                new MemorySlice(STAG, 0, Long.MAX_VALUE),
                new MemorySlice(STAG, 0, 1)));
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(() ->
            new StartedWork(
                SEND, StartedWork.Progress.AWAITING_RESPONSE, 0, 1, CompletionStatus.SUCCESS));
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(
            () -> new StartedWork(READ, StartedWork.Progress.SENT, 0, 1, CompletionStatus.SUCCESS));
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(() ->
            new StartedWork(SEND, StartedWork.Progress.SENDING, 65, 1, CompletionStatus.SUCCESS));
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(() -> new RegisteredMemory(1, -4, 5, Set.of(), true))
        .withMessageContaining("2^64");
  }
}
