package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.spi.RnicCapabilities;
import java.util.Arrays;
import java.util.List;

/** An RNIC whose events do not tell the bad segment's headers: it says so, and sends none. */
final class BareTerminates extends Defect {
  private static final int CONTROL_BYTES = 4;
  private static final int FLAGS_AT = Segment.UNTAGGED_BYTES + 2;

  @Override
  RnicCapabilities capabilities(RnicCapabilities honest) {
    return Change.withoutCopies(honest);
  }

  @Override
  StreamEdit stream(IwarpConnectionDescriptor descriptor) {
    return new StreamEdit() {
      @Override
      boolean editsOutput() {
        return true;
      }

      @Override
      List<byte[]> out(byte[] ulpdu) {
        if (Segment.opcode(ulpdu) != Segment.TERMINATE) {
          return List.of(ulpdu);
        }
        byte[] bare = Arrays.copyOf(ulpdu, Segment.UNTAGGED_BYTES + CONTROL_BYTES);
        return List.of(Segment.withOctet(bare, FLAGS_AT, 0));
      }
    };
  }
}
