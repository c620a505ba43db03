package dev.offramp.iwarp.mpa;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes one MPA frame out of a stream, however TCP cuts it, and not one byte more: what follows is
 * the iWARP stream's. Every field is checked as soon as it is there, PD_Length before any private
 * data is copied (RFC 5044, section 7.1.2, rule 9). Not safe for use by several threads.
 */
public final class MpaFrameReader {
  /** How far the reader is. */
  public enum Verdict {
    /** More bytes are needed. */
    NEED_MORE,
    /** {@link #frame} has it. */
    COMPLETE,
    /** The peer sent the other kind of frame. */
    OTHER_KIND,
    /** This is no MPA frame; {@link #problem} says why. */
    MALFORMED
  }

  private final boolean expectReply;
  private final ByteBuffer bytes =
      ByteBuffer.allocate(MpaFrame.HEADER_BYTES + MpaFrame.MAX_PD_LENGTH);
  private Verdict verdict = Verdict.NEED_MORE;
  private int needed = MpaFrame.HEADER_BYTES;
  private @Nullable MpaFrame frame;
  private String problem = "";

  /** A reader of Replies or of Requests. */
  public MpaFrameReader(boolean expectReply) {
    this.expectReply = expectReply;
  }

  /** Consumes bytes of the frame only; returns how far it came. */
  public Verdict receive(ByteBuffer from) {
    while (verdict == Verdict.NEED_MORE && from.hasRemaining()) {
      int limit = from.limit();
      from.limit(from.position() + Math.min(from.remaining(), needed - bytes.position()));
      bytes.put(from);
      from.limit(limit);
      check();
    }
    return verdict;
  }

  public Verdict verdict() {
    return verdict;
  }

  /** The complete frame. */
  public MpaFrame frame() {
    MpaFrame complete = frame;
    if (complete == null) {
      throw new IllegalStateException("the MPA frame is " + verdict);
    }
    return complete;
  }

  /** What was wrong: seen and expected. */
  public String problem() {
    return problem;
  }

  private void check() {
    int have = bytes.position();
    int keyBytes = Math.min(have, MpaFrame.KEY_BYTES);
    if (!startsWith(expectReply ? MpaFrame.REPLY_KEY : MpaFrame.REQUEST_KEY, keyBytes)) {
      if (!startsWith(expectReply ? MpaFrame.REQUEST_KEY : MpaFrame.REPLY_KEY, keyBytes)) {
        fail("key: octet " + keyBytes + " or one before it differs from " + expectedKey());
      } else if (keyBytes == MpaFrame.KEY_BYTES) {
        verdict = Verdict.OTHER_KIND;
        problem = "the peer sent " + (expectReply ? "a Request" : "a Reply");
      }
      return;
    }
    if (have < MpaFrame.HEADER_BYTES) {
      return;
    }
    if (have == MpaFrame.HEADER_BYTES && needed == have && !isHeaderRight()) {
      return;
    }
    needed = MpaFrame.HEADER_BYTES + pdLength();
    if (have == needed) {
      frame = MpaFrame.decode(bytes, expectReply);
      verdict = Verdict.COMPLETE;
    }
  }

  private boolean isHeaderRight() {
    int revision = bytes.get(MpaFrame.REVISION_OFFSET) & 0xFF;
    if (revision < 1 || revision > MpaFrame.ENHANCED_REVISION) {
      fail("revision: seen [" + revision + "], expected 1 or 2");
    } else if (pdLength() > MpaFrame.MAX_PD_LENGTH) {
      fail("PD_Length: seen [" + pdLength() + "], at most " + MpaFrame.MAX_PD_LENGTH);
    } else if (MpaFrame.isEnhancedBlockCut(bytes)) {
      fail("PD_Length: seen [" + pdLength() + "], an enhanced frame has at least 4");
    }
    return verdict == Verdict.NEED_MORE;
  }

  private int pdLength() {
    return bytes.getShort(MpaFrame.PD_LENGTH_OFFSET) & 0xFFFF;
  }

  private boolean startsWith(byte[] key, int count) {
    for (int i = 0; i < count; i++) {
      if (bytes.get(i) != key[i]) {
        return false;
      }
    }
    return true;
  }

  private String expectedKey() {
    return expectReply ? "\"MPA ID Rep Frame\"" : "\"MPA ID Req Frame\"";
  }

  private void fail(String what) {
    verdict = Verdict.MALFORMED;
    problem = what;
  }
}
