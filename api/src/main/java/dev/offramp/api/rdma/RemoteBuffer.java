package dev.offramp.api.rdma;

import java.util.Objects;
import org.apiguardian.api.API;

/**
 * Memory of the peer, as the peer advertised it.
 *
 * @param stag its STag
 * @param taggedOffset the tagged offset of its first byte, all 64 bits significant
 * @param lengthBytes its length
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record RemoteBuffer(int stag, long taggedOffset, long lengthBytes) {
  public RemoteBuffer {
    if (lengthBytes < 0) {
      throw new IllegalArgumentException("lengthBytes " + lengthBytes + " is negative");
    }
  }

  /** Part of it. */
  public RemoteBuffer slice(long offsetBytes, long sliceBytes) {
    Objects.checkFromIndexSize(offsetBytes, sliceBytes, lengthBytes);
    return new RemoteBuffer(stag, taggedOffset + offsetBytes, sliceBytes);
  }
}
