package dev.offramp.provider.intel;

/** What became of a work request when it was posted. */
enum Posted {
  ACCEPTED,
  QUEUE_FULL
}
