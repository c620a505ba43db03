package dev.offramp.models.chelsio;

import static dev.offramp.models.chelsio.ScriptedConnection.DOMAIN;
import static dev.offramp.models.chelsio.ScriptedWork.COMPLETION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.Faults;
import dev.offramp.models.NthFault;
import dev.offramp.models.chelsio.ScriptedWork.Piece;
import dev.offramp.models.chelsio.Session.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Interrupts, notifications, generations, overflows and status pages. */
@Timeout(60)
final class QueuesTest {
  private static final int TIMER = 6;
  private static final int CREDITS_ONLY = 7;

  private static void nextHop(ScriptedDriver driver) {
    driver.writeNextHop(1, 0xFFF, 0x0200_0000_0001L);
  }

  @ParameterizedTest
  @EnumSource
  void interruptsComeOnceForEachTimeTheyAreAskedFor(ChelsioChip chip) {
    try (Rig rig = new Rig(chip)) {
      ScriptedDriver driver = ScriptedDriver.started(rig);
      driver.messages().setGives(false);
      nextHop(driver);
      assertThat(rig.interrupts().count(ScriptedDriver.VECTOR)).isZero();
      // One entry is there that was not given back: told at once.
      driver.messages().give(0, TIMER, false);
      rig.settle();
      assertThat(rig.interrupts().count(ScriptedDriver.VECTOR)).isEqualTo(1);
      nextHop(driver);
      assertThat(rig.interrupts().count(ScriptedDriver.VECTOR)).isEqualTo(1);
      driver.messages().give(2, TIMER, false);
      rig.settle();
      assertThat(rig.interrupts().count(ScriptedDriver.VECTOR)).isEqualTo(1);
      nextHop(driver);
      nextHop(driver);
      assertThat(rig.interrupts().count(ScriptedDriver.VECTOR)).isEqualTo(2);
      assertThat(rig.model().violations()).isEmpty();
    }
  }

  /** A completion queue tells its ingress queue, by an entry that names it. */
  @ParameterizedTest
  @EnumSource
  void completionQueuesNotify(ChelsioChip chip) {
    try (Session session = Session.started(Shape.plain(chip, true))) {
      ScriptedConnection script = session.script();
      ScriptedMemory memory =
          ScriptedMemory.register(session.driver(), 1, DOMAIN, ScriptedMemory.ALL, 1);
      Region far = session.peer().register(100);
      script.completions().setGives(false);
      script.completions().give(0, TIMER, true);
      // Solicited only: a completion of a Send is not.
      session.peer().receive(1, far, 0, 10);
      script.sends().post(ScriptedWork.send(1, COMPLETION, 3, 0, Piece.of(memory, 0, 5)));
      script.completions().take();
      assertThat(session.driver().messages().poll()).isNull();
      script.receives().post(ScriptedWork.receive(2, Piece.of(memory, 0, 50)));
      session.peer().send(2, far, 0, 5, true, 0);
      script.completions().take();
      session.driver().messages().takeNotification(script.completions().id());
      // Not again, until that is asked for.
      script.receives().post(ScriptedWork.receive(3, Piece.of(memory, 0, 50)));
      session.peer().send(3, far, 0, 5, true, 0);
      script.completions().take();
      assertThat(session.driver().messages().poll()).isNull();
      script.completions().give(3, TIMER, false);
      session.peer().receive(4, far, 0, 10);
      script.sends().post(ScriptedWork.send(4, COMPLETION, 3, 0, Piece.of(memory, 0, 5)));
      session.driver().messages().takeNotification(script.completions().id());
      assertThat(session.rig().model().violations()).isEmpty();
    }
  }

  @Test
  void completionsThatNobodyTakes() {
    try (Session session = Session.started(Shape.plain(ChelsioChip.T5, true))) {
      ScriptedConnection script = session.script();
      Region far = session.peer().register(100);
      script.completions().setGives(false);
      // 64 entries less the status page's.
      for (int i = 0; i < 63; i++) {
        session.peer().receive(i, far, 0, 10);
        script.sends().post(ScriptedWork.sendInline(i, COMPLETION, new byte[1]));
        assertThat(script.completions().take().u64(56) >>> 62 & 1).isZero();
      }
      session.peer().receive(63, far, 0, 10);
      script.sends().post(ScriptedWork.sendInline(63, COMPLETION, new byte[1]));
      assertThat(script.completions().take().u64(56) >>> 62 & 1).isEqualTo(1);
      assertThat(session.rig().model().violations())
          .extracting(Violation::kind)
          .containsExactly(Violation.Kind.QUEUE_OVERFLOW);
    }
  }

  /** The overflow that is made to happen has overwritten what the host has read already. */
  @Test
  void overflowOnDemand() {
    Faults faults = new NthFault(ChelsioFaults.CQ_OVERFLOW, 2, 1);
    try (Session session = new Session(Shape.plain(ChelsioChip.T6, true), faults, new byte[0])) {
      session.start();
      ScriptedConnection script = session.script();
      Region far = session.peer().register(100);
      Raw first = complete(session, far, 1);
      Raw second = complete(session, far, 2);
      assertThat(second.u64(56) >>> 62 & 1).isEqualTo(1);
      Raw again = script.completions().entry(0);
      assertThat(again.u64(56)).isNotEqualTo(first.u64(56));
      assertThat(again.u64(56) >>> 63).isEqualTo(first.u64(56) >>> 63);
    }
  }

  private static Raw complete(Session session, Region far, int wrid) {
    session.peer().receive(wrid, far, 0, 10);
    session.script().sends().post(ScriptedWork.sendInline(wrid, COMPLETION, new byte[1]));
    return session.script().completions().take();
  }

  @Test
  void statusPages() {
    try (Rig rig = new Rig(ChelsioChip.T5)) {
      ScriptedDriver driver = ScriptedDriver.started(rig);
      for (int i = 0; i < 200; i++) {
        nextHop(driver);
        assertThat(driver.control().consumed()).isEqualTo(driver.control().next());
      }
    }
  }

  @Test
  void shortCompletions() {
    try (Session session = new Session(Shape.plain(ChelsioChip.T5, true))) {
      ScriptedConnection script = session.script();
      ScriptedQueue entries = new ScriptedQueue(session.rig(), 64, 32, true);
      entries.setIds(script.completions().id(), script.completions().id());
      script.nextHop();
      assertThat(script.open(script.connection())).isZero();
      script.loadTcb();
      assertThat(script.own()).isZero();
      script.flowc();
      Raw wr =
          script.resources(0).u16(16 + 20, 1 << 15 | 2 << 12 | 1).u64(16 + 24, entries.address());
      assertThat(session.driver().result(session.driver().control(), wr)).isZero();
      assertThat(session.init()).isZero();
      session.goLive(new byte[0]);
      Region far = session.peer().register(100);
      for (int i = 0; i < 100; i++) {
        session.peer().receive(i, far, 0, 10);
        script.sends().post(ScriptedWork.sendInline(i, COMPLETION, new byte[3]));
        assertThat(entries.take().u16(14)).isEqualTo(i);
      }
      entries.give(0, CREDITS_ONLY, false);
      assertThat(session.rig().model().violations()).isEmpty();
    }
  }

  /** Doorbells of BAR 0 name the queue in the value. */
  @Test
  void oldDoorbells() {
    try (Rig rig = new Rig(ChelsioChip.T5)) {
      ScriptedDriver driver = ScriptedDriver.started(rig);
      driver.messages().setGives(false);
      int slots =
          driver
              .control()
              .write(
                  ScriptedDriver.transport(16)
                      .u32(16, 0x12 << 24 | driver.messages().absoluteId() << 14 | 1)
                      .u16(22, 1)
                      .u16(24, 0xFFF)
                      .mac(26, 0x0200_0000_0001L)
                      .bytes());
      rig.write32(0, 0x1B000, driver.control().id() << 15 | slots);
      driver.messages().take(0x23);
      rig.write32(0, 0x1B004, driver.messages().id() << 16 | CREDITS_ONLY << 13 | 1);
      rig.settle();
      assertThat(rig.model().violations()).isEmpty();
      rig.write32(0, 0x1B004, driver.messages().id() << 16 | CREDITS_ONLY << 13 | 1);
      rig.settle();
      assertThat(rig.model().violations()).hasSize(1);
    }
  }
}
