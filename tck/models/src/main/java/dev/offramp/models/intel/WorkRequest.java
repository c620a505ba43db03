package dev.offramp.models.intel;

import dev.offramp.api.descriptor.Octets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decoded work request of either queue.
 *
 * @param opcode see {@link WorkFields}; 0 for a Receive, whose header has none
 * @param quanta how much of the ring it takes
 * @param polarity its valid bit
 * @param signalled whether there shall be a completion
 * @param readFence whether it waits for earlier Reads
 * @param localFence whether it waits for all earlier work requests
 * @param streamMode whether its bytes are TCP's and not an FPDU's
 * @param waitsForPdu whether what follows waits for the peer's first FPDU
 * @param hasImmediate whether fragment 0 is immediate data
 * @param immediate that data
 * @param remoteStag the peer's STag: to be read, written or invalidated
 * @param remoteOffset the peer's tagged offset
 * @param fragments local memory, without the empty fragment that only fills a quantum
 * @param inline bytes inside of the work request; null when there are none
 */
record WorkRequest(
    int opcode,
    int quanta,
    boolean polarity,
    boolean signalled,
    boolean readFence,
    boolean localFence,
    boolean streamMode,
    boolean waitsForPdu,
    boolean hasImmediate,
    long immediate,
    int remoteStag,
    long remoteOffset,
    List<Fragment> fragments,
    @Nullable Octets inline) {
  private static final int FRAGMENT_WORDS = 2;
  private static final int GEN1_INLINE_FIRST = 16;
  private static final int GEN2_INLINE_FIRST = 8;
  private static final int GEN2_INLINE_NEXT = 31;

  /** How many quanta the send queue's work request with this header takes. */
  static int quanta(IntelChip chip, long header) {
    long[] words = {0, 0, 0, header};
    int opcode = WorkFields.OPCODE.getInt(words);
    if (opcode == WorkFields.OP_NOP || opcode == WorkFields.OP_RTS_EVENT) {
      return 1;
    }
    if (WorkFields.INLINEDATAFLAG.isSet(words)) {
      int bytes = WorkFields.INLINEDATALEN.getInt(words);
      if (chip.isSecondGeneration()) {
        return 1
            + (Math.max(0, bytes - GEN2_INLINE_FIRST) + GEN2_INLINE_NEXT - 1) / GEN2_INLINE_NEXT;
      }
      return bytes <= GEN1_INLINE_FIRST
          ? 1
          : 1
              + (bytes - GEN1_INLINE_FIRST + WorkFields.QUANTUM_BYTES - 1)
                  / WorkFields.QUANTUM_BYTES;
    }
    return quantaOfFragments(1 + WorkFields.ADDFRAGCNT.getInt(words));
  }

  private static int quantaOfFragments(int fragments) {
    return 1 + fragments / 2;
  }

  /**
   * Decodes a work request of the send queue.
   *
   * @param words its quanta, header included; {@link #quanta} says how many
   */
  static WorkRequest ofSendQueue(IntelChip chip, long[] words) {
    boolean inline = WorkFields.INLINEDATAFLAG.isSet(words);
    boolean immediate = WorkFields.IMMDATAFLAG.isSet(words);
    int quanta = quanta(chip, words[WorkFields.HEADER_WORD]);
    List<Fragment> fragments =
        inline || (quanta == 1 && isWithoutMemory(words))
            ? List.of()
            : fragments(chip, words, immediate);
    return new WorkRequest(
        WorkFields.OPCODE.getInt(words),
        quanta,
        WorkFields.VALID.isSet(words),
        WorkFields.SIGCOMPL.isSet(words),
        WorkFields.READFENCE.isSet(words),
        WorkFields.LOCALFENCE.isSet(words),
        WorkFields.STREAMMODE.isSet(words),
        WorkFields.WAITFORRCVPDU.isSet(words),
        immediate,
        immediate ? words[0] : 0,
        WorkFields.REMOTE_STAG.getInt(words),
        WorkFields.REMOTE_OFFSET.get(words),
        fragments,
        inline ? inline(chip, words, quanta) : null);
  }

  private static boolean isWithoutMemory(long[] words) {
    int opcode = WorkFields.OPCODE.getInt(words);
    return opcode == WorkFields.OP_NOP || opcode == WorkFields.OP_RTS_EVENT;
  }

  /** Decodes a Receive from all of its quanta. */
  static WorkRequest ofReceiveQueue(IntelChip chip, long[] words) {
    return new WorkRequest(
        0,
        words.length / WorkFields.QUANTUM_WORDS,
        WorkFields.VALID.isSet(words),
        true,
        false,
        false,
        false,
        false,
        false,
        0,
        0,
        0,
        fragments(chip, words, false),
        null);
  }

  /**
   * Fragment 0 is before the header, all others follow the first quantum, two in each. What a
   * header counts beyond the end of {@code words} is not there.
   */
  private static List<Fragment> fragments(IntelChip chip, long[] words, boolean immediate) {
    int count = 1 + WorkFields.ADDFRAGCNT.getInt(words);
    List<Fragment> fragments = new ArrayList<>(count);
    for (int i = immediate ? 1 : 0; i < count; i++) {
      int word = i == 0 ? 0 : WorkFields.QUANTUM_WORDS + (i - 1) * FRAGMENT_WORDS;
      if (word + FRAGMENT_WORDS <= words.length) {
        fragments.add(Fragment.decode(chip, words, word));
      }
    }
    // irdma fills the last quantum of generation 2 with an empty fragment and counts it.
    Fragment last = fragments.isEmpty() ? null : fragments.getLast();
    if (chip.isSecondGeneration()
        && count > 1
        && count % 2 == 1
        && last != null
        && last.address() == 0
        && last.length() == 0
        && last.stag() == 0) {
      fragments.removeLast();
    }
    return fragments;
  }

  private static Octets inline(IntelChip chip, long[] words, int quanta) {
    int length = WorkFields.INLINEDATALEN.getInt(words);
    byte[] bytes = new byte[length];
    int done = 0;
    if (chip.isSecondGeneration()) {
      done = copy(words, GEN2_INLINE_FIRST, bytes, 0, GEN2_INLINE_FIRST);
      for (int quantum = 1; quantum < quanta; quantum++) {
        done += copy(words, quantum * WorkFields.QUANTUM_BYTES, bytes, done, GEN2_INLINE_NEXT);
      }
    } else {
      done = copy(words, 0, bytes, 0, GEN1_INLINE_FIRST);
      for (int quantum = 1; quantum < quanta; quantum++) {
        done +=
            copy(words, quantum * WorkFields.QUANTUM_BYTES, bytes, done, WorkFields.QUANTUM_BYTES);
      }
    }
    return Octets.copyOf(bytes);
  }

  private static int copy(long[] words, int from, byte[] to, int at, int max) {
    int count = Math.min(max, Math.min(to.length - at, words.length * Long.BYTES - from));
    for (int i = 0; i < count; i++) {
      int position = from + i;
      to[at + i] = (byte) (words[position / Long.BYTES] >>> (Byte.SIZE * (position % Long.BYTES)));
    }
    return Math.max(count, 0);
  }

  /** What all fragments have together. */
  long totalBytes() {
    long total = inline == null ? 0 : inline.length();
    for (Fragment fragment : fragments) {
      total += fragment.length();
    }
    return total;
  }

  /** Whether a fragment's valid bit differs from the header's; only generation 2 has them. */
  boolean hasStaleFragment(IntelChip chip) {
    return chip.isSecondGeneration()
        && opcode != WorkFields.OP_LOCAL_INVALIDATE
        && fragments.stream().anyMatch(fragment -> fragment.valid() != polarity);
  }
}
