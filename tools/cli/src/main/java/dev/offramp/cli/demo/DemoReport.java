package dev.offramp.cli.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects what both parties say, and judges it. Safe for use by several threads. */
public final class DemoReport {
  private final Map<String, Object> head = new LinkedHashMap<>();
  private final List<String> owners = new ArrayList<>();
  private final List<Map<String, Object>> steps = new ArrayList<>();
  private final List<Map<String, Object>> losses = new ArrayList<>();
  private final Map<String, List<Transferred>> transferred = new LinkedHashMap<>();
  private final Map<String, Map<String, Object>> single = new LinkedHashMap<>();

  /** Notes a fact that is not an event. */
  public synchronized void put(String name, Object value) {
    head.put(name, value);
  }

  /**
   * Notes an event.
   *
   * @param party who says so: {@code host} or {@code peer}
   */
  public synchronized void accept(String party, Map<String, Object> event) throws IOException {
    String kind = String.valueOf(event.get(Events.KIND));
    switch (kind) {
      case "owner" -> owners.add(String.valueOf(event.get("owner")));
      case "step" -> steps.add(without(event));
      case "loss" -> losses.add(without(event));
      case "transferred" ->
          transferred.computeIfAbsent(party, who -> new ArrayList<>()).add(Transferred.of(event));
      case "listening", "waited", "silence", "refused", "counters", "end" ->
          single.put(kind, without(event));
      default -> throw new IOException("the " + party + " says [" + kind + "]");
    }
  }

  /** The judgement and all facts, for people's programs. */
  public synchronized Map<String, Object> toMap() {
    List<Transferred> host = transferred.getOrDefault("host", List.of());
    List<Transferred> peer = transferred.getOrDefault("peer", List.of());
    Map<String, Object> map = new LinkedHashMap<>(head);
    map.put("owners", List.copyOf(owners));
    map.put("bytes_moved", movedBytes(host) + movedBytes(peer));
    map.put("bytes_lost", lostBytes(host, peer));
    map.put("digests_equal", areDigestsEqual(host, peer));
    if (head.containsKey("model")) {
      map.put("accepted_losses", List.copyOf(losses));
    }
    map.put("steps", List.copyOf(steps));
    map.put("peer_waited_micros", single.getOrDefault("waited", Map.of()).get("micros"));
    Map<String, Object> refused = new LinkedHashMap<>(single.getOrDefault("refused", Map.of()));
    refused.put("peer_silence_micros", single.getOrDefault("silence", Map.of()).get("micros"));
    map.put("refused_moves", refused);
    map.put("counters", single.getOrDefault("counters", Map.of()));
    map.put("host", host.stream().map(Transferred::toMap).toList());
    map.put("peer", peer.stream().map(Transferred::toMap).toList());
    return map;
  }

  /** Whether everything arrived, and arrived unchanged, and a model has no complaints. */
  public synchronized boolean isGood() {
    Map<String, Object> map = toMap();
    return Boolean.TRUE.equals(map.get("digests_equal"))
        && Long.valueOf(0).equals(map.get("bytes_lost"))
        && isNothingLeft(map.get("left_behind"))
        && List.of().equals(map.getOrDefault("complaints", List.of()));
  }

  private static boolean isNothingLeft(@Nullable Object leftBehind) {
    return !(leftBehind instanceof Map<?, ?> counts)
        || counts.values().stream().allMatch(Integer.valueOf(0)::equals);
  }

  private static Map<String, Object> without(Map<String, Object> event) {
    Map<String, Object> fields = new LinkedHashMap<>(event);
    fields.remove(Events.KIND);
    return fields;
  }

  private static long movedBytes(List<Transferred> all) {
    return all.stream().mapToLong(Transferred::sentBytes).sum();
  }

  /**
   * Plain traffic crosses between the parties, so what one sent must be what the other received. An
   * RDMA operation is reported whole by the party that led it.
   */
  private static boolean areDigestsEqual(List<Transferred> host, List<Transferred> peer) {
    List<Transferred> rdma = concat(host, peer).stream().filter(t -> !isPlain(t)).toList();
    boolean led =
        !rdma.isEmpty() && rdma.stream().allMatch(t -> t.sentDigest().equals(t.receivedDigest()));
    List<Transferred> plainHost = host.stream().filter(DemoReport::isPlain).toList();
    List<Transferred> plainPeer = peer.stream().filter(DemoReport::isPlain).toList();
    boolean crossed = plainHost.size() == plainPeer.size() && !plainHost.isEmpty();
    for (int i = 0; crossed && i < plainHost.size(); i++) {
      crossed =
          plainHost.get(i).sentDigest().equals(plainPeer.get(i).receivedDigest())
              && plainPeer.get(i).sentDigest().equals(plainHost.get(i).receivedDigest());
    }
    return led && crossed;
  }

  private static long lostBytes(List<Transferred> host, List<Transferred> peer) {
    return concat(host, peer).stream()
        .mapToLong(t ->
            isPlain(t) || t.sentDigest().equals(t.receivedDigest())
                ? t.sentBytes() - t.receivedBytes()
                : t.sentBytes())
        .sum();
  }

  private static boolean isPlain(Transferred t) {
    return t.name().equals("plain") || t.name().startsWith("under");
  }

  private static List<Transferred> concat(List<Transferred> a, List<Transferred> b) {
    List<Transferred> both = new ArrayList<>(a);
    both.addAll(b);
    return both;
  }
}
