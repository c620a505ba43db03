package dev.offramp.provider.intel.ring;

/** How a command ended: filled by {@link ControlCompletionRing#poll}, and reused. */
public final class ControlCompletion {
  long context;
  int wqeIndex;
  int opcode;
  boolean error;
  int majorError;
  int minorError;
  int result;

  /** Which command, by its index in the control queue. */
  public int wqeIndex() {
    return wqeIndex;
  }

  /** The opcode of the command at that index. */
  public int opcode() {
    return opcode;
  }

  public boolean isError() {
    return error;
  }

  /** 0 unless it failed. */
  public int majorError() {
    return majorError;
  }

  public int minorError() {
    return minorError;
  }

  /** What the command returns. */
  public int result() {
    return result;
  }
}
