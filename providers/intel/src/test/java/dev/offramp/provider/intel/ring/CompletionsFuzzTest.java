package dev.offramp.provider.intel.ring;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.offramp.provider.intel.IdleWindow;
import dev.offramp.provider.intel.layout.CompletionEntry;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.SendWqe;
import dev.offramp.provider.intel.layout.Words;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/**
 * Any bytes in a completion queue: work completes at most once and in its order, what cannot be is
 * told apart, and what is left over can be swept; nothing is thrown.
 */
final class CompletionsFuzzTest {
  private static final int MOST_ENTRIES = 32;
  private static final int RING_ENTRIES = 64;
  private static final int QUANTA = 512;
  private static final int RECEIVES = 16;
  private static final int CONTEXT = 7;
  private static final int FIRST_RECEIVE = 100;

  /** First octet: generation, how much is posted, and connection's own quanta. Then entries. */
  @FuzzTest
  @Tag("fuzz")
  void completions(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    Generation generation = Generation.all().get(bytes[0] & 1);
    int posted = bytes[0] >>> 1 & 7;
    int ownQuanta = bytes[0] >>> 4 & 3;
    IdleWindow window = new IdleWindow(generation);
    MemorySegment memory = window.allocate((long) QUANTA * SendWqe.QUANTUM_BYTES, 4096).segment();
    SendRing sends = new SendRing(generation, memory, window.allocate(64, 64).segment(), 3, window);
    sends.beginAfter(ownQuanta);
    ReceiveRing receives =
        new ReceiveRing(
            window.allocate((long) RECEIVES * SendWqe.QUANTUM_BYTES, 4096).segment(), 0);
    for (int i = 0; i < posted; i++) {
      int at = sends.reserve(1 + (i & 1), i, 10);
      SendWqe.nop(memory, (long) at * SendWqe.QUANTUM_BYTES, 0, sends.polarity());
      receives.reserve(FIRST_RECEIVE + i);
    }
    int entries = Math.min(MOST_ENTRIES, (bytes.length - 1) / CompletionEntry.BYTES);
    MemorySegment ring =
        window.allocate((long) RING_ENTRIES * CompletionEntry.BYTES, 4096).segment();
    MemorySegment.copy(
        MemorySegment.ofArray(bytes), 1, ring, 0, (long) entries * CompletionEntry.BYTES);
    for (int i = 0; i < entries; i++) {
      long at = (long) i * CompletionEntry.BYTES + CompletionEntry.Q3;
      Words.put(ring, at, Words.get(ring, at) | CompletionEntry.IRDMA_CQ_VALID.mask());
    }
    CompletionRing completions =
        new CompletionRing(
            generation,
            ring,
            window.allocate(CompletionEntry.SHADOW_BYTES, 64).segment(),
            3,
            sends,
            receives,
            CONTEXT,
            ownQuanta,
            window);
    List<Long> sent = new ArrayList<>();
    List<Long> received = new ArrayList<>();
    WorkCompletion found = new WorkCompletion();
    int polls = 0;
    for (CompletionRing.Polled polled = completions.poll(found);
        polled != CompletionRing.Polled.NOTHING;
        polled = completions.poll(found)) {
      assertThat(++polls).isLessThanOrEqualTo(entries + 2 * posted);
      if (polled == CompletionRing.Polled.COMPLETED) {
        (found.isSend() ? sent : received).add(found.id());
      }
    }
    // An entry of two whose second half is missing waits for it.
    assertThat(completions.head()).isBetween(Math.max(0, entries - 1), entries);
    while (completions.sweep(true, found)) {
      sent.add(found.id());
    }
    while (completions.sweep(false, found)) {
      received.add(found.id());
    }
    assertThat(sends.hasWork()).isFalse();
    assertThat(receives.hasWork()).isFalse();
    assertThat(sent).isSorted().doesNotHaveDuplicates().allMatch(id -> id >= 0 && id < posted);
    assertThat(received)
        .isSorted()
        .doesNotHaveDuplicates()
        .allMatch(id -> id >= FIRST_RECEIVE && id < FIRST_RECEIVE + posted);
  }
}
