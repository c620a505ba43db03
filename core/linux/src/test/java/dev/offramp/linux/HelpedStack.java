package dev.offramp.linux;

import dev.offramp.linux.helper.HelperLibC;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.tcp.Opt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A host's stack that may do nothing which takes a privilege, with the helper's process that does
 * it: that dies at a question of this stack's, and comes again when it is asked for often enough,
 * or not at all. For one thread.
 */
final class HelpedStack implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final Set<Opt> PRIVILEGED =
      Set.of(
          Opt.TCP_REPAIR,
          Opt.SO_SNDBUFFORCE,
          Opt.SO_RCVBUFFORCE,
          Opt.SO_ATTACH_FILTER,
          Opt.SO_DETACH_FILTER,
          Opt.SO_ATTACH_BPF);

  /** More connects than all that a stack tries that does not wait for a helper. */
  private static final int CONNECTS_OF_WHO_WAITS = 10;

  private final NetworkNamespace namespace;
  private final Path socket;
  private final LibC libc;
  private final HostOptions options;
  private HostStack stack;
  private final List<String> questions = new ArrayList<>();
  private HelperProcess helper;
  private HelperProcess mortal;
  private @Nullable Death death;
  private String step = "";
  private int asked;
  private int connects;

  /**
   * When the helper dies.
   *
   * @param question the number of the stack's question from then on, from 1
   * @param comesAgain whether somebody starts another one for a stack that waits
   */
  record Death(int question, Moment moment, boolean comesAgain) {}

  /** In the course of one question. */
  enum Moment {
    /** Before the helper is asked. */
    ASKED,
    /** It has the socket and has done nothing. */
    RECEIVED,
    /** It has done it and not said so. */
    DONE
  }

  HelpedStack(NetworkNamespace namespace, Path socket, Duration helperTimeout) throws IOException {
    this.namespace = namespace;
    this.socket = socket;
    this.helper = HelperProcess.start(namespace, socket);
    this.mortal = helper;
    FaultyLibC powerless = new FaultyLibC((number, name, arguments) -> result(name, arguments));
    this.libc = HelperLibC.of(powerless.libc(), socket, helperTimeout);
    this.options =
        HostOptions.defaults()
            .withNamespace(namespace)
            .withHelper(socket)
            .withHelperTimeout(helperTimeout);
    this.stack = HostStack.create(libc, options);
  }

  HostStack stack() {
    return stack;
  }

  /** What was asked since the last time; then begins anew, with a helper that dies so. */
  List<String> expect(@Nullable Death next) throws IOException {
    List<String> before = List.copyOf(questions);
    questions.clear();
    asked = 0;
    connects = 0;
    death = next;
    if (next != null && next.moment() != Moment.ASKED) {
      helper.kill();
      helper = HelperProcess.start(namespace, socket, next.question(), next.moment().name());
    }
    mortal = helper;
    return before;
  }

  /** What questions are about from here on: a prefix for their texts. */
  void at(String newStep) {
    step = newStep;
  }

  /** The death that was expected has come; a test of one that does not come would say nothing. */
  void requireDeath() {
    mortal.awaitDeath();
  }

  /** As a supervisor does it. */
  void startAgain() throws IOException {
    if (!helper.isAlive()) {
      helper = HelperProcess.start(namespace, socket);
    }
  }

  /** Forgets what it knows of its privilege, so that it asks again. */
  void forget() {
    stack = HostStack.create(libc, options);
  }

  boolean isHelperDead() {
    return !helper.isAlive();
  }

  private long result(String name, @Nullable Object[] arguments) {
    return switch (name) {
      case "setsockopt" -> option(arguments);
      case "bpf" -> -Errno.EPERM;
      case "sendmsg" -> {
        dieIfAskedThisOne();
        yield 0;
      }
      case "connect" -> {
        comeAgainIfWaitedFor((MemorySegment) java.util.Objects.requireNonNull(arguments[1]));
        yield 0;
      }
      default -> 0;
    };
  }

  private long option(@Nullable Object[] arguments) {
    for (Opt each : PRIVILEGED) {
      if (arguments[1] instanceof Integer level
          && arguments[2] instanceof Integer option
          && level == each.level()
          && option == each.number()) {
        if (!each.equals(Opt.SO_ATTACH_BPF)) {
          String value =
              each.equals(Opt.TCP_REPAIR) && arguments[3] instanceof MemorySegment word
                  ? " " + word.get(ValueLayout.JAVA_INT, 0)
                  : "";
          questions.add(step + each.name() + value);
        }
        return -Errno.EPERM;
      }
    }
    return 0;
  }

  /** A question that is asked again is the same one: the helper was dead. */
  private void dieIfAskedThisOne() {
    Death next = death;
    if (next != null && ++asked == next.question() && next.moment() == Moment.ASKED) {
      helper.kill();
    }
  }

  private void comeAgainIfWaitedFor(MemorySegment address) {
    Death next = death;
    if (next == null || address.get(ValueLayout.JAVA_SHORT, 0) != AF_UNIX || !isHelperDead()) {
      return;
    }
    if (++connects >= CONNECTS_OF_WHO_WAITS && next.comesAgain()) {
      try {
        startAgain();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    helper.kill();
  }
}
