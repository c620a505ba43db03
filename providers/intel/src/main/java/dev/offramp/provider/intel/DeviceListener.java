package dev.offramp.provider.intel;

/**
 * Told of what the device says about one connection. Called by any thread, with no lock that the
 * listener could want; must return at once.
 */
interface DeviceListener {
  /** Something has happened to the QP or the CQ. */
  void happened(DeviceEvent event);

  /** Something may have happened that nobody was told of. */
  void eventsLost();

  /** The CQ has something new. */
  void completed();

  /** The device is of no use any more. Once. */
  void deviceFailed(String reason);
}
