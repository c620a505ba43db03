package dev.offramp.provider.chelsio.adapter;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The connections by the numbers that messages name. Safe for several threads. */
final class Flows {
  private final Map<Integer, Flow> tids = new ConcurrentHashMap<>();
  private final Map<Integer, Flow> workQueues = new ConcurrentHashMap<>();
  private final Map<Integer, Flow> completionQueues = new ConcurrentHashMap<>();

  @Nullable Flow byTid(int tid) {
    return tids.get(tid);
  }

  @Nullable Flow byWorkQueue(int id) {
    return workQueues.get(id);
  }

  @Nullable Flow byCompletionQueue(int id) {
    return completionQueues.get(id);
  }

  void putTid(int tid, Flow flow) {
    tids.put(tid, flow);
  }

  void putQueues(int workQueue, int completionQueue, Flow flow) {
    workQueues.put(workQueue, flow);
    completionQueues.put(completionQueue, flow);
  }

  void removeTid(int tid) {
    tids.remove(tid);
  }

  void removeQueues(int workQueue, int completionQueue) {
    workQueues.remove(workQueue);
    completionQueues.remove(completionQueue);
  }

  int tidsInUse() {
    return tids.size();
  }

  /** All of them. */
  List<Flow> all() {
    Set<Flow> all = new LinkedHashSet<>(tids.values());
    all.addAll(workQueues.values());
    return new ArrayList<>(all);
  }
}
