package dev.offramp.models.chelsio;

import static dev.offramp.models.chelsio.ScriptedMailbox.READ;
import static dev.offramp.models.chelsio.ScriptedMailbox.WRITE;
import static dev.offramp.models.chelsio.ScriptedMailbox.command;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.NthFault;
import dev.offramp.spi.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Registers, the mailbox, parameters; and where T5 and T6 are different. */
@Timeout(60)
final class BringUpTest {
  private static final int CONTROL = 0x1B280;
  private static final int PCIE_FW = 0x30B8;
  private static final int MTU_TABLE = 0x7DE4;

  @ParameterizedTest
  @EnumSource
  void devices(ChelsioChip chip) {
    boolean t5 = chip == ChelsioChip.T5;
    // On the class path, where these tests run, there are no services of modules.
    AdapterModelFactory factory = t5 ? new T5ModelFactory() : new T6ModelFactory();
    Device device = factory.device();
    assertThat(device).isEqualTo(chip.device());
    assertThat(device.name()).isEqualTo(t5 ? "t5" : "t6");
    assertThat(device.kind()).isEqualTo(Device.Kind.ADAPTER);
    assertThat(device.vendorId()).isEqualTo(0x1425);
    assertThat(device.deviceId()).isEqualTo(t5 ? 0x5401 : 0x6401);
  }

  @ParameterizedTest
  @EnumSource
  void registers(ChelsioChip chip) {
    try (Rig rig = new Rig(chip)) {
      ChelsioModel model = rig.model();
      int who = model.read32(0, 0x19400);
      assertThat(chip == ChelsioChip.T5 ? who >>> 8 & 7 : who >>> 9 & 7)
          .isEqualTo(ScriptedDriver.FUNCTION);
      assertThat(model.read32(0, PCIE_FW)).isZero();
      ScriptedDriver driver = ScriptedDriver.started(rig);
      // Initialized, with this function as the master.
      assertThat(model.read32(0, PCIE_FW)).isEqualTo(1 << 30 | 1 << 15 | 4 << 12);
      driver.stop();
      assertThat(model.read32(0, PCIE_FW)).isEqualTo(1 << 30);

      // The ninth MTU is the one that Ethernet has.
      rig.write32(0, MTU_TABLE, 0xFF << 24 | 8);
      assertThat(model.read32(0, MTU_TABLE)).isEqualTo(8 << 24 | 1500);
      rig.write32(0, MTU_TABLE, 8 << 24 | 1400);
      assertThat(model.read32(0, MTU_TABLE) & 0x3FFF).isEqualTo(1400);
      // TP_VLAN_PRI_MAP, by TP_PIO.
      rig.write32(0, 0x7E40, 0x140);
      assertThat(model.read32(0, 0x7E44)).isEqualTo(0x32B);
      // What has no meaning keeps what is written; where nothing is, all ones.
      rig.write32(0, 0x2_0000, 0x1234);
      assertThat(model.read32(0, 0x2_0000)).isEqualTo(0x1234);
      assertThat(model.read32(5, 0)).isEqualTo(-1);
      assertThat(model.barBytes(0)).isPositive();
      assertThat(model.barBytes(2)).isPositive();
      assertThat(model.barBytes(4)).isZero();
      assertThat(model.violations()).isEmpty();
    }
  }

  @Test
  void mailboxBelongsToWhoeverTookIt() {
    try (Rig rig = new Rig(ChelsioChip.T6)) {
      ChelsioModel model = rig.model();
      assertThat(model.read32(0, CONTROL)).isEqualTo(2);
      // It stays taken until it is given back.
      assertThat(model.read32(0, CONTROL)).isEqualTo(2);
      rig.write32(0, CONTROL, 0);
      // The same registers lie at the function's own place, too.
      int own = 0x1E000 + ScriptedDriver.FUNCTION * 0x400 + 0x280;
      assertThat(model.read32(0, own)).isEqualTo(2);
      rig.write32(0, own, 0);
      // While firmware has it, the host cannot write into it.
      rig.loop()
          .run(() -> {
            rig.write32(0, CONTROL - 0x40, 0x1111);
            rig.write32(0, CONTROL, 9);
            rig.write32(0, CONTROL - 0x40, 0x2222);
            assertThat(model.read32(0, CONTROL)).isEqualTo(9);
            assertThat(model.read32(0, CONTROL - 0x40)).isEqualTo(0x1111);
          });
      rig.await("an answer", () -> model.read32(0, CONTROL) == 10);
    }
  }

  @Test
  void silentAndFailing() {
    try (Rig rig = new Rig(ChelsioChip.T5, new NthFault(ChelsioFaults.MAILBOX_SILENT, 1, 1))) {
      assertThat(rig.model().read32(0, CONTROL)).isEqualTo(2);
      rig.write32(0, CONTROL, 9);
      rig.settle();
      assertThat(rig.model().read32(0, CONTROL)).isEqualTo(9);
    }
    try (Rig rig = new Rig(ChelsioChip.T5, new NthFault(ChelsioFaults.FIRMWARE_ERROR, 1, 1))) {
      assertThat(rig.model().read32(0, PCIE_FW)).isNegative();
    }
    try (Rig rig = new Rig(ChelsioChip.T5, new NthFault(ChelsioFaults.REGISTERS_ALL_ONES, 1, 1))) {
      assertThat(rig.model().read32(0, PCIE_FW)).isEqualTo(-1);
    }
    int version = 0x0110_0000;
    try (Rig rig =
        new Rig(ChelsioChip.T5, new NthFault(ChelsioFaults.FIRMWARE_VERSION, 1, version))) {
      Raw hello = new ScriptedMailbox(rig).execute(command(0x04, WRITE, 0, 16));
      assertThat(hello.u32(12)).isEqualTo(version);
    }
  }

  @ParameterizedTest
  @EnumSource
  void parameters(ChelsioChip chip) {
    try (Rig rig = new Rig(chip)) {
      ScriptedMailbox mailbox = ScriptedDriver.started(rig).mailbox();
      assertThat(mailbox.parameter(1, 0x0B)).isEqualTo(0x011B_0500);
      assertThat(mailbox.parameter(1, 0x13)).isEqualTo(32);
      // RI_WRITE_CMPL_WR is T6's.
      assertThat(mailbox.parameter(1, 0x24)).isEqualTo(chip == ChelsioChip.T6 ? 1 : 0);
      // Regions begin before they end; those that there are not end before they begin.
      for (int start : new int[] {0x03, 0x05, 0x0D, 0x11, 0x13, 0x15, 0x17, 0x29, 0x2B, 0x2D}) {
        assertThat(mailbox.parameter(2, start + 1))
            .as("end of region %#x", start)
            .isGreaterThan(mailbox.parameter(2, start));
      }
      for (int start : new int[] {0x09, 0x0B, 0x19, 0x26, 0x2F, 0x32}) {
        assertThat(mailbox.parameter(2, start + 1)).isLessThan(mailbox.parameter(2, start));
      }
      // Several at once, up to the first name of 0; an unknown one is refused.
      Raw both =
          mailbox.execute(
              command(0x08, READ, 0, 64).u32(8, 1 << 24 | 1 << 16).u32(16, 1 << 24 | 2 << 16));
      assertThat(both.u32(12)).isEqualTo(3);
      assertThat(both.u32(20)).isEqualTo(1024);
      assertThat(mailbox.answer(command(0x08, READ, 0, 64).u32(8, 1 << 24 | 0xEE << 16)).u8(6))
          .isEqualTo(22);
    }
  }

  /** RESET leaves nothing of what was there. */
  @Test
  void reset() {
    try (Session session = Session.started(Session.Shape.plain(ChelsioChip.T6, true))) {
      ScriptedMemory.register(session.driver(), 1, 1, ScriptedMemory.ALL, 1);
      session.driver().mailbox().execute(command(0x03, WRITE, 0, 16).u32(8, 3));
      assertThat(session.rig().model().usage())
          .isEqualTo(new ChelsioUsage(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
      assertThat(session.rig().link().claimCount()).isZero();
      session.driver().start();
      assertThat(session.rig().model().violations()).isEmpty();
    }
  }
}
