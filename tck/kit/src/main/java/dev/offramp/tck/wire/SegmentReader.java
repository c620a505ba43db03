package dev.offramp.tck.wire;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.tck.rule.DdpRules;
import dev.offramp.tck.rule.EventRules;
import dev.offramp.tck.rule.ExtensionRules;
import dev.offramp.tck.rule.FrameRules;
import dev.offramp.tck.rule.MpaRules;
import dev.offramp.tck.rule.RdmapRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SequenceRules;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The part of {@link WireReader} that knows DDP segments and RDMAP messages. */
final class SegmentReader {
  private static final int QUEUES = 4;
  private static final int RESERVED_DDP_BITS = 0x3C;
  private static final int RESERVED_RDMAP_BITS = 0x30;
  private static final int OPCODE_BITS = 0x0F;
  private static final int VERSION_BITS = 0x03;

  private final StreamSetup setup;
  private final List<Deviation> deviations;
  private final List<Heard> messages = new ArrayList<>();
  private final int mulpdu;
  private final int[] nextMsn = new int[QUEUES];
  private final boolean[] heardOn = new boolean[QUEUES];

  /** The messages under way: by queue, tagged ones last. */
  private final @Nullable Open[] open = new Open[QUEUES + 1];

  private boolean spoken;
  private boolean first = true;
  private boolean terminated;

  /** A message of which not all segments have come. */
  private static final class Open {
    private final int opcode;
    private final int control;
    private final int ulpWord;
    private final int msn;
    private final int stag;
    private final long taggedOffset;
    private final ByteArrayOutputStream payload = new ByteArrayOutputStream();
    private int segments;
    private int longest;

    Open(int opcode, int control, int ulpWord, int msn, int stag, long taggedOffset) {
      this.opcode = opcode;
      this.control = control;
      this.ulpWord = ulpWord;
      this.msn = msn;
      this.stag = stag;
      this.taggedOffset = taggedOffset;
    }
  }

  SegmentReader(StreamSetup setup, List<Deviation> deviations) {
    this.setup = setup;
    this.deviations = deviations;
    this.mulpdu = Framing.mulpdu(setup.emss(), setup.markers());
    nextMsn[Ddp.SEND_QUEUE] = setup.firstSendMsn();
    nextMsn[Ddp.REQUEST_QUEUE] = setup.firstRequestMsn();
    nextMsn[Ddp.TERMINATE_QUEUE] = 1;
    nextMsn[Ddp.ATOMIC_RESPONSE_QUEUE] = 1;
  }

  void spoken() {
    spoken = true;
  }

  List<Heard> messages() {
    return messages;
  }

  boolean isTerminated() {
    return terminated;
  }

  void accept(byte[] ulpdu) {
    int control = ulpdu[0] & 0xFF;
    int rdmap = ulpdu[1] & 0xFF;
    int opcode = rdmap & OPCODE_BITS;
    boolean tagged = (control & Ddp.TAGGED) != 0;
    if (terminated) {
      add(RdmapRules.R108, "a %s after the Terminate".formatted(Ddp.name(opcode)));
      add(RdmapRules.R115, "an FPDU on a stream that has an error");
    }
    if (ulpdu.length > mulpdu) {
      String text =
          "a ULPDU of %d octets, MULPDU is %d at an EMSS of %d"
              .formatted(ulpdu.length, mulpdu, setup.emss());
      add(MpaRules.R021, text);
      add(DdpRules.R081, text);
    }
    checkControls(control, rdmap, opcode);
    checkSilence(opcode);
    if (opcode > Ddp.ATOMIC_RESPONSE) {
      add(RdmapRules.R096, "opcode [%#x], which is not assigned".formatted(opcode));
      return;
    }
    if (tagged != Ddp.isTagged(opcode)) {
      add(DdpRules.R073, "a %s with T %d".formatted(Ddp.name(opcode), tagged ? 1 : 0));
      return;
    }
    if (first) {
      checkFirst(opcode, ulpdu.length);
      first = false;
    }
    if (tagged) {
      acceptTagged(ulpdu, control, rdmap, opcode);
    } else if (ulpdu.length < Ddp.UNTAGGED_BYTES) {
      add(
          DdpRules.R078,
          "an untagged segment of %d octets, its header alone has %d"
              .formatted(ulpdu.length, Ddp.UNTAGGED_BYTES));
    } else {
      acceptUntagged(ulpdu, control, rdmap, opcode);
    }
  }

  private void checkControls(int control, int rdmap, int opcode) {
    if ((control & VERSION_BITS) != Ddp.DDP_VERSION) {
      add(
          DdpRules.R076,
          "a %s with DDP version %d, expected 1"
              .formatted(Ddp.name(opcode), control & VERSION_BITS));
    }
    if ((control & RESERVED_DDP_BITS) != 0) {
      add(
          DdpRules.R075,
          "a %s with reserved DDP bits [%02x], expected 0"
              .formatted(Ddp.name(opcode), control & RESERVED_DDP_BITS));
    }
    if (rdmap >> 6 != 1 || (rdmap & RESERVED_RDMAP_BITS) != 0) {
      Rule rule = opcode >= Ddp.IMMEDIATE ? ExtensionRules.R119 : RdmapRules.R096;
      add(
          rule,
          "a %s with control octet [%02x], expected [%02x]"
              .formatted(Ddp.name(opcode), rdmap, Ddp.RDMAP_VERSION | opcode));
    }
  }

  private void checkSilence(int opcode) {
    if (setup.role() == MpaRole.RESPONDER && !spoken) {
      String text =
          "a Responder sent a %s before it had received an FPDU".formatted(Ddp.name(opcode));
      add(MpaRules.R039, text);
      add(EventRules.L46, text);
    }
  }

  /** An Initiator in peer-to-peer mode begins with the indication. */
  private void checkFirst(int opcode, int ulpduBytes) {
    if (setup.role() != MpaRole.INITIATOR
        || setup.rtr() == RtrKind.NONE
        || opcode == Ddp.TERMINATE) {
      return;
    }
    int expected =
        switch (setup.rtr()) {
          case SEND -> Ddp.SEND;
          case WRITE -> Ddp.WRITE;
          case READ -> Ddp.READ_REQUEST;
          case NONE -> -1;
        };
    int emptyBytes =
        switch (setup.rtr()) {
          case SEND -> Ddp.UNTAGGED_BYTES;
          case WRITE -> Ddp.TAGGED_BYTES;
          case READ -> Ddp.UNTAGGED_BYTES + Ddp.READ_REQUEST_BYTES;
          case NONE -> -1;
        };
    String text =
        "the first FPDU is a %s of %d octets; the indication agreed on is %s, %d octets"
            .formatted(Ddp.name(opcode), ulpduBytes, Ddp.name(expected), emptyBytes);
    if (opcode != expected) {
      boolean isIndication =
          (opcode == Ddp.SEND && ulpduBytes == Ddp.UNTAGGED_BYTES)
              || (opcode == Ddp.WRITE && ulpduBytes == Ddp.TAGGED_BYTES)
              || (opcode == Ddp.READ_REQUEST
                  && ulpduBytes == Ddp.UNTAGGED_BYTES + Ddp.READ_REQUEST_BYTES);
      add(isIndication ? MpaRules.R066 : MpaRules.R051, text);
      add(EventRules.L47, text);
    } else if (ulpduBytes != emptyBytes) {
      add(MpaRules.R066, text);
      add(MpaRules.R051, text);
      add(EventRules.L47, text);
    }
  }

  private void acceptTagged(byte[] ulpdu, int control, int rdmap, int opcode) {
    ByteBuffer header = ByteBuffer.wrap(ulpdu);
    int stag = header.getInt(2);
    long offset = header.getLong(6);
    Open message = open[QUEUES];
    if (message == null) {
      message = new Open(opcode, rdmap, 0, 0, stag, offset);
      open[QUEUES] = message;
    } else {
      if (message.stag != stag || message.control != rdmap) {
        add(
            DdpRules.R077,
            "segment %d of a %s: STag [%08x] control [%02x], the first had [%08x] [%02x]"
                .formatted(
                    message.segments + 1,
                    Ddp.name(opcode),
                    stag,
                    rdmap,
                    message.stag,
                    message.control));
      }
      long expected = message.taggedOffset + message.payload.size();
      if (offset != expected) {
        add(
            DdpRules.R083,
            "segment %d of a %s: tagged offset [%#x], expected [%#x]"
                .formatted(message.segments + 1, Ddp.name(opcode), offset, expected));
      }
    }
    take(message, QUEUES, ulpdu, Ddp.TAGGED_BYTES, control);
  }

  private void acceptUntagged(byte[] ulpdu, int control, int rdmap, int opcode) {
    ByteBuffer header = ByteBuffer.wrap(ulpdu);
    int ulpWord = header.getInt(2);
    int queue = header.getInt(6);
    int msn = header.getInt(10);
    int offset = header.getInt(14);
    if (!Ddp.invalidates(opcode) && ulpWord != 0) {
      Rule rule = opcode >= Ddp.IMMEDIATE ? ExtensionRules.R119 : RdmapRules.R097;
      add(
          rule,
          "a %s with [%08x] where the Invalidate STag stands, expected 0"
              .formatted(Ddp.name(opcode), ulpWord));
    }
    int expectedQueue = Ddp.queueOf(opcode);
    if (queue != expectedQueue) {
      Rule rule =
          switch (opcode) {
            case Ddp.TERMINATE -> RdmapRules.R108;
            case Ddp.READ_REQUEST -> RdmapRules.R102;
            case Ddp.ATOMIC_REQUEST, Ddp.ATOMIC_RESPONSE -> ExtensionRules.R123;
            case Ddp.IMMEDIATE, Ddp.IMMEDIATE_SE -> ExtensionRules.R125;
            default -> RdmapRules.R105;
          };
      add(rule, "a %s on queue %d, expected %d".formatted(Ddp.name(opcode), queue, expectedQueue));
      return;
    }
    Open message = open[queue];
    if (message == null) {
      if (heardOn[queue] && msn == nextMsn[queue] - 1 && offset != 0) {
        add(
            DdpRules.R074,
            "a segment at message offset %d of a %s whose segment before had L set"
                .formatted(offset, Ddp.name(opcode)));
      }
      checkMsn(opcode, queue, msn);
      message = new Open(opcode, rdmap, ulpWord, msn, ulpWord, 0);
      open[queue] = message;
    } else if (message.msn != msn || message.ulpWord != ulpWord || message.control != rdmap) {
      add(
          DdpRules.R078,
          "segment %d of a %s: MSN %d control [%02x] word [%08x], the first had %d [%02x] [%08x]"
              .formatted(
                  message.segments + 1,
                  Ddp.name(opcode),
                  msn,
                  rdmap,
                  ulpWord,
                  message.msn,
                  message.control,
                  message.ulpWord));
    }
    if (offset != message.payload.size()) {
      add(
          DdpRules.R080,
          "segment %d of a %s: message offset %d, expected %d"
              .formatted(
                  message.segments + 1,
                  Ddp.name(opcode),
                  Integer.toUnsignedLong(offset),
                  message.payload.size()));
    }
    take(message, queue, ulpdu, Ddp.UNTAGGED_BYTES, control);
  }

  private void checkMsn(int opcode, int queue, int msn) {
    int expected = nextMsn[queue];
    if (msn != expected) {
      String text =
          "a %s on queue %d with MSN %d, expected %d"
              .formatted(
                  Ddp.name(opcode),
                  queue,
                  Integer.toUnsignedLong(msn),
                  Integer.toUnsignedLong(expected));
      add(DdpRules.R079, text);
      if (!heardOn[queue]) {
        add(SequenceRules.L15, text);
      }
    }
    heardOn[queue] = true;
    nextMsn[queue] = msn + 1;
  }

  private void take(Open message, int slot, byte[] ulpdu, int headerBytes, int control) {
    message.payload.write(ulpdu, headerBytes, ulpdu.length - headerBytes);
    message.segments++;
    message.longest = Math.max(message.longest, ulpdu.length);
    boolean last = (control & Ddp.LAST) != 0;
    if (!last) {
      if (ulpdu.length == headerBytes) {
        add(
            DdpRules.R084,
            "an empty segment of a %s that is not the last".formatted(Ddp.name(message.opcode)));
      }
      return;
    }
    open[slot] = null;
    Heard heard =
        new Heard(
            message.opcode,
            slot == QUEUES ? -1 : slot,
            message.msn,
            message.stag,
            message.taggedOffset,
            Octets.copyOf(message.payload.toByteArray()),
            message.segments,
            message.longest);
    messages.add(heard);
    checkMessage(heard);
  }

  private void checkMessage(Heard heard) {
    int bytes = heard.payload().length();
    switch (heard.opcode()) {
      case Ddp.READ_REQUEST ->
          require(
              bytes == Ddp.READ_REQUEST_BYTES,
              RdmapRules.R099,
              "a Read Request header of %d octets, expected 28".formatted(bytes));
      case Ddp.ATOMIC_REQUEST ->
          require(
              bytes == Ddp.ATOMIC_REQUEST_BYTES,
              ExtensionRules.R119,
              "an Atomic Request of %d octets, expected 52".formatted(bytes));
      case Ddp.ATOMIC_RESPONSE ->
          require(
              bytes == Ddp.ATOMIC_RESPONSE_BYTES,
              ExtensionRules.R119,
              "an Atomic Response of %d octets, expected 12".formatted(bytes));
      case Ddp.IMMEDIATE, Ddp.IMMEDIATE_SE -> {
        String text = "immediate data of %d octets, expected 8".formatted(bytes);
        require(bytes == 8, ExtensionRules.R125, text);
        require(bytes == 8, FrameRules.L41, text);
      }
      case Ddp.TERMINATE -> {
        terminated = true;
        TerminateCheck.check(heard, setup.copies(), deviations);
      }
      default -> {
        // Sends, Writes and Read Responses carry what the ULP wants.
      }
    }
  }

  private void require(boolean holds, Rule rule, String text) {
    if (!holds) {
      add(rule, text);
    }
  }

  private void add(Rule rule, String text) {
    deviations.add(new Deviation(rule, text));
  }
}
