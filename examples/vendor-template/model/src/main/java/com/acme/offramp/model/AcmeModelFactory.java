package com.acme.offramp.model;

import dev.offramp.models.AdapterModel;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.ModelPlatform;
import dev.offramp.spi.Device;

/** Makes models of the Acme A1; found by ServiceLoader. */
public final class AcmeModelFactory implements AdapterModelFactory {
  static final Device DEVICE = new Device("a1", Device.Kind.ADAPTER, 0xACE1, 0x0001);

  /** For ServiceLoader; does nothing. */
  public AcmeModelFactory() {}

  @Override
  public Device device() {
    return DEVICE;
  }

  @Override
  public String description() {
    return "Acme A1, an adapter that does not exist";
  }

  @Override
  public AdapterModel create(ModelPlatform platform) {
    return new AcmeModel(platform);
  }
}
