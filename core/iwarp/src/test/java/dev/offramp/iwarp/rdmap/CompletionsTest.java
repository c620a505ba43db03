package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Entries are used again, but never while a handler has them. */
final class CompletionsTest {
  private final Completions completions = new Completions();
  private final List<Long> ids = new ArrayList<>();

  private void add(int from, int count) {
    for (int i = from; i < from + count; i++) {
      completions.addReceive(i, CompletionStatus.SUCCESS, i);
    }
  }

  @Test
  void aHandlerKeepsItsEntryWhileOthersAreAdded() {
    // Any number at any place in the ring, so that some addition meets the entry's place.
    for (int start = 0; start < 5; start++) {
      for (int added = 1; added < 20; added++) {
        int more = added;
        completions.addReceive(7, CompletionStatus.SUCCESS, 7).setImmediate(70);
        completions.poll((id, operation, status, bytes, detail) -> {
          add(100, more);
          assertThat(detail.immediate()).isEqualTo(70);
        });
        drain();
        assertThat(ids).hasSize(more).startsWith(100L);
        ids.clear();
      }
      add(0, 1);
      drain();
      ids.clear();
    }
  }

  @Test
  void aHandlerThatPollsItselfKeepsItsEntry() {
    add(1, 3);
    completions.poll((id, operation, status, bytes, detail) -> {
      ((CompletionEntry) detail).setImmediate(5);
      completions.poll((innerId, innerOperation, innerStatus, innerBytes, innerDetail) -> {
        ((CompletionEntry) innerDetail).setImmediate(6);
        add(10, 9);
        assertThat(innerDetail.immediate()).isEqualTo(6);
      });
      add(20, 9);
      assertThat(detail.immediate()).isEqualTo(5);
    });
    drain();
    assertThat(ids).hasSize(19).startsWith(3L, 10L).endsWith(28L);
  }

  @Test
  void aHandlerThatThrowsLosesOnlyItsOwn() {
    add(1, 2);
    try {
      completions.poll((id, operation, status, bytes, detail) -> {
        throw new IllegalStateException("the application's");
      });
    } catch (IllegalStateException expected) {
      ids.add(0L);
    }
    add(3, 1);
    drain();
    assertThat(ids).containsExactly(0L, 2L, 3L);
  }

  private void drain() {
    CompletionHandler keeper = (id, operation, status, bytes, detail) -> ids.add(id);
    while (!completions.isEmpty()) {
      completions.poll(keeper);
    }
  }
}
