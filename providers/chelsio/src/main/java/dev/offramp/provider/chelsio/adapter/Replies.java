package dev.offramp.provider.chelsio.adapter;

import dev.offramp.spi.RnicException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The answers that are waited for, by what an answer names. Safe for several threads. */
final class Replies {
  /** Those that never come must not fill the heap. */
  private static final int MOST_GIVEN_UP = 1024;

  private final Map<Object, Reply> waiting = new ConcurrentHashMap<>();
  private final LinkedHashSet<Object> givenUp = new LinkedHashSet<>();
  private final AtomicLong cookies;

  /** What answers name besides cookies. */
  record Key(Kind kind, int number) {}

  /** Kinds of answers that name a number. */
  enum Kind {
    NEXT_HOP,
    SOURCE_MAC,
    TCB_WRITTEN,
    TCB_READ,
    FLOW_KNOWN
  }

  /**
   * None.
   *
   * @param firstCookie where cookies begin
   */
  Replies(long firstCookie) {
    cookies = new AtomicLong(firstCookie);
  }

  long nextCookie() {
    return cookies.getAndIncrement();
  }

  /**
   * Awaits an answer from now on.
   *
   * @throws RnicException when one with the same name is awaited already
   */
  Reply await(Object key, String what) throws RnicException {
    Reply reply = new Reply(what, key);
    if (waiting.putIfAbsent(key, reply) != null) {
      throw new RnicException("[" + what + "] is under way already; try again when it is through");
    }
    return reply;
  }

  /** The answer has come; it is awaited no more. Null when nobody awaits it. */
  @Nullable Reply take(Object key) {
    return waiting.remove(key);
  }

  /** The one that is awaited. */
  @Nullable Reply get(Object key) {
    return waiting.get(key);
  }

  /** It is awaited no more, and may come all the same. */
  void forget(Reply reply) {
    if (waiting.remove(reply.key(), reply)) {
      synchronized (givenUp) {
        givenUp.add(reply.key());
        if (givenUp.size() > MOST_GIVEN_UP) {
          givenUp.removeFirst();
        }
      }
    }
  }

  /**
   * Whether an answer that nobody awaits was awaited once: it is late, and no sign of an adapter
   * that has gone mad. Says so once.
   */
  boolean isLate(Object key) {
    synchronized (givenUp) {
      return givenUp.remove(key);
    }
  }

  /** Nothing will come any more of what is awaited. */
  void failAll(RnicException why) {
    List<Reply> all = new ArrayList<>(waiting.values());
    for (Reply reply : all) {
      forget(reply);
      reply.fail(why);
    }
  }

  /** How many are awaited. */
  int size() {
    return waiting.size();
  }
}
