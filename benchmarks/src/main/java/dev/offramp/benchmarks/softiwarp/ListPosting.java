package dev.offramp.benchmarks.softiwarp;

import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.WorkRequest;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Posts several requests at once where the API can, and one by one where it cannot: the same
 * benchmark measures releases with and without {@code post(List)}.
 */
final class ListPosting {
  private static final @Nullable MethodHandle POST_LIST = find();

  private ListPosting() {}

  static boolean isThere() {
    return POST_LIST != null;
  }

  private static @Nullable MethodHandle find() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(RdmaConnection.class, "post", MethodType.methodType(int.class, List.class));
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return null;
    }
  }

  /** Posts all; there must be room for them. */
  static void post(RdmaConnection connection, List<WorkRequest> requests) throws IOException {
    MethodHandle postList = POST_LIST;
    if (postList == null) {
      for (int i = 0; i < requests.size(); i++) {
        connection.post(requests.get(i));
      }
      return;
    }
    int posted;
    try {
      posted = (int) postList.invokeExact(connection, requests);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("an exception that no post may throw", e);
    }
    if (posted != requests.size()) {
      throw new IllegalStateException(
          "post(List): seen [" + posted + "] queued, expected [" + requests.size() + "]");
    }
  }
}
