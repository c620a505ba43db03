package dev.offramp.provider.chelsio.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.spi.RnicException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class RepliesTest {
  private static final Replies.Key HOP = new Replies.Key(Replies.Kind.NEXT_HOP, 3);

  private final Replies replies = new Replies(5);

  @Test
  void anAnswerIsTakenOnce() throws Exception {
    Reply reply = replies.await(HOP, "a next hop");
    assertThat(replies.take(new Replies.Key(Replies.Kind.NEXT_HOP, 4))).isNull();
    assertThat(replies.take(HOP)).isSameAs(reply);
    assertThat(replies.take(HOP)).isNull();
    assertThat(replies.isLate(HOP)).isFalse();
    assertThat(replies.size()).isZero();
  }

  @Test
  void theSameIsNotAwaitedTwice() throws Exception {
    replies.await(HOP, "a next hop");
    assertThatThrownBy(() -> replies.await(HOP, "another"))
        .isInstanceOf(RnicException.class)
        .hasMessageContaining("another")
        .hasMessageContaining("under way");
  }

  @Test
  void whatWasGivenUpIsLateOnce() throws Exception {
    long cookie = replies.nextCookie();
    assertThat(cookie).isEqualTo(5);
    Reply reply = replies.await(cookie, "a request");
    replies.forget(reply);
    replies.forget(reply);
    assertThat(replies.take(cookie)).isNull();
    assertThat(replies.isLate(cookie)).isTrue();
    assertThat(replies.isLate(cookie)).isFalse();
  }

  @Test
  void whatFailedIsLateToo() throws Exception {
    Reply reply = replies.await(HOP, "a next hop");
    replies.failAll(new RnicException("gone"));
    assertThat(reply.failure()).hasMessage("gone");
    assertThat(replies.isLate(HOP)).isTrue();
  }

  @Test
  void whatNeverComesDoesNotFillTheHeap() throws Exception {
    Reply first = replies.await(replies.nextCookie(), "the first");
    replies.forget(first);
    for (int i = 0; i < 1024; i++) {
      replies.forget(replies.await(replies.nextCookie(), "another"));
    }
    assertThat(replies.isLate(5L)).isFalse();
    assertThat(replies.isLate(6L)).isTrue();
  }

  @Test
  void aReplyTellsOnce() {
    Reply reply = new Reply("it", HOP);
    int[] told = new int[1];
    reply.onDone(() -> told[0]++);
    reply.complete(1, 2, MemorySegment.NULL);
    reply.fail(new RnicException("too late"));
    assertThat(told[0]).isEqualTo(1);
    assertThat(reply.status()).isEqualTo(1);
    assertThat(reply.value()).isEqualTo(2);
    assertThat(reply.failure()).isNull();
    reply.onDone(() -> told[0]++);
    assertThat(told[0]).isEqualTo(2);
  }
}
