package dev.offramp.models;

import dev.offramp.spi.Device;

/**
 * Makes models of one kind of adapter. Found by ServiceLoader ({@link AdapterModels}), so a vendor
 * can bring a model of its own: a public class with a public constructor without parameters that
 * does nothing, named in {@code provides dev.offramp.models.AdapterModelFactory with ...}.
 */
public interface AdapterModelFactory {
  /** What a model of this kind says of itself; the name is the kind's, such as {@code t6}. */
  Device device();

  /** One line for people: which chip, which revision, what is left out. */
  String description();

  /**
   * Makes a model, as though it had just been powered up: nothing is brought up yet.
   *
   * @param platform what it is plugged into; its loop may not be running yet
   */
  AdapterModel create(ModelPlatform platform);
}
