package dev.offramp.runtime.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.offramp.api.descriptor.DescriptorFormatException;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;

/**
 * Any bytes as messages of somebody who has the key: refused with a declared type, or the one
 * encoding of what they mean, and never more memory than is allowed. {@code etc/fuzz
 * migration-plan} and so on fuzz for real.
 */
@Tag("fuzz")
final class MigrationFuzzTest {
  private static final long LIMIT_BYTES = 100_000;

  /** First octet: how many regions the descriptor has; then their sizes, two octets each. */
  @FuzzTest
  void plan(byte[] bytes) {
    ByteBuffer input = ByteBuffer.wrap(bytes);
    List<RegisteredMemory> regions = regions(input);
    byte[] rest = rest(input);
    try {
      MemoryPlan plan = MemoryPlan.decode(ByteBuffer.wrap(rest));
      assertThat(plan.encode()).isEqualTo(ByteBuffer.wrap(rest));
      plan.require(regions, LIMIT_BYTES);
      MemoryReceiver receiver = MemoryReceiver.allocate(plan, regions);
      long sum = 0;
      for (MemorySegment each : receiver.regions().values()) {
        sum += each.byteSize();
      }
      assertThat(sum).isBetween(0L, LIMIT_BYTES * regions.size());
      receiver.discard();
    } catch (MigrationException e) {
      assertThat(e.reason()).isIn(Reason.PROTOCOL, Reason.TOO_LARGE);
    }
  }

  private static List<RegisteredMemory> regions(ByteBuffer input) {
    List<RegisteredMemory> regions = new ArrayList<>();
    int count = input.hasRemaining() ? input.get() & 7 : 0;
    for (int i = 0; i < count && input.remaining() >= 2; i++) {
      int size = Short.toUnsignedInt(input.getShort());
      regions.add(new RegisteredMemory(i, 0, size, Set.of(), i != 1));
    }
    return regions;
  }

  private static byte[] rest(ByteBuffer input) {
    byte[] rest = new byte[input.remaining()];
    input.get(rest);
    return rest;
  }

  /** Messages of u8 type and u8 length, for two areas of 4 and 3 bytes. */
  @FuzzTest
  void memory(byte[] bytes) throws Exception {
    List<RegisteredMemory> regions =
        List.of(
            new RegisteredMemory(1, 0, 4, Set.of(), true),
            new RegisteredMemory(2, 0, 3, Set.of(), true));
    MemoryPlan plan =
        new MemoryPlan(
            List.of(4L, 3L),
            List.of(new MemoryPlan.Placement(1, 0, 0), new MemoryPlan.Placement(2, 1, 0)));
    MemoryReceiver receiver = MemoryReceiver.allocate(plan, regions);
    ByteBuffer input = ByteBuffer.wrap(bytes);
    try {
      receiver.fill(() -> message(input));
      assertFilled(receiver.regions(), bytes);
    } catch (MigrationException e) {
      assertThat(e.reason()).isIn(Reason.PROTOCOL, Reason.TRUNCATED, Reason.CLOSED);
    } finally {
      receiver.discard();
    }
  }

  private static SecureLink.Message message(ByteBuffer input) throws MigrationException {
    if (input.remaining() < 2) {
      throw new MigrationException(Reason.CLOSED, "no more");
    }
    int type = Byte.toUnsignedInt(input.get());
    int length = Math.min(Byte.toUnsignedInt(input.get()), input.remaining());
    ByteBuffer payload = input.slice(input.position(), length);
    input.position(input.position() + length);
    return new SecureLink.Message(type, payload);
  }

  /** What it took is in the order in which it came. */
  private static void assertFilled(Map<Integer, MemorySegment> regions, byte[] said) {
    ByteBuffer input = ByteBuffer.wrap(said);
    ByteBuffer all = ByteBuffer.allocate(7);
    while (all.hasRemaining()) {
      input.get();
      int length = Byte.toUnsignedInt(input.get());
      all.put(input.slice(input.position() + 12, length - 12));
      input.position(input.position() + length);
    }
    all.flip();
    for (int stag = 1; stag <= 2; stag++) {
      for (byte octet : Regions.of(regions, stag).toArray(ValueLayout.JAVA_BYTE)) {
        assertThat(octet).isEqualTo(all.get());
      }
    }
  }

  /** First octet: which form. */
  @FuzzTest
  void forms(byte[] bytes) throws Exception {
    ByteBuffer input = ByteBuffer.wrap(bytes);
    int form = input.hasRemaining() ? input.get() % 3 : 0;
    ByteBuffer rest = input.slice();
    try {
      if (form == 0) {
        RdmaNeeds needs = RdmaNeeds.decode(rest.duplicate());
        assertThat(RdmaNeeds.decode(needs.encode())).isEqualTo(needs);
      } else if (form == 1) {
        assertThat(ProfileForm.encode(ProfileForm.decode(rest.duplicate()))).isEqualTo(rest);
      } else {
        assertThat(RefusalForm.decode(rest.duplicate(), TransferStep.ADMIT).refusals())
            .isNotEmpty();
      }
    } catch (MigrationException e) {
      assertThat(e.reason()).isEqualTo(Reason.PROTOCOL);
    } catch (DescriptorFormatException e) {
      assertThat(form).isEqualTo(1);
    }
  }
}
