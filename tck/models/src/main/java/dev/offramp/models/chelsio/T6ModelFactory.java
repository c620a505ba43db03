package dev.offramp.models.chelsio;

import dev.offramp.models.AdapterModel;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.ModelPlatform;
import dev.offramp.spi.Device;

/** Makes modelled T6s, as configured by {@link ChelsioOptions#defaults}. */
public final class T6ModelFactory implements AdapterModelFactory {
  /** For ServiceLoader; does nothing. */
  public T6ModelFactory() {}

  @Override
  public Device device() {
    return ChelsioChip.T6.device();
  }

  @Override
  public String description() {
    return "Chelsio T6 (a model, not silicon): established connections, RDMA; no handshakes";
  }

  @Override
  public AdapterModel create(ModelPlatform platform) {
    return new ChelsioModel(ChelsioChip.T6, ChelsioOptions.defaults(), platform);
  }
}
