package dev.offramp.linux;

import java.io.IOException;
import java.util.concurrent.Callable;

/** Narrows what a {@link NamespaceRunner} throws to what file and socket work throws. */
final class InNamespace {
  private InNamespace() {}

  static <T> T call(NamespaceRunner namespace, Callable<T> work) throws IOException {
    try {
      return namespace.call(work);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while in a network namespace", e);
    } catch (Exception e) {
      throw new IOException("in a network namespace: " + e, e);
    }
  }
}
