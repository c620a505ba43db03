package dev.offramp.api.rdma;

import dev.offramp.api.descriptor.Octets;
import org.apiguardian.api.API;

/**
 * A Terminate message's diagnosis (RFC 5040, section 4.8), verbatim.
 *
 * @param layer 0 RDMAP, 1 DDP, 2 LLP (MPA)
 * @param type the error type within the layer, 0..15
 * @param code the error code within the type, 0..255
 * @param headers the copied DDP and RDMAP headers of the offending segment, if any
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record Terminate(int layer, int type, int code, Octets headers) {
  public Terminate {
    if (layer < 0 || layer > 15 || type < 0 || type > 15 || code < 0 || code > 255) {
      throw new IllegalArgumentException(
          "Terminate " + layer + "/" + type + "/" + code + " does not fit 4, 4 and 8 bits");
    }
  }

  /** The triple and, where it is registered, its name: {@code 1/1/00 invalid STag}. */
  @Override
  public String toString() {
    String name = TerminateNames.of(layer, type, code);
    return "%d/%d/%02x%s".formatted(layer, type, code, name.isEmpty() ? "" : " " + name);
  }
}
