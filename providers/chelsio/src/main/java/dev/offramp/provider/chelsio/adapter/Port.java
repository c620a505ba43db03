package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.FwPortCmd;
import dev.offramp.spi.RnicException;

/**
 * A port with its virtual interface (t4_hw.c, {@code t4_alloc_vi}, {@code t4_set_rxmode}, {@code
 * t4_enable_vi}, {@code t4_link_l1cfg}). Safe for several threads.
 */
public final class Port {
  private final Mailbox mailbox;
  private final int pf;
  private final int number;
  private final int interfaceId;
  private final long mac;

  private Port(Mailbox mailbox, int pf, int number, int interfaceId, long mac) {
    this.mailbox = mailbox;
    this.pf = pf;
    this.number = number;
    this.interfaceId = interfaceId;
    this.mac = mac;
  }

  /**
   * Brings a port up.
   *
   * @param mtuBytes the largest frames to take
   * @param undo takes all back
   */
  static Port open(Mailbox mailbox, int pf, int number, int mtuBytes, Undo undo)
      throws RnicException {
    FwPortCmd command = new FwPortCmd();
    mailbox.execute(command.allocInterface(Mailbox.buffer(), pf, number), "VI alloc");
    Port port = new Port(mailbox, pf, number, command.interfaceId(), command.interfaceMac());
    undo.add(port::close);
    mailbox.execute(command.receiveMode(Mailbox.buffer(), port.interfaceId, mtuBytes), "VI_RXMODE");
    int caps =
        mailbox
            .execute(command.portInfo(Mailbox.buffer(), number), "PORT GET_PORT_INFO")
            .portCaps();
    mailbox.execute(command.configureLink(Mailbox.buffer(), number, caps), "PORT L1_CFG");
    mailbox.execute(command.enableInterface(Mailbox.buffer(), port.interfaceId, true), "VI_ENABLE");
    return port;
  }

  /** The port's number, which is its transmit channel, too. */
  public int number() {
    return number;
  }

  /** The virtual interface. */
  public int interfaceId() {
    return interfaceId;
  }

  /** The interface's own address: six octets, the first most significant. */
  public long mac() {
    return mac;
  }

  void addMac(long added) throws RnicException, NoRoomException {
    FwPortCmd command = new FwPortCmd();
    mailbox.execute(command.addMac(Mailbox.buffer(), interfaceId, added), "VI_MAC add");
    if (!command.isMacAdded()) {
      throw new NoRoomException(
          "port [%d] takes no further source address [%012x]".formatted(number, added));
    }
  }

  void removeMac(long removed) {
    mailbox.takeBack(
        new FwPortCmd().removeMac(Mailbox.buffer(), interfaceId, removed), "VI_MAC free");
  }

  void addClip(long high, long low) throws RnicException {
    mailbox.execute(new FwPortCmd().addClip(Mailbox.buffer(), high, low), "CLIP alloc");
  }

  void removeClip(long high, long low) {
    mailbox.takeBack(new FwPortCmd().removeClip(Mailbox.buffer(), high, low), "CLIP free");
  }

  private void close() {
    mailbox.takeBack(
        new FwPortCmd().enableInterface(Mailbox.buffer(), interfaceId, false), "VI_ENABLE off");
    mailbox.takeBack(new FwPortCmd().freeInterface(Mailbox.buffer(), pf, interfaceId), "VI free");
  }
}
