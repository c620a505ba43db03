package dev.offramp.interop;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.Offramp;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaDecision;
import dev.offramp.api.mpa.MpaException;
import dev.offramp.api.mpa.MpaFailure;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.api.rdma.Write;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * What stock programs never do on purpose, against siwx in the guest: private data, rejections,
 * revision 1, the kinds of Send, and every error that makes one end send a Terminate.
 */
final class SiwxCases {
  private static final String PROGRAM = "offramp ~ siwx";
  private static final String TEXT = "hello, this is softiwarp";
  private static final int MESSAGE_BYTES = 16;
  private static final int SMALL_RECEIVE_BYTES = 8;
  private static final int LONG_MESSAGE_BYTES = 64;
  private static final int MANY = 64;
  private static final int ODD_BYTES = 65;
  private static final int NO_SUCH_STAG = 0xdeadbe00;

  /** siw takes 256 bytes with the four of IRD and ORD (docs/siw.md). */
  private static final int MOST_PRIVATE_BYTES = 252;

  private SiwxCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (boolean crc : new boolean[] {true, false}) {
      String suffix = crc ? ", CRC" : ", no CRC";
      cases.add(initiator("Send, revision 1" + suffix, "send", rev1(crc), SiwxCases::send));
      cases.add(initiator("Write, revision 1" + suffix, "write", rev1(crc), SiwxCases::write));
      cases.add(initiator("Write" + suffix, "write", rev2(crc), SiwxCases::write));
      cases.add(initiator("Read" + suffix, "read", rev2(crc), SiwxCases::read));
    }
    cases.add(initiator("Send with SE", "sendse", rev2(true), SiwxCases::sendSolicited));
    for (int length : new int[] {1, 19, MOST_PRIVATE_BYTES}) {
      cases.add(privateData(length));
    }
    cases.add(rejected());
    cases.add(initiator("the siw server Sends first", "serverfirst", rev2(true), SiwxCases::hear));
    cases.add(
        initiator(
            "the siw server Sends first, peer-to-peer",
            "serverfirst",
            Mpa.initiator().peerToPeer(Set.of(RtrKind.WRITE, RtrKind.READ)).build(),
            SiwxCases::hear));
    cases.add(oddMessagesInOneWrite());
    terminatesOfSiw(cases);
    responderCases(cases);
    return cases;
  }

  /**
   * In a write of all of them, with segments of 1448 bytes, a boundary would be between padding and
   * CRC of the 62nd FPDU, where siw as receiver goes wrong (docs/interop.md).
   */
  private static Case oddMessagesInOneWrite() {
    return new Case(
        PROGRAM,
        "initiator",
        MANY + " Sends of " + ODD_BYTES + " bytes in one write, CRC",
        (lab, port) -> {
          try (Run guest = siwx(lab, "server", Lab.GUEST, port, "many")) {
            lab.awaitListener(port);
            // What is posted before the first FPDU may go shares the first write.
            ConnectionSetup setup =
                connection -> {
                  MemoryRegion region = connection.allocate(ODD_BYTES);
                  for (int i = 0; i < MANY; i++) {
                    connection.post(new Send(i, region.whole()));
                  }
                };
            // Long enough for siw to be awake, and to read each segment as it comes.
            Owner owner = Owner.hostResident().with("softiwarp.first-fpdu-delay-micros", "100000");
            try (Offramp offramp = owner.open();
                SocketChannel tcp = Tcp.connect(Lab.GUEST, port);
                RdmaConnection rdma = offramp.offload(tcp, rev2(true), setup)) {
              StreamEnd end = rdma.disconnect();
              CaseFailure.require(
                  end instanceof StreamEnd.ClosedLocally, end.toString(), "an orderly end");
            }
            String output = guest.succeed(Case.USUAL_LIMIT);
            String taken = "completion of receive: success, " + ODD_BYTES + " bytes";
            long count = output.lines().filter(taken::equals).count();
            CaseFailure.require(count == MANY, count + " messages taken", "" + MANY);
          }
          return "";
        });
  }

  private static void terminatesOfSiw(List<Case> cases) {
    cases.add(
        terminatedByPeer("bad STag, Write", "send", 1, 1, 0x00, s -> s.writeTo(NO_SUCH_STAG, 0)));
    cases.add(
        terminatedByPeer("bad STag, Read", "send", 0, 1, 0x00, s -> s.readFrom(NO_SUCH_STAG)));
    cases.add(
        terminatedByPeer(
            "Write out of bounds",
            "bounds",
            1,
            1,
            0x01,
            s -> s.writeTo(s.remote().stag(), s.remote().taggedOffset() + 4090)));
    // siw has no code for rights: it says that the STag is invalid (docs/siw.md).
    cases.add(
        terminatedByPeer(
            "Write without the right",
            "permission",
            1,
            1,
            0x00,
            s -> s.writeTo(s.remote().stag(), s.remote().taggedOffset())));
    cases.add(terminatedByPeer("Send, no Receive posted", "norecv", 1, 2, 0x02, Session::sendLong));
    // The RFC has 1/2/05; siw says that there is no buffer.
    cases.add(
        terminatedByPeer("Send longer than Receive", "toolong", 1, 2, 0x02, Session::sendLong));
  }

  private static void responderCases(List<Case> cases) {
    for (boolean crc : new boolean[] {true, false}) {
      cases.add(
          responder(
              "Send" + (crc ? ", CRC" : ", no CRC"),
              "send",
              Mpa.responder().crc(crc).build(),
              64,
              SiwxCases::takeHello));
    }
    cases.add(
        responder(
            "private data both ways",
            "private",
            Mpa.responder(request ->
                    text(request.privateData()).equals("client-private-data")
                        ? MpaDecision.accept(octets("reply-private-data"))
                        : MpaDecision.reject(Octets.empty()))
                .build(),
            64,
            (session, guest) -> {
              takeHello(session, guest);
              requireOutput(guest, hex("reply-private-data"));
              return "";
            }));
    cases.add(rejecting());
    cases.add(
        responder(
            "connect and disconnect",
            "idle",
            Mpa.responder().build(),
            64,
            (session, guest) -> {
              StreamEnd end = session.work.awaitEnd();
              CaseFailure.require(
                  end instanceof StreamEnd.ClosedByPeer, end.toString(), "closed by the peer");
              return "";
            }));
    cases.add(terminatedHere("bad STag, Write of siw", "badstag", 64, 1, 1, 0x00));
    cases.add(terminatedHere("bad STag, Read of siw", "badread", 64, 0, 1, 0x00));
    cases.add(terminatedHere("Send of siw, no Receive posted", "norecv", 0, 1, 2, 0x02));
    cases.add(
        terminatedHere(
            "Send of siw longer than Receive", "toolong", SMALL_RECEIVE_BYTES, 1, 2, 0x05));
  }

  // ---- our end is the Initiator

  /** What an initiator's case does once connected. */
  private interface Action {
    String run(Session session, Run guest) throws Exception;
  }

  /** One connection with a buffer of its own and what siwx advertised. */
  private static final class Session {
    private final Work work;
    private final MemoryRegion region;

    Session(RdmaConnection rdma, MemoryRegion region) {
      this.work = new Work(rdma);
      this.region = region;
    }

    /** siwx puts address, STag and length into the private data of its Reply. */
    RemoteBuffer remote() {
      ByteBuffer advert = work.rdma().mpa().privateData().asByteBuffer();
      long address = advert.getLong();
      int stag = advert.getInt();
      return new RemoteBuffer(stag, address, Integer.toUnsignedLong(advert.getInt()));
    }

    void writeTo(int stag, long taggedOffset) throws IOException {
      work.post(
          new Write(
              7,
              region.slice(0, LONG_MESSAGE_BYTES),
              new RemoteBuffer(stag, taggedOffset, LONG_MESSAGE_BYTES)));
    }

    void readFrom(int stag) throws IOException {
      work.post(
          new Read(
              8,
              region.slice(0, LONG_MESSAGE_BYTES),
              new RemoteBuffer(stag, 0, LONG_MESSAGE_BYTES)));
    }

    void sendLong() throws IOException {
      work.post(new Send(region.slice(0, LONG_MESSAGE_BYTES)));
    }
  }

  private static MpaOptions rev1(boolean crc) {
    return Mpa.initiator().revision(1).crc(crc).build();
  }

  private static MpaOptions rev2(boolean crc) {
    return Mpa.initiator().crc(crc).build();
  }

  private static Case initiator(String options, String mode, MpaOptions mpa, Action action) {
    return new Case(
        PROGRAM,
        "initiator",
        options,
        (lab, port) -> {
          try (Run guest = siwx(lab, "server", Lab.GUEST, port, mode)) {
            lab.awaitListener(port);
            MemoryRegion[] region = new MemoryRegion[1];
            try (Offramp offramp = Owner.hostResident().open();
                SocketChannel tcp = Tcp.connect(Lab.GUEST, port);
                RdmaConnection rdma = offramp.offload(tcp, mpa, setup(region, 4096))) {
              CaseFailure.require(
                  rdma.mpa().revision() == mpa.revision() && rdma.mpa().crc() == mpa.crc(),
                  rdma.mpa().toString(),
                  "revision " + mpa.revision() + " and CRC " + mpa.crc());
              return action.run(new Session(rdma, region[0]), guest);
            } catch (CaseFailure e) {
              throw new CaseFailure(e.getMessage() + "; " + guest.tail());
            }
          }
        });
  }

  private static ConnectionSetup setup(MemoryRegion[] region, int receiveBytes) {
    return connection -> {
      MemoryRegion own = connection.allocate(1 << 16, Access.REMOTE_READ, Access.REMOTE_WRITE);
      MemorySegment.copy(
          MemorySegment.ofArray(TEXT.getBytes(StandardCharsets.US_ASCII)),
          0,
          own.segment(),
          0,
          TEXT.length());
      if (receiveBytes > 0) {
        connection.post(new Receive(own.slice(8192, receiveBytes)));
      }
      region[0] = own;
    };
  }

  private static String send(Session session, Run guest) throws Exception {
    session.work.perform(new Send(session.region.slice(0, MESSAGE_BYTES)));
    return finish(session, guest, "received \"" + TEXT.substring(0, MESSAGE_BYTES) + '"');
  }

  private static String sendSolicited(Session session, Run guest) throws Exception {
    session.work.perform(new Send(session.region.slice(0, MESSAGE_BYTES)).withSolicitedEvent());
    return finish(session, guest, "received \"" + TEXT.substring(0, MESSAGE_BYTES) + '"');
  }

  private static String write(Session session, Run guest) throws Exception {
    session.work.perform(new Write(1, session.region.slice(0, 4096), session.remote()));
    session.work.perform(new Send(session.region.slice(0, MESSAGE_BYTES)));
    return finish(session, guest, "buffer starts with \"" + TEXT.substring(0, MESSAGE_BYTES) + '"');
  }

  private static String read(Session session, Run guest) throws Exception {
    session.work.perform(
        new Read(1, session.region.slice(16384, 4096), session.remote().slice(0, 4096)));
    for (int i = 0; i < 4096; i++) {
      byte seen = session.region.segment().get(ValueLayout.JAVA_BYTE, 16384 + i);
      CaseFailure.require(seen == (byte) (i * 7 + 1), "byte " + i + ": " + seen, "siwx's pattern");
    }
    session.work.perform(new Send(session.region.slice(0, MESSAGE_BYTES)));
    return finish(session, guest, "completion of receive: success, 16 bytes");
  }

  private static String hear(Session session, Run guest) throws Exception {
    // siwx waits for a message of this end, too.
    session.work.perform(new Send(session.region.slice(0, MESSAGE_BYTES)));
    long bytes = session.work.expect(Operation.RECEIVE).bytes();
    CaseFailure.require(bytes == MESSAGE_BYTES, bytes + " bytes", "16");
    String heard = session.region.segment().getString(8192);
    CaseFailure.require("server first".equals(heard), heard, "\"server first\"");
    return finish(session, guest, "ESTABLISHED");
  }

  private static String finish(Session session, Run guest, String expected) throws Exception {
    session.work.rdma().disconnect();
    CaseFailure.require(guest.succeed(Case.USUAL_LIMIT).contains(expected), guest.tail(), expected);
    return "";
  }

  private static Case privateData(int length) {
    byte[] data = new byte[length];
    for (int i = 0; i < length; i++) {
      data[i] = (byte) (i + 1);
    }
    return initiator(
        "private data of " + length + " bytes",
        "send",
        Mpa.initiator().privateData(ByteBuffer.wrap(data)).build(),
        (session, guest) -> {
          CaseFailure.require(
              session.work.rdma().mpa().privateData().length() == 16,
              session.work.rdma().mpa().privateData().toString(),
              "siwx's 16 bytes");
          String shown = HexFormat.of().formatHex(data, 0, Math.min(length, 64));
          send(session, guest);
          requireOutput(guest, "private " + shown);
          return "";
        });
  }

  private static Case rejected() {
    return new Case(
        PROGRAM,
        "initiator",
        "rejected by siw, private data",
        (lab, port) -> {
          try (Run guest = siwx(lab, "server", Lab.GUEST, port, "reject")) {
            lab.awaitListener(port);
            try (Offramp offramp = Owner.hostResident().open();
                SocketChannel tcp = Tcp.connect(Lab.GUEST, port)) {
              offramp.offload(tcp, Mpa.initiator().build(), ConnectionSetup.NONE).close();
              throw new CaseFailure("seen [a connection], expected a rejection");
            } catch (MpaException e) {
              CaseFailure.require(
                  e.failure() == MpaFailure.REJECTED_BY_PEER
                      && text(e.privateData()).equals("NOPE"),
                  e.failure() + " " + text(e.privateData()),
                  "REJECTED_BY_PEER with NOPE");
            }
            guest.succeed(Case.USUAL_LIMIT);
          }
          return "";
        });
  }

  private interface Offence {
    void commit(Session session) throws IOException;
  }

  private static Case terminatedByPeer(
      String options, String mode, int layer, int type, int code, Offence offence) {
    return initiator(
        options + ": siw sends Terminate",
        mode,
        rev2(true),
        (session, guest) -> {
          offence.commit(session);
          StreamEnd end = session.work.awaitEnd();
          CaseFailure.require(
              end instanceof StreamEnd.TerminatedByPeer(Terminate t)
                  && t.layer() == layer
                  && t.type() == type
                  && t.code() == code
                  && t.headers().length() >= 14,
              end.toString(),
              "Terminate %d/%d/%02x with the segment's headers".formatted(layer, type, code));
          guest.await(Case.USUAL_LIMIT);
          return ((StreamEnd.TerminatedByPeer) end).terminate().toString();
        });
  }

  // ---- our end is the Responder

  private static Case responder(
      String options, String mode, MpaOptions mpa, int receiveBytes, Action action) {
    return new Case(
        PROGRAM,
        "responder",
        options,
        (lab, port) -> {
          MemoryRegion[] region = new MemoryRegion[1];
          try (ServerSocketChannel listener = Tcp.listen(Lab.HOST, port);
              Run guest = siwx(lab, "client", Lab.HOST, port, mode)) {
            try (Offramp offramp = Owner.hostResident().open();
                SocketChannel tcp = Tcp.accept(listener);
                RdmaConnection rdma = offramp.offload(tcp, mpa, setup(region, receiveBytes))) {
              String note = action.run(new Session(rdma, region[0]), guest);
              rdma.disconnect();
              return note;
            } catch (CaseFailure e) {
              throw new CaseFailure(e.getMessage() + "; " + guest.tail());
            }
          }
        });
  }

  private static String takeHello(Session session, Run guest) throws Exception {
    long bytes = session.work.expect(Operation.RECEIVE).bytes();
    String heard = session.region.segment().getString(8192);
    CaseFailure.require(
        bytes == LONG_MESSAGE_BYTES && "hello from siwx".equals(heard),
        bytes + " bytes: " + heard,
        LONG_MESSAGE_BYTES + " bytes: hello from siwx");
    guest.succeed(Case.USUAL_LIMIT);
    return "";
  }

  private static Case terminatedHere(
      String options, String mode, int receiveBytes, int layer, int type, int code) {
    return responder(
        options + ": softiwarp sends Terminate",
        mode,
        Mpa.responder().build(),
        receiveBytes,
        (session, guest) -> {
          StreamEnd end = session.work.awaitEnd();
          CaseFailure.require(
              end instanceof StreamEnd.TerminatedLocally(Terminate t, String reason)
                  && t.layer() == layer
                  && t.type() == type
                  && t.code() == code,
              end.toString(),
              "Terminate %d/%d/%02x".formatted(layer, type, code));
          guest.await(Case.USUAL_LIMIT);
          requireOutput(guest, "RDMA_CM_EVENT_DISCONNECTED");
          return ((StreamEnd.TerminatedLocally) end).terminate().toString();
        });
  }

  private static Case rejecting() {
    return new Case(
        PROGRAM,
        "responder",
        "rejects siw, private data",
        (lab, port) -> {
          MpaOptions mpa =
              Mpa.responder(request -> MpaDecision.reject(octets("NOT TODAY"))).build();
          try (ServerSocketChannel listener = Tcp.listen(Lab.HOST, port);
              Run guest = siwx(lab, "client", Lab.HOST, port, "send")) {
            try (Offramp offramp = Owner.hostResident().open();
                SocketChannel tcp = Tcp.accept(listener)) {
              offramp.offload(tcp, mpa, ConnectionSetup.NONE).close();
              throw new CaseFailure("seen [a connection], expected this end's rejection");
            } catch (MpaException e) {
              CaseFailure.require(
                  e.failure() == MpaFailure.REJECTED_LOCALLY && e.isTcpUsable(),
                  e.toString(),
                  "REJECTED_LOCALLY, TCP usable");
            }
            guest.await(Case.USUAL_LIMIT);
            requireOutput(guest, "RDMA_CM_EVENT_REJECTED");
          }
          return "";
        });
  }

  private static Run siwx(Lab lab, String role, String address, int port, String mode)
      throws IOException {
    return lab.guest(
        Case.USUAL_LIMIT,
        "siwx %s %s %d %s %d".formatted(role, address, port, mode, LONG_MESSAGE_BYTES));
  }

  private static void requireOutput(Run guest, String expected) throws CaseFailure {
    CaseFailure.require(guest.output().contains(expected), guest.tail(), expected);
  }

  private static Octets octets(String text) {
    return Octets.copyOf(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String text(Octets octets) {
    return StandardCharsets.US_ASCII.decode(octets.asByteBuffer()).toString();
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
  }
}
