package dev.offramp.provider.intel.layout;

/**
 * The part of a QP context that is about iWARP: the vendor's {@code irdma_iwarp_offload_info}. For
 * one thread.
 */
public final class IwarpContext {
  /** MPA markers stand every 512 octets (RFC 5044, section 4.3). */
  private static final int MARKER_SPACING = 512;

  /** 2 bits. */
  public int ddpVersion;

  /** 2 bits. */
  public int rdmapVersion;

  public int errorRqIndex;
  public boolean errorRqIndexValid;
  public int pdId;
  public int ord;

  /** As agreed; the context holds a code for it: {@link #irdCode}. */
  public int ird;

  public boolean ibrdEnabled;
  public boolean alignHeaders;
  public boolean noMpaCrcCheck;
  public boolean sendMarkers;
  public boolean receiveMarkers;

  /**
   * The first octet sent as an FPDU, less the first marker, modulo 512. 0 stands for "as {@code
   * snd_nxt}": an offset that is 0 is given as 512.
   */
  public int sendMarkerOffset;

  /** The same for what is received, with {@code rcv_nxt}. */
  public int receiveMarkerOffset;

  public boolean writeReadResponseEnabled;
  public boolean readEnabled;
  public boolean bindEnabled;
  public boolean fastRegisterEnabled;
  public boolean privileged;
  public boolean timely;
  public boolean ecn;
  public boolean dctcp;
  public int timelyHigh;
  public int timelyLow;
  public int lastByteSent;

  /** E810: own MAC address, first octet most significant. */
  public long sourceMac;

  public int rtoMin;

  /**
   * Fills in what the vendor's code fills in for a connection whose MPA start-up is over. The rest
   * is untouched. Source: irdma's cm.c, irdma_cm_init_tsa_conn.
   *
   * @param nextSent the next sequence number that TCP sends
   * @param streamingBytes bytes that are still sent before the first FPDU
   */
  public void establish(
      int nextSent, int streamingBytes, boolean markersSent, boolean markersReceived) {
    ddpVersion = 1;
    rdmapVersion = 1;
    readEnabled = true;
    sendMarkers = markersSent;
    if (markersSent) {
      sendMarkerOffset = (nextSent & (MARKER_SPACING - 1)) + streamingBytes;
    }
    receiveMarkers = markersReceived;
    alignHeaders = markersReceived;
  }

  /** A marker origin as {@link #sendMarkerOffset} wants it. */
  public static int markerOffset(int origin) {
    int offset = origin & (MARKER_SPACING - 1);
    return offset == 0 ? MARKER_SPACING : offset;
  }

  /**
   * The code of an inbound Read depth. It stands for 4, 16, 64, 128 or 256 entries of the device,
   * two for each Read. Depths that the vendor's code does not expect get the smallest code.
   */
  public static int irdCode(int ird) {
    if (ird == 0) {
      return 0;
    }
    int entries = 2 * ird;
    int power = entries <= 1 ? 1 : Integer.highestOneBit(entries - 1) << 1;
    return switch (power) {
      case 256 -> 4;
      case 128 -> 3;
      case 64, 32 -> 2;
      case 16, 8 -> 1;
      default -> 0;
    };
  }

  /** How many Reads a code has room for: half its entries. */
  public static int readsOf(int irdCode) {
    return switch (irdCode) {
      case 4 -> 128;
      case 3 -> 64;
      case 2 -> 32;
      case 1 -> 8;
      default -> 2;
    };
  }
}
