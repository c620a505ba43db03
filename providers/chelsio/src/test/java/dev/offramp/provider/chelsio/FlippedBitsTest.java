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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One flipped bit in any field that carries state, in a command of a live arrival or transfer: the
 * model refuses it, a call fails, the stream ends, or data and completions are not what they should
 * be. Fields in which a wrong bit need not be noticed are in {@code survivors.txt}, with the
 * reason.
 *
 * <p>Everyday runs flip one bit of each field, chosen at random and named in the test's name, and
 * one of each survivor's that is never noticed: so no reason outlives its field. {@code
 * -Dofframp.chelsio.bits=all} flips every bit.
 */
@Timeout(120)
class FlippedBitsTest {
  private static final boolean ALL = "all".equals(System.getProperty("offramp.chelsio.bits"));

  /** Needs no seed: what it chooses is in the test's name. */
  private static final SplittableRandom RANDOM = new SplittableRandom();

  static Stream<Arguments> bits() throws Exception {
    List<Arguments> all = new ArrayList<>();
    for (MpaRole role : MpaRole.values()) {
      for (Command command : commands(role)) {
        for (Field field : Commands.fields()) {
          if (field.isOf(command.name())) {
            for (int bit : bits(command, field)) {
              all.add(
                  Arguments.of(role, field.name(), new Flip(command.name(), command.nth(), bit)));
            }
          }
        }
      }
    }
    return all.stream();
  }

  static Stream<Arguments> neverNoticed() throws Exception {
    List<Arguments> all = new ArrayList<>();
    for (Survivor survivor : Survivor.all()) {
      for (MpaRole role : MpaRole.values()) {
        if (survivor.bit() >= 0 && survivor.isOf(role)) {
          all.add(
              Arguments.of(
                  role, survivor.field(), new Flip(survivor.command(), 0, survivor.bit())));
        }
      }
    }
    return all.stream();
  }

  private static List<Command> commands(MpaRole role) throws Exception {
    LiveTransfer undisturbed = new LiveTransfer(role);
    assertThat(undisturbed.run(null)).isNull();
    return undisturbed.commands();
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
  void isNoticedOrExplained(MpaRole role, String field, Flip flip) throws Exception {
    LiveTransfer transfer = new LiveTransfer(role);
    String seen = transfer.run(flip);
    assertThat(transfer.hasFlipped()).isTrue();
    if (seen == null) {
      assertThat(Survivor.all())
          .as("survivors.txt")
          .anyMatch(survivor -> survivor.explains(role, field, flip));
    }
  }

  @ParameterizedTest(name = "{0}: {1}, {2}")
  @MethodSource("neverNoticed")
  void isRightlyExplained(MpaRole role, String field, Flip flip) throws Exception {
    LiveTransfer transfer = new LiveTransfer(role);
    assertThat(transfer.run(flip)).as("%s survives", field).isNull();
    assertThat(transfer.hasFlipped()).isTrue();
  }

  /** Every field of the list is in some command of the transfer, and every survivor is a field. */
  @Test
  void listsAreTrue() throws Exception {
    List<String> names = new ArrayList<>();
    for (MpaRole role : MpaRole.values()) {
      commands(role).forEach(command -> names.add(command.name()));
    }
    assertThat(Commands.fields())
        .allMatch(field -> names.stream().anyMatch(field::isOf), "is in a command");
    for (Survivor survivor : Survivor.all()) {
      assertThat(Commands.fields())
          .anyMatch(field ->
              field.isOf(survivor.command())
                  && field.name().equals(survivor.field())
                  && (survivor.bit() < 0 || field.has(survivor.bit())));
    }
  }
}
