package dev.offramp.provider.chelsio.wire;

/** Arithmetic of receive windows, as the vendor's drivers do it. */
public final class WindowScale {
  /** RFC 7323, section 2.3. */
  public static final int MAX = 14;

  private static final int LARGEST_UNSCALED_BYTES = 65535;
  private static final int RCV_BUFSIZ_UNIT_BYTES = 1024;
  private static final long MAX_OPEN_BYTES = Opt0.RCV_BUFSIZ.max() * RCV_BUFSIZ_UNIT_BYTES;

  private WindowScale() {}

  /** The smallest scale with which a window can be advertised (cxgb_compute_wscale). */
  public static int forWindow(long windowBytes) {
    int scale = 0;
    while (scale < MAX && ((long) LARGEST_UNSCALED_BYTES << scale) < windowBytes) {
      scale++;
    }
    return scale;
  }

  /** The part of a window that {@link Opt0#RCV_BUFSIZ} can carry, in its units. */
  public static int openUnits(long windowBytes) {
    return (int) Math.min(windowBytes / RCV_BUFSIZ_UNIT_BYTES, Opt0.RCV_BUFSIZ.max());
  }

  /** The part of a window that has to be granted as credits later, in bytes. */
  public static long beyondOpen(long windowBytes) {
    return Math.max(0, windowBytes - MAX_OPEN_BYTES);
  }
}
