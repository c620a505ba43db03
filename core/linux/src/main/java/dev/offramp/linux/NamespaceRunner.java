package dev.offramp.linux;

import java.util.concurrent.Callable;
import org.apiguardian.api.API;

/**
 * Runs work on a thread that is inside a certain network namespace, and waits for it. Sockets that
 * the work opens belong to that namespace for ever.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
@FunctionalInterface
public interface NamespaceRunner {
  /** Runs work where it is called: in the namespace of the calling thread. */
  NamespaceRunner CURRENT = Callable::call;

  /** Runs {@code work} and passes its result, or its exception, on. */
  <T> T call(Callable<T> work) throws Exception;
}
