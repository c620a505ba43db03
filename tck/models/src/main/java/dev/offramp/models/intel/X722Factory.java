package dev.offramp.models.intel;

import dev.offramp.models.AdapterModel;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.ModelPlatform;
import dev.offramp.spi.Device;

/** Makes modelled X722s. */
public final class X722Factory implements AdapterModelFactory {
  /** For ServiceLoader; does nothing. */
  public X722Factory() {}

  @Override
  public Device device() {
    return IntelChip.X722.device();
  }

  @Override
  public String description() {
    return "Intel X722, irdma's generation 1; no page lists, memory windows or push pages";
  }

  @Override
  public AdapterModel create(ModelPlatform platform) {
    return new IntelModel(IntelChip.X722, platform);
  }
}
