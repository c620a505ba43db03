package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.provider.chelsio.Commands.Field;
import dev.offramp.provider.chelsio.FlippingWindow.Command;
import dev.offramp.provider.chelsio.FlippingWindow.Flip;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class FlippedBitsTest {
  private static final boolean ALL = "all".equals(System.getProperty("offramp.chelsio.bits"));
  private static final SplittableRandom RANDOM = new SplittableRandom();

  static Stream<Arguments> bits() throws Exception {
    List<Arguments> all = new ArrayList<>();
    List<Field> fields = Commands.fields();
    for (MpaRole role : MpaRole.values()) {
      LiveTransfer undisturbed = new LiveTransfer(role);
      assertThat(undisturbed.run(null)).isNull();
      for (Command command : undisturbed.commands()) {
        System.out.println("CMD " + role + " " + command.name() + " " + command.nth() + " " + command.bytes().length);
        for (Field field : fields) {
          if (field.isOf(command.name())) {
            for (int bit : bits(command, field)) {
              all.add(Arguments.of(role, field.name(), new Flip(command.name(), command.nth(), bit)));
            }
          }
        }
      }
    }
    return all.stream();
  }

  private static List<Integer> bits(Command command, Field field) {
    List<Integer> bits = new ArrayList<>();
    for (int bit = field.firstBit(); bit < field.firstBit() + field.bits(); bit++) {
      if (bit < command.bits() && counts(command, field, bit)) {
        bits.add(bit);
      }
    }
    return ALL || bits.isEmpty() ? bits : List.of(bits.get(RANDOM.nextInt(bits.size())));
  }

  /** Of a mask only the bits that are set say anything, and of a value those under the mask. */
  private static boolean counts(Command command, Field field, int bit) {
    if (!field.command().equals(Commands.SET_TCB)) {
      return true;
    }
    return switch (field.name()) {
      case "mask" -> command.bit(bit);
      case "val" -> command.bit(bit - Long.SIZE);
      default -> true;
    };
  }

  @ParameterizedTest(name = "{0}: {1}, {2}")
  @MethodSource("bits")
  void isNoticed(MpaRole role, String field, Flip flip) throws Exception {
    LiveTransfer transfer = new LiveTransfer(role);
    String seen = transfer.run(flip);
    assertThat(transfer.hasFlipped()).isTrue();
    System.out.println("FLIP " + role + " | " + flip.command() + " | " + flip.nth() + " | " + field + " | " + flip.bit() + " | " + seen);
  }
}
