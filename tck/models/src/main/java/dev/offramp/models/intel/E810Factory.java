package dev.offramp.models.intel;

import dev.offramp.models.AdapterModel;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.ModelPlatform;
import dev.offramp.spi.Device;

/** Makes modelled E810s. */
public final class E810Factory implements AdapterModelFactory {
  /** For ServiceLoader; does nothing. */
  public E810Factory() {}

  @Override
  public Device device() {
    return IntelChip.E810.device();
  }

  @Override
  public String description() {
    return "Intel E810, irdma's generation 2; no page lists, memory windows or push pages";
  }

  @Override
  public AdapterModel create(ModelPlatform platform) {
    return new IntelModel(IntelChip.E810, platform);
  }
}
