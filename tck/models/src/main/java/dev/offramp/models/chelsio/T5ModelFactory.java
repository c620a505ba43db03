package dev.offramp.models.chelsio;

import dev.offramp.models.AdapterModel;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.ModelPlatform;
import dev.offramp.spi.Device;

/** Makes modelled T5s, as configured by {@link ChelsioOptions#defaults}. */
public final class T5ModelFactory implements AdapterModelFactory {
  /** For ServiceLoader; does nothing. */
  public T5ModelFactory() {}

  @Override
  public Device device() {
    return ChelsioChip.T5.device();
  }

  @Override
  public String description() {
    return "Chelsio T5 (a model, not silicon): established connections, RDMA; no handshakes";
  }

  @Override
  public AdapterModel create(ModelPlatform platform) {
    return new ChelsioModel(ChelsioChip.T5, ChelsioOptions.defaults(), platform);
  }
}
