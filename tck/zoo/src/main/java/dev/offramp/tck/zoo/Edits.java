package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaRole;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;

/** Wrong things that take more than a line. */
final class Edits {
  private Edits() {}

  static StreamEdit segments(IntUnaryOperator change) {
    return new StreamEdit() {
      @Override
      int segmentBytes(int honest) {
        return change.applyAsInt(honest);
      }
    };
  }

  static StreamEdit framedAs(boolean withMarkers) {
    return new StreamEdit() {
      @Override
      boolean editsOutput() {
        return true;
      }

      @Override
      FpduMaker maker(boolean crc, boolean markers) {
        return new FpduMaker(crc, withMarkers);
      }
    };
  }

  /** Octets of its own come first, in one of the roles. */
  static StreamEdit preamble(IwarpConnectionDescriptor d, MpaRole role, byte[] octets) {
    return new StreamEdit() {
      @Override
      byte[] preamble() {
        return d.value(DescriptorFields.MPA_ROLE) == role ? octets : new byte[0];
      }
    };
  }

  static byte[] emptyWriteUlpdu() {
    return new byte[] {(byte) 0xC1, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  }

  static byte[] emptyWrite() {
    return new FpduMaker(true, false).frame(emptyWriteUlpdu());
  }

  private static boolean isIndication(byte[] u) {
    return (Segment.opcode(u) == Segment.WRITE && Segment.isEmpty(u))
        || (Segment.opcode(u) == Segment.READ_REQUEST && Segment.word(u, 18 + 12) == 0)
        || (Segment.opcode(u) == Segment.SEND && Segment.isEmpty(u));
  }

  static Function<byte[], List<byte[]>> rtrAsSend() {
    int[] count = {0};
    return u -> {
      if (count[0]++ == 0 && isIndication(u) && Segment.opcode(u) != Segment.SEND) {
        return List.of(new byte[] {0x41, 0x43, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0});
      }
      return List.of(u);
    };
  }

  static Function<byte[], List<byte[]>> rtrLast() {
    List<byte[]> held = new ArrayList<>();
    int[] count = {0};
    return u -> {
      int place = count[0]++;
      if (place == 0 && isIndication(u)) {
        held.add(u);
        return List.of();
      }
      List<byte[]> both = new ArrayList<>(List.of(u));
      both.addAll(held);
      held.clear();
      return both;
    };
  }

  /** An error of MPA ends in a reset instead of a Terminate. */
  static StreamEdit terminateIsReset() {
    return new StreamEdit() {
      private boolean failed;

      @Override
      boolean editsOutput() {
        return true;
      }

      @Override
      List<byte[]> out(byte[] u) {
        failed |= Segment.opcode(u) == Segment.TERMINATE && u[18] == 0x20;
        return failed ? List.of() : List.of(u);
      }

      @Override
      Ending finish() {
        return failed ? Ending.RST : Ending.AS_ASKED;
      }
    };
  }

  static StreamEdit terminateBeforeFin() {
    return new StreamEdit() {
      @Override
      byte[] farewell() {
        byte[] u = new byte[22];
        u[0] = 0x41;
        u[1] = 0x47;
        u[Segment.QUEUE + 3] = 2;
        u[Segment.MSN + 3] = 1;
        u[18] = 2;
        u[19] = (byte) 0xFF;
        return new FpduMaker(true, false).frame(u);
      }
    };
  }

  static StreamEdit neverFinishes() {
    return new StreamEdit() {
      @Override
      Ending finish() {
        return Ending.NOTHING;
      }

      @Override
      Ending reset() {
        return Ending.NOTHING;
      }
    };
  }

  static StreamEdit framed(BiFunction<Boolean, Boolean, FpduMaker> makers) {
    return new StreamEdit() {
      @Override
      boolean editsOutput() {
        return true;
      }

      @Override
      FpduMaker maker(boolean crc, boolean markers) {
        return makers.apply(crc, markers);
      }
    };
  }

  /** An empty Send after each Send; the MSNs go on. */
  static Function<byte[], List<byte[]>> credits() {
    int[] more = {0};
    return u -> {
      if (Segment.queue(u) != 0) {
        return List.of(u);
      }
      byte[] shifted = Segment.plus(u, Segment.MSN, more[0]);
      if (!Segment.isLast(u)) {
        return List.of(shifted);
      }
      more[0]++;
      byte[] empty = Arrays.copyOf(Segment.plus(shifted, Segment.MSN, 1), 18);
      return List.of(shifted, Segment.with(empty, Segment.OFFSET, 0));
    };
  }

  /** The first FPDU that comes is thrown away. */
  static StreamEdit withoutFirst(boolean drops) {
    return new StreamEdit() {
      private boolean first = drops;

      @Override
      boolean editsInput() {
        return drops;
      }

      @Override
      List<byte[]> in(byte[] ulpdu) {
        boolean dropped = first;
        first = false;
        return dropped ? List.of() : List.of(ulpdu);
      }
    };
  }

  /** A Responder keeps silent until a second FPDU has come. */
  static StreamEdit awaitsSecond(boolean responder) {
    return new StreamEdit() {
      private int heard;

      @Override
      boolean editsOutput() {
        return responder;
      }

      @Override
      boolean editsInput() {
        return responder;
      }

      @Override
      List<byte[]> in(byte[] ulpdu) {
        heard++;
        return List.of(ulpdu);
      }

      @Override
      List<byte[]> out(byte[] ulpdu) {
        return heard < 2 ? List.of() : List.of(ulpdu);
      }
    };
  }

  /** An empty Send before the FIN. */
  static StreamEdit disconnectRequest() {
    return new StreamEdit() {
      private int msn;

      @Override
      boolean editsOutput() {
        return true;
      }

      @Override
      List<byte[]> out(byte[] ulpdu) {
        msn = Segment.queue(ulpdu) == 0 ? Segment.word(ulpdu, Segment.MSN) : msn;
        return List.of(ulpdu);
      }

      @Override
      byte[] farewell() {
        byte[] u = new byte[18];
        u[0] = 0x41;
        u[1] = 0x43;
        return new FpduMaker(true, false).frame(Segment.with(u, Segment.MSN, msn + 1));
      }
    };
  }

  static StreamEdit alignedOnly() {
    return new StreamEdit() {
      @Override
      boolean editsInput() {
        return true;
      }

      @Override
      boolean takesReadsForFpdus() {
        return true;
      }
    };
  }

  static StreamEdit withoutTerminates() {
    return new StreamEdit() {
      @Override
      boolean editsOutput() {
        return true;
      }

      @Override
      List<byte[]> out(byte[] ulpdu) {
        return Segment.opcode(ulpdu) == Segment.TERMINATE ? List.of() : List.of(ulpdu);
      }
    };
  }

  /** All that comes behind the first FPDU is taken for bad. */
  static StreamEdit distrusts() {
    return new StreamEdit() {
      private boolean heard;

      @Override
      boolean editsInput() {
        return true;
      }

      @Override
      List<byte[]> in(byte[] ulpdu) {
        byte[] bad = heard ? Segment.withOctet(ulpdu, 0, ulpdu[0] ^ 2) : ulpdu;
        heard = true;
        return List.of(bad);
      }
    };
  }

  static StreamEdit resets() {
    return new StreamEdit() {
      @Override
      Ending finish() {
        return Ending.RST;
      }
    };
  }

  static boolean isBad(byte[] u) {
    return u.length < 2 || (u[0] & 3) != 1 || (u[1] & 0xC0) != 0x40 || Segment.opcode(u) > 11;
  }

  static Function<byte[], List<byte[]>> standingOffset() {
    List<byte[]> first = new ArrayList<>();
    return u -> {
      if (Segment.opcode(u) != Segment.WRITE) {
        return List.of(u);
      }
      byte[] known = first.isEmpty() ? u : first.get(0);
      first.clear();
      if (!Segment.isLast(u)) {
        first.add(known);
      }
      byte[] changed = u.clone();
      System.arraycopy(known, Segment.TAGGED_OFFSET, changed, Segment.TAGGED_OFFSET, 8);
      return List.of(changed);
    };
  }

  static List<byte[]> emptyBefore(byte[] u) {
    if (Segment.opcode(u) != Segment.SEND || !Segment.isLast(u) || Segment.isEmpty(u)) {
      return List.of(u);
    }
    byte[] open = Segment.withOctet(u, 0, u[0] & ~0x40);
    byte[] empty = Segment.plus(Arrays.copyOf(u, 18), Segment.OFFSET, u.length - 18);
    return List.of(Segment.withOctet(empty, 0, u[0] & ~0x40), Segment.withOctet(open, 0, u[0]));
  }

  /** Each Send carries what the last one of its length did. */
  static Function<byte[], List<byte[]>> swapped() {
    Map<Integer, byte[]> last = new HashMap<>();
    return u -> {
      if (Segment.opcode(u) != Segment.SEND || Segment.isEmpty(u)) {
        return List.of(u);
      }
      byte[] before = last.put(u.length, u);
      if (before == null) {
        return List.of(u);
      }
      byte[] changed = u.clone();
      System.arraycopy(before, 18, changed, 18, u.length - 18);
      return List.of(changed);
    };
  }

  /** Takes Writes for Sends, and counts them with those. */
  static Function<byte[], List<byte[]>> writesAsSends() {
    int[] msn = {0};
    return u -> {
      if (Segment.queue(u) == 0) {
        msn[0] += Segment.word(u, Segment.OFFSET) == 0 ? 1 : 0;
        return List.of(Segment.with(u, Segment.MSN, msn[0]));
      }
      if (Segment.opcode(u) != Segment.WRITE || Segment.isEmpty(u)) {
        return List.of(u);
      }
      msn[0]++;
      return List.of(
          ByteBuffer.allocate(4 + u.length)
              .put((byte) 0x41)
              .put((byte) 0x43)
              .putInt(0)
              .putInt(0)
              .putInt(msn[0])
              .putInt(0)
              .put(u, Segment.TAGGED_BYTES, u.length - Segment.TAGGED_BYTES)
              .array());
    };
  }

  static byte[] swapOperands(byte[] u) {
    byte[] changed = u.clone();
    System.arraycopy(u, 18 + 20, changed, 18 + 28, 8);
    System.arraycopy(u, 18 + 28, changed, 18 + 20, 8);
    return changed;
  }
}
