package dev.offramp.tck.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Words of another transport's connection manager and verbs, with the leak that each is a sign of
 * (catalogue, section 0.2 B). A strong entry condemns a name by itself. A weak one has honest
 * meanings, too (registers that a chip shares between its protocols, group identifiers, names of a
 * vendor's commands), and is only reported.
 *
 * <p>Words are compared as a whole: {@code aggregate} has no {@code gate} in it.
 */
public final class Lexicon {
  private static final Map<String, String> STRONG = new TreeMap<>();
  private static final Map<String, String> WEAK = new TreeMap<>();

  static {
    strong("L66", "ibcm", "ib cm", "rdmacm", "rdma cm", "ucma", "ibverbs", "ibv", "uverbs");
    strong("L66", "infiniband", "infini band", "cm id", "rdma conn param", "qp attr");
    strong("L01", "dgid", "raw gid", "gid raw", "mapped gid", "rdma ip2gid");
    strong("L02", "node guid", "port guid", "ca guid", "sys image guid", "eui64 guid");
    strong("L03", "dlid", "slid", "path bits", "src path bits", "sm lid", "base lid");
    strong("L04", "grh", "sgid", "sgid index");
    strong("L05", "path rec", "path record", "path records", "resolve route", "route resolved");
    strong("L05", "sa query", "addr resolved");
    strong("L06", "pkey", "p key", "pkeys", "partition key");
    strong("L07", "qkey", "q key", "mgid", "mlid", "queue key");
    strong("L08", "service id", "port space", "rdma ps", "service mask");
    strong("L09", "comm id", "local comm id", "remote comm id", "communication id");
    strong("L11", "af ib", "sockaddr ib", "sib sid", "ipoib", "arphrd infiniband");
    strong("L12", "psn", "psns", "packet sequence number");
    strong("L19", "initiator depth", "responder resources", "rd atomic", "qp rd atom");
    strong("L22", "rnr", "min rnr timer");
    strong("L26", "local ack timeout", "target ack delay", "packet life time", "packet lifetime");
    strong("L26", "ack delay", "cm response timeout");
    strong("L27", "path migration", "path mig", "mig state", "alt path", "alternate path");
    strong("L29", "gid index", "gid type", "gid table");
    strong("L37", "umad", "mad header", "mad packet", "sidr", "class port info");
    strong("L50", "mra");
    strong("L51", "dreq", "drep");
    strong("L52", "timewait exit", "time wait exit");
    strong("L58", "rej reason", "reject ari", "consumer reject");
    strong("L62", "retry exc", "rnr retry exc", "retry exceeded", "wc status");
    weak("gid", "guid", "lid", "mad", "sl", "ib", "roce", "rocev2", "srq", "qpn", "lkey", "rkey");
    weak("l key", "r key", "ah attr", "rtu", "lap", "apr", "sqd", "sqe", "ece", "icrc", "bth");
    weak("aeth", "retry count", "retry cnt", "flow label gid", "verbs", "subnet manager");
  }

  private Lexicon() {}

  /**
   * An entry that was found in a name or text.
   *
   * @param words the entry
   * @param leak the leak that it is a sign of; empty for a weak one
   */
  public record Hit(String words, String leak) {
    public boolean isStrong() {
      return !leak.isEmpty();
    }
  }

  private static void strong(String leak, String... entries) {
    for (String entry : entries) {
      STRONG.put(entry, leak);
    }
  }

  private static void weak(String... entries) {
    for (String entry : entries) {
      WEAK.put(entry, "");
    }
  }

  /** All entries that occur, the longest at each place. */
  public static List<Hit> find(String text) {
    List<String> words = Words.of(text);
    List<Hit> hits = new ArrayList<>();
    for (int at = 0; at < words.size(); ) {
      int taken = 0;
      for (int end = Math.min(words.size(), at + 4); end > at && taken == 0; end--) {
        String entry = String.join(" ", words.subList(at, end));
        String joined = String.join("", words.subList(at, end));
        String known = STRONG.containsKey(entry) ? entry : joined;
        if (STRONG.containsKey(known)) {
          hits.add(new Hit(entry, STRONG.getOrDefault(known, "")));
          taken = end - at;
        } else if (WEAK.containsKey(entry)) {
          hits.add(new Hit(entry, ""));
          taken = end - at;
        }
      }
      at += Math.max(1, taken);
    }
    return hits;
  }

  /** The strong ones. */
  public static List<Hit> strong(String text) {
    return find(text).stream().filter(Hit::isStrong).toList();
  }
}
