package dev.offramp.iwarp.mpa;

/** The largest ULPDU that fits one TCP segment (RFC 5044, section 4.5). */
public final class Mulpdu {
  /** DDP is never offered less, however small the segments are. */
  public static final int MIN_BYTES = 128;

  /** MPA is never handed more. */
  public static final int MAX_BYTES = 64768;

  private static final int LENGTH_AND_CRC_BYTES = 6;

  private Mulpdu() {}

  /**
   * The MULPDU.
   *
   * @param emss the effective maximum segment size of TCP, bytes
   * @param markers whether markers take room in the segment
   */
  public static int of(int emss, boolean markers) {
    int markerBytes = markers ? Marker.BYTES * ((emss + Marker.SPACING - 1) / Marker.SPACING) : 0;
    int room = emss - (LENGTH_AND_CRC_BYTES + markerBytes + emss % 4);
    return Math.clamp(room, MIN_BYTES, MAX_BYTES);
  }
}
