package dev.offramp.tck.oracle;

import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.ErrorRules;
import dev.offramp.tck.rule.EventRules;
import dev.offramp.tck.rule.FrameRules;
import dev.offramp.tck.rule.NamingRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Words of another transport in texts that people read: messages, logs, events, names of settings.
 * Strong words count alone, weak ones only in pairs (leak catalogue, section 0.2 B and LX).
 */
public final class Lexicon {
  /** Words in a row, in lower case, and the class of leaks that they belong to. */
  private record Entry(Rule rule, List<String> words) {}

  private static final List<Entry> ENTRIES =
      List.of(
          entry(AddressingRules.L01, "gid"),
          entry(AddressingRules.L01, "sgid"),
          entry(AddressingRules.L01, "dgid"),
          entry(AddressingRules.L02, "guid"),
          entry(AddressingRules.L03, "lid"),
          entry(AddressingRules.L03, "dlid"),
          entry(AddressingRules.L03, "slid"),
          entry(AddressingRules.L03, "service", "level"),
          entry(AddressingRules.L03, "path", "bits"),
          entry(AddressingRules.L04, "grh"),
          entry(AddressingRules.L04, "global", "route"),
          entry(AddressingRules.L05, "path", "record"),
          entry(AddressingRules.L05, "pathrecord"),
          entry(AddressingRules.L05, "subnet", "manager"),
          entry(AddressingRules.L05, "resolve", "route"),
          entry(AddressingRules.L06, "pkey"),
          entry(AddressingRules.L06, "partition", "key"),
          entry(AddressingRules.L06, "p", "key"),
          entry(AddressingRules.L07, "qkey"),
          entry(AddressingRules.L07, "q", "key"),
          entry(AddressingRules.L07, "mgid"),
          entry(AddressingRules.L08, "service", "id"),
          entry(AddressingRules.L09, "comm", "id"),
          entry(AddressingRules.L10, "qpn"),
          entry(AddressingRules.L11, "ipoib"),
          entry(NegotiationRules.L19, "responder", "resources"),
          entry(NegotiationRules.L19, "initiator", "depth"),
          entry(NegotiationRules.L22, "rnr"),
          entry(NegotiationRules.L22, "retry", "count"),
          entry(NegotiationRules.L24, "srq"),
          entry(NegotiationRules.L26, "ack", "timeout"),
          entry(NegotiationRules.L26, "packet", "lifetime"),
          entry(NegotiationRules.L26, "response", "timeout"),
          entry(NegotiationRules.L27, "alternate", "path"),
          entry(NegotiationRules.L27, "alt", "path"),
          entry(NegotiationRules.L27, "path", "migration"),
          entry(NegotiationRules.L28, "ece"),
          entry(FrameRules.L37, "mad"),
          entry(FrameRules.L44, "rkey"),
          entry(FrameRules.L44, "lkey"),
          entry(FrameRules.L44, "remote", "key"),
          entry(EventRules.L45, "rtu"),
          entry(EventRules.L50, "mra"),
          entry(EventRules.L51, "dreq"),
          entry(EventRules.L51, "drep"),
          entry(EventRules.L52, "timewait", "exit"),
          entry(EventRules.L53, "sqd"),
          entry(EventRules.L53, "sqe"),
          entry(ErrorRules.L58, "reject", "reason"),
          entry(ErrorRules.L58, "consumer", "reject"),
          entry(ErrorRules.L62, "retry", "exceeded"),
          entry(ErrorRules.L62, "retry", "counter", "exceeded"),
          entry(ErrorRules.L62, "retry", "count", "exceeded"),
          entry(ErrorRules.L62, "retries", "exceeded"),
          entry(ErrorRules.L62, "receiver", "not", "ready"),
          entry(ErrorRules.L62, "comm", "established"),
          entry(ErrorRules.L65, "unreachable", "event"),
          entry(NamingRules.L70, "psn"),
          entry(NamingRules.L70, "ibcm"),
          entry(NamingRules.L70, "rdmacm"),
          entry(NamingRules.L70, "rdma", "cm"),
          entry(NamingRules.L70, "ib", "cm"),
          entry(NamingRules.L70, "ibv"),
          entry(NamingRules.L70, "infiniband"),
          entry(NamingRules.L70, "umad"),
          entry(NamingRules.L70, "connection", "manager"));

  private static final Pattern WORD = Pattern.compile("[A-Za-z]+");

  private Lexicon() {}

  /**
   * A word that does not belong there.
   *
   * @param rule the class of leaks
   * @param words as they stand in the lexicon
   */
  public record Hit(Rule rule, String words) {}

  private static Entry entry(Rule rule, String... words) {
    return new Entry(rule, List.of(words));
  }

  /** All entries that stand in a text; camel case, hyphens and underscores part words. */
  public static List<Hit> find(String text) {
    List<String> tokens = tokens(text);
    List<Hit> hits = new ArrayList<>();
    for (Entry entry : ENTRIES) {
      for (int at = 0; at + entry.words().size() <= tokens.size(); at++) {
        if (tokens.subList(at, at + entry.words().size()).equals(entry.words())) {
          hits.add(new Hit(entry.rule(), String.join(" ", entry.words())));
        }
      }
    }
    return hits;
  }

  static List<String> tokens(String text) {
    List<String> tokens = new ArrayList<>();
    String parted =
        text.replaceAll("([a-z0-9])([A-Z])", "$1 $2").replaceAll("([A-Z])([A-Z][a-z])", "$1 $2");
    Matcher words = WORD.matcher(parted);
    while (words.find()) {
      tokens.add(words.group().toLowerCase(Locale.ROOT));
    }
    return tokens;
  }
}
