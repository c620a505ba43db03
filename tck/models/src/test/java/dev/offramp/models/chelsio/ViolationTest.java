package dev.offramp.models.chelsio;

import static dev.offramp.models.chelsio.ScriptedConnection.DOMAIN;
import static dev.offramp.models.chelsio.ScriptedMailbox.ALLOC;
import static dev.offramp.models.chelsio.ScriptedMailbox.EXEC;
import static dev.offramp.models.chelsio.ScriptedMailbox.FREE;
import static dev.offramp.models.chelsio.ScriptedMailbox.WRITE;
import static dev.offramp.models.chelsio.ScriptedMailbox.command;
import static dev.offramp.models.chelsio.ScriptedWork.COMPLETION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.models.chelsio.ScriptedWork.Piece;
import dev.offramp.models.chelsio.Session.Shape;
import dev.offramp.models.chelsio.Violation.Kind;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a driver must not do: the model says so, and does what a chip would do then. */
@Timeout(120)
final class ViolationTest {
  private static final int EINVAL = 22;

  private Session session;
  private Rig rig;
  private ScriptedDriver driver;
  private ScriptedConnection script;

  @BeforeEach
  @SuppressWarnings("NullAway.Init") // before every test
  void start() {
    use(ChelsioChip.T6);
  }

  private void use(ChelsioChip chip) {
    session = new Session(Shape.plain(chip, true));
    rig = session.rig();
    driver = session.driver();
    script = session.script();
  }

  @AfterEach
  void close() {
    session.close();
  }

  private void assertViolations(Kind... kinds) {
    rig.settle();
    assertThat(rig.model().violations()).extracting(Violation::kind).containsExactly(kinds);
  }

  // ---- doorbells and rings

  @Test
  void doorbellWithoutQueue() {
    rig.write32(2, ScriptedRing.area(250) + 8, 1);
    assertViolations(Kind.DOORBELL_WITHOUT_QUEUE);
    assertThat(rig.model().violations().getFirst().where()).isEqualTo("queue 250");
  }

  @Test
  void doorbellOfAQueueThatWasTakenBack() {
    driver.stop();
    driver.offload().post(script.connection());
    assertViolations(Kind.DOORBELL_WITHOUT_QUEUE);
  }

  @Test
  void creditsOfNoQueue() {
    rig.write32(2, 3 * 4096 + 20, 7 << 13 | 1);
    assertViolations(Kind.DOORBELL_WITHOUT_QUEUE);
  }

  @Test
  void areasThatNoQueueHas() {
    // 16 egress queues of 128 bytes share a page: its second half is nobody's.
    rig.write32(2, 12 * 4096 + 2048 + 8, 1);
    // A number in the value counts in the page's first area only.
    rig.write32(2, ScriptedRing.area(193) + 8, 1 << 15 | 1);
    // The burst's half takes no doorbell, and the doorbell's half no burst.
    rig.write32(2, ScriptedRing.area(193) + 72, 1);
    rig.model().write64(2, ScriptedRing.area(193) + 8, 1);
    rig.write512(ScriptedRing.area(193), new byte[64]);
    assertViolations(
        Kind.DOORBELL_WITHOUT_QUEUE,
        Kind.DOORBELL_WITHOUT_QUEUE,
        Kind.BAD_DOORBELL,
        Kind.BAD_DOORBELL,
        Kind.BAD_DOORBELL);
  }

  @Test
  void moreWorkThanTheRingHas() {
    driver.control().post(driver.control().size() - 1);
    assertViolations(Kind.DOORBELL_ON_FULL_QUEUE);
    // The queue has stopped for good.
    driver.control().post(script.message(0x1A, 8));
    assertViolations(Kind.DOORBELL_ON_FULL_QUEUE);
  }

  @Test
  void aDoorbellForNothing() {
    driver.control().post(0);
    assertViolations(Kind.DOORBELL_ON_FULL_QUEUE);
  }

  @Test
  void lengths() {
    driver.control().post(ScriptedDriver.transport(8).u32(4, 0));
    assertViolations(Kind.BAD_LENGTH);
    // Five units take two slots, and the doorbell tells of one.
    driver.offload().write(script.flowcRequest().bytes());
    driver.offload().post(1);
    assertViolations(Kind.BAD_LENGTH, Kind.BAD_LENGTH);
  }

  /** T6 tells a free list by its queue, T5 by a bit of the doorbell. */
  @Test
  void freeListWithoutItsBit() {
    session.close();
    use(ChelsioChip.T5);
    ScriptedRing list = java.util.Objects.requireNonNull(driver.messages().freeList());
    rig.write32(2, list.area() + 8, 1);
    assertViolations(Kind.BAD_DOORBELL);
    rig.write32(2, list.area() + 8, 1 << 13 | 7);
    assertViolations(Kind.BAD_DOORBELL, Kind.DOORBELL_ON_FULL_QUEUE);
  }

  @Test
  void moreEntriesGivenBackThanWritten() {
    driver.messages().give(1, 7, false);
    assertViolations(Kind.BAD_CREDIT_RETURN);
  }

  @Test
  void messagesThatNobodyTakes() {
    driver.messages().setGives(false);
    for (int i = 0; i < 126; i++) {
      driver.writeNextHop(1, 0xFFF, 0x0200_0000_0001L);
    }
    driver.writeNextHop(1, 0xFFF, 0x0200_0000_0001L);
    assertViolations();
    driver.writeNextHop(1, 0xFFF, 0x0200_0000_0001L);
    assertViolations(Kind.QUEUE_OVERFLOW);
  }

  // ---- firmware

  @Test
  void commands() {
    ScriptedMailbox mailbox = driver.mailbox();
    // A length that is not the structure's.
    assertThat(mailbox.answer(command(0x08, WRITE, 0, 32)).u8(6)).isEqualTo(EINVAL);
    // A command that there is not.
    assertThat(mailbox.answer(command(0x7E, WRITE, 0, 16)).u8(6)).isEqualTo(38);
    // Queues before INITIALIZE, and anything before HELLO.
    mailbox.execute(command(0x03, WRITE, 0, 16));
    assertThat(mailbox.answer(command(0x10, EXEC | WRITE, ALLOC, 64)).u8(6)).isEqualTo(71);
    mailbox.execute(command(0x05, WRITE, 0, 16));
    assertThat(mailbox.answer(command(0x06, WRITE, 0, 16)).u8(6)).isEqualTo(71);
    assertViolations(Kind.BAD_COMMAND, Kind.BAD_COMMAND, Kind.BAD_COMMAND, Kind.BAD_COMMAND);
  }

  @Test
  void queues() {
    ScriptedMailbox mailbox = driver.mailbox();
    long ring = driver.control().address();
    Raw iq = command(0x10, EXEC | WRITE, ALLOC, 64).u16(20, 2).u16(22, 32).u64(24, ring);
    for (Raw bad :
        List.of(
            Raw.on(iq.bytes().clone()).u16(22, 31),
            Raw.on(iq.bytes().clone()).u64(24, 0x1000),
            Raw.on(iq.bytes().clone()).u64(24, ring + 8),
            Raw.on(iq.bytes().clone()).u32(16, 1 << 15 | 999),
            Raw.on(iq.bytes().clone()).u16(38, 1),
            command(0x13, EXEC | WRITE, ALLOC, 32).u32(20, 32).u64(24, ring),
            command(0x13, EXEC | WRITE, ALLOC, 32)
                .u32(8, driver.messages().id() << 20)
                .u32(16, driver.messages().id())
                .u32(20, 32)
                .u64(24, ring + 4),
            command(0x21, EXEC | WRITE, FREE, 32).u32(8, driver.control().id()),
            command(0x10, EXEC | WRITE, FREE, 64)
                .u16(10, driver.messages().id())
                .u16(12, 0xFFFF))) {
      assertThat(mailbox.answer(bad).u8(6)).as("retval for %s", bad).isEqualTo(EINVAL);
    }
    assertThat(rig.model().violations())
        .hasSize(9)
        .extracting(Violation::kind)
        .containsOnly(Kind.BAD_QUEUE);
    assertThat(rig.model().usage().ingressQueues()).isEqualTo(1);
  }

  @Test
  void rdmaQueues() {
    assertThat(script.makeQueues()).isZero();
    // There already.
    assertThat(script.makeQueues()).isEqualTo(EINVAL);
    assertViolations(Kind.BAD_QUEUE);
    assertThat(script.freeQueues()).isZero();
    assertThat(script.freeQueues()).isEqualTo(EINVAL);
    assertThat(rig.model().usage().completionQueues()).isZero();
  }

  /** One record of three is wrong: none of the three queues is there afterwards. */
  @Test
  void rdmaQueuesAllOrNone() {
    Raw wr = script.resources(0).u64(112 + 24, 0x40);
    assertThat(driver.result(driver.control(), wr)).isEqualTo(EINVAL);
    assertThat(rig.model().usage().completionQueues()).isZero();
    assertThat(rig.model().usage().workQueues()).isZero();
  }

  @Test
  void queuesInUseStay() {
    session.start();
    assertThat(script.freeQueues()).isEqualTo(EINVAL);
    assertViolations(Kind.BAD_QUEUE);
    assertThat(rig.model().usage().workQueues()).isEqualTo(2);
  }

  // ---- work requests and messages

  @Test
  void undecodable() {
    driver.control().post(Raw.of(16).u32(0, 0x7F << 24).u32(4, 1));
    driver.control().post(ScriptedDriver.transport(8).u32(16, 0x77 << 24));
    driver.control().post(Raw.of(16).u32(0, 0x05 << 24 | 8).u32(4, 1));
    assertViolations(Kind.MALFORMED, Kind.MALFORMED, Kind.MALFORMED);
    // Others go on.
    driver.writeNextHop(1, 0xFFF, 0x0200_0000_0001L);
  }

  @Test
  void unknownTids() {
    for (int opcode : new int[] {0x06, 0x08, 0x0A, 0x0B, 0x0D, 0x1A}) {
      driver
          .control()
          .post(ScriptedDriver.transport(16).u32(16, opcode << 24 | 5).u16(20, 1 << 15));
    }
    driver.offload().post(script.data(new byte[4]));
    driver.offload().post(script.flowcRequest());
    assertViolations(
        Kind.BAD_TID,
        Kind.BAD_TID,
        Kind.BAD_TID,
        Kind.BAD_TID,
        Kind.BAD_TID,
        Kind.BAD_TID,
        Kind.BAD_TID,
        Kind.BAD_TID);
  }

  @Test
  void repliesToAQueueThatIsNotThere() {
    driver
        .control()
        .post(
            ScriptedDriver.transport(16)
                .u32(16, 0x12 << 24 | 9 << 14 | 1)
                .u16(22, 1)
                .u16(24, 0xFFF)
                .mac(26, 0x0200_0000_0001L));
    assertViolations(Kind.NO_SUCH_INGRESS_QUEUE);
  }

  @Test
  void memoryOutsideOfTheTables() {
    assertThat(ScriptedMemory.write(driver, 0x40, new byte[32])).isEqualTo(14);
    assertViolations(Kind.BAD_MEMORY_WRITE);
  }

  @Test
  void pagesThatLeadNowhere() {
    int table = driver.mailbox().parameter(2, 0x0D);
    int lists = driver.mailbox().parameter(2, 0x11);
    assertThat(ScriptedMemory.write(driver, lists + 64, Raw.of(32).u64(0, 0x5000).bytes()))
        .isZero();
    Raw entry = Raw.of(32).u32(0, 3 << 30 | 1 << 22).u32(4, 15 << 28).u32(8, 8).u32(12, 100);
    assertThat(ScriptedMemory.write(driver, table + 64, entry.bytes())).isZero();
    assertViolations(Kind.DMA_FAULT);
    assertThat(ScriptedMemory.write(driver, table + 64, entry.u32(8, 0x1FFF_FFFF).bytes()))
        .isZero();
    assertViolations(Kind.DMA_FAULT, Kind.BAD_STAG);
  }

  @Test
  void releaseOfAConnectionThatIsNotOver() {
    script.takeOver();
    driver.control().post(script.message(0x1A, 8));
    assertViolations(Kind.BAD_TID);
    assertThat(rig.model().usage().claims()).isZero();
  }

  /** An STag that is not there, one without access, and one of another domain. */
  @Test
  void stags() {
    session.start();
    ScriptedMemory reads =
        ScriptedMemory.register(driver, 1, DOMAIN, ScriptedMemory.REMOTE_READ, 1);
    script
        .sends()
        .post(ScriptedWork.send(1, COMPLETION, ScriptedWork.PLAIN, 0, Piece.of(reads, 0, 9)));
    Raw cqe = script.completions().take();
    assertThat(cqe.u32(0) >>> 5 & 0x1F).isEqualTo(4);
    Raw message = driver.messages().take(0xE0);
    assertThat(message.u8(1)).isEqualTo(2);
    assertThat(message.u32(8)).isEqualTo(cqe.u32(0));
    assertViolations(Kind.BAD_WORK_REQUEST);
  }

  @Test
  void memoryThatWentAway() {
    session.start();
    ScriptedMemory memory = ScriptedMemory.register(driver, 1, DOMAIN, ScriptedMemory.ALL, 1);
    memory.free();
    script
        .sends()
        .post(ScriptedWork.send(1, COMPLETION, ScriptedWork.PLAIN, 0, Piece.of(memory, 0, 9)));
    assertThat(driver.messages().take(0x2B).u8(7)).isEqualTo(42);
    assertViolations(Kind.DMA_FAULT);
  }
}
