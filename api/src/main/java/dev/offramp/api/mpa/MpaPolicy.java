package dev.offramp.api.mpa;

import org.apiguardian.api.API;

/**
 * Decides on the MPA Request of a peer, or as Initiator on its Reply; of that decision only {@link
 * MpaDecision#accepted} counts. Called on the thread that offloads.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
@FunctionalInterface
public interface MpaPolicy {
  MpaDecision decide(MpaRequest request);
}
