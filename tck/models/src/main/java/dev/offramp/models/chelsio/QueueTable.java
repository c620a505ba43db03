package dev.offramp.models.chelsio;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All queues, by the numbers that commands and doorbells use; ingress queues by the absolute ones
 * of messages, too. For the model's thread.
 */
final class QueueTable {
  private final Map<Integer, EgressQueue> egress = new HashMap<>();
  private final Map<Integer, FreeList> freeLists = new HashMap<>();
  private final Map<Integer, IngressQueue> ingress = new HashMap<>();

  void clear() {
    egress.clear();
    freeLists.clear();
    ingress.clear();
  }

  @Nullable EgressQueue egress(int id) {
    return egress.get(id);
  }

  /** A send or receive queue of RDMA. */
  @Nullable EgressQueue work(int id, EgressQueue.Kind kind) {
    EgressQueue queue = egress.get(id);
    return queue != null && queue.kind() == kind ? queue : null;
  }

  @Nullable FreeList freeList(int id) {
    return freeLists.get(id);
  }

  @Nullable IngressQueue ingress(int id) {
    return ingress.get(id);
  }

  @Nullable IngressQueue completion(int id) {
    return AdapterLayout.CQ.contains(id) ? ingress.get(id) : null;
  }

  /** The ingress queue with messages that has this absolute number. */
  @Nullable IngressQueue absolute(int id) {
    IngressQueue queue = ingress.get(id - AdapterLayout.IQ_ABSOLUTE);
    return queue != null && queue.absoluteId() == id ? queue : null;
  }

  /** A number for a queue that firmware makes; -1 when all are in use. */
  int unusedEgress() {
    for (int id = AdapterLayout.EQ.start(); id <= AdapterLayout.EQ.end(); id++) {
      if (!egress.containsKey(id) && !freeLists.containsKey(id)) {
        return id;
      }
    }
    return -1;
  }

  /** The same for ingress queues. */
  int unusedIngress() {
    for (int id = AdapterLayout.IQ.start(); id <= AdapterLayout.IQ.end(); id++) {
      if (!ingress.containsKey(id)) {
        return id;
      }
    }
    return -1;
  }

  void add(EgressQueue queue) {
    egress.put(queue.id(), queue);
  }

  void add(FreeList list) {
    freeLists.put(list.id(), list);
  }

  void add(IngressQueue queue) {
    ingress.put(queue.id(), queue);
  }

  @Nullable EgressQueue removeEgress(int id) {
    return egress.remove(id);
  }

  @Nullable FreeList removeFreeList(int id) {
    return freeLists.remove(id);
  }

  @Nullable IngressQueue removeIngress(int id) {
    return ingress.remove(id);
  }

  int count(boolean rdma) {
    return (int)
        egress.values().stream()
            .filter(queue ->
                rdma
                    == (queue.kind() == EgressQueue.Kind.RDMA_SEND
                        || queue.kind() == EgressQueue.Kind.RDMA_RECEIVE))
            .count();
  }

  int freeListCount() {
    return freeLists.size();
  }

  int ingressCount(boolean completion) {
    return (int)
        ingress.keySet().stream().filter(id -> completion == AdapterLayout.CQ.contains(id)).count();
  }
}
