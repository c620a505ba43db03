package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.intel.Layouts;
import dev.offramp.models.intel.Layouts.Named;
import dev.offramp.provider.intel.FlippingWindow.Flip;
import dev.offramp.provider.intel.FlippingWindow.Where;
import dev.offramp.provider.intel.layout.Generation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One bit of what the driver tells the device is turned round on the way, in a connection's arrival
 * and in each kind of work: somebody must notice, or docs/intel.md says why nobody does. Every
 * field has its turn with one of its bits; {@code -Dofframp.flips=all} takes all bits.
 */
final class FlippedBitsTest {
  private static final boolean ALL_BITS = "all".equals(System.getProperty("offramp.flips"));
  private static final int THREADS = 8;
  private static final int MAX_LIVES = 5;
  private static final int LOW_HALF = 31;

  /** The fragments of a work request; which half has the STag is the generation's. */
  private static final List<Named> FRAGMENT =
      List.of(
          new Named("FRAGMENT_OFFSET", 0, 0, 63),
          new Named("FRAGMENT_LOW", 1, 0, LOW_HALF),
          new Named("FRAGMENT_HIGH", 1, LOW_HALF + 1, 63));

  private static final List<Named> SECOND_FRAGMENT =
      List.of(
          new Named("FRAGMENT2_OFFSET", 4, 0, 63),
          new Named("FRAGMENT2_LOW", 5, 0, LOW_HALF),
          new Named("FRAGMENT2_HIGH", 5, LOW_HALF + 1, 63));

  private static final Map<String, Integer> WORK =
      Map.of("write", 0, "read", 1, "send", 3, "local-invalidate", 10);

  /** A field that is flipped, in a connection of either role. */
  private record Case(String structure, Named field, Where where, int which, MpaRole role) {
    String name() {
      return structure + " " + field.name();
    }
  }

  private record Life(Case of, boolean isMet, boolean isPerfect) {}

  private static List<Case> cases(Generation generation) {
    List<Case> cases = new ArrayList<>();
    for (Named field : Layouts.context()) {
      cases.add(new Case("context", field, Where.CONTEXT, 0, MpaRole.INITIATOR));
    }
    Layouts.commands()
        .forEach((name, fields) -> {
          if (generation.isFirst() || !name.endsWith("-mac")) {
            // A Responder registers the bytes that it still has to send.
            for (Named field : fields) {
              cases.add(
                  new Case(
                      name,
                      field,
                      Where.COMMAND,
                      Layouts.opcode(name),
                      name.endsWith("stag") || name.endsWith("mr")
                          ? MpaRole.RESPONDER
                          : MpaRole.INITIATOR));
            }
          }
        });
    for (MpaRole role : MpaRole.values()) {
      for (Named field : withFragment(Layouts.work())) {
        cases.add(new Case("first-work " + role, field, Where.FIRST_WORK, 0, role));
      }
    }
    WORK.forEach((name, opcode) -> {
      for (Named field : withFragment(Layouts.work())) {
        cases.add(new Case(name, field, Where.WORK, opcode, MpaRole.INITIATOR));
      }
      if (name.equals("send") || name.equals("write")) {
        for (Named field : SECOND_FRAGMENT) {
          cases.add(new Case(name, field, Where.WORK, opcode, MpaRole.INITIATOR));
        }
      }
    });
    for (Named field : FRAGMENT) {
      cases.add(new Case("receive", field, Where.RECEIVE, 0, MpaRole.INITIATOR));
    }
    cases.add(
        new Case(
            "receive", new Named("ADDFRAGCNT", 3, 38, 41), Where.RECEIVE, 0, MpaRole.INITIATOR));
    cases.add(
        new Case("receive", new Named("VALID", 3, 63, 63), Where.RECEIVE, 0, MpaRole.INITIATOR));
    Map.of(
            "WQEALLOC", generation.registers().wqeAlloc(),
            "CQARM", generation.registers().cqArm(),
            "CQACK", generation.registers().cqAck(),
            "AEQALLOC", generation.registers().aeqAlloc(),
            "CQPDB", generation.registers().cqpDb())
        .forEach((name, offset) ->
            cases.add(
                new Case(
                    "doorbell",
                    new Named(name, 0, 0, name.equals("CQPDB") ? 10 : 18),
                    Where.REGISTER,
                    offset,
                    MpaRole.INITIATOR)));
    return cases;
  }

  private static List<Named> withFragment(List<Named> header) {
    List<Named> all = new ArrayList<>(header);
    all.addAll(FRAGMENT);
    return all;
  }

  /** Fields that need not be noticed. */
  private static Set<String> documented() {
    Set<String> names = new TreeSet<>();
    for (String row : DocumentedTable.below("| nobody notices | because |").keySet()) {
      String structure = row.substring(0, row.indexOf(':'));
      for (String field : row.substring(row.indexOf(':') + 1).split(",", -1)) {
        names.add(structure + " " + field.strip());
      }
    }
    return names;
  }

  /**
   * One that ends before its bit was there to be turned is lived again: on a machine that is busy a
   * command of the first ones may be answered too late.
   */
  private static Life lived(AdapterModelFactory kind, Generation generation, Case one, Flip flip)
      throws Exception {
    ShortLife life = new ShortLife(kind, generation, one.role, flip);
    String seen = life.live();
    for (int again = 1; again < MAX_LIVES && !life.isMet(); again++) {
      life = new ShortLife(kind, generation, one.role, flip);
      seen = life.live();
    }
    return new Life(one, life.isMet(), seen.isEmpty());
  }

  @ParameterizedTest
  @MethodSource("dev.offramp.provider.intel.Bench#kinds")
  @Timeout(value = 3000, unit = TimeUnit.SECONDS)
  void somebodyNoticesEachBit(AdapterModelFactory kind) throws Exception {
    Generation generation = kind.device().name().equals("x722") ? Generation.X722 : Generation.E810;
    Set<String> known = documented();
    long seed = Long.getLong("offramp.seed", new Random().nextLong());
    SplittableRandom random = new SplittableRandom(seed);
    List<Callable<Life>> lives = new ArrayList<>();
    for (Case one : cases(generation)) {
      int first =
          ALL_BITS ? one.field.low() : random.nextInt(one.field.low(), one.field.high() + 1);
      int last = ALL_BITS ? one.field.high() : first;
      for (int bit = first; bit <= last; bit++) {
        Flip flip = new Flip(one.where, one.which, one.field.word(), bit);
        lives.add(() -> lived(kind, generation, one, flip));
      }
    }
    Set<String> survivors = new TreeSet<>();
    Set<String> notMet = new TreeSet<>();
    // Most of a life is waiting.
    try (ExecutorService several = Executors.newFixedThreadPool(THREADS)) {
      for (Future<Life> life : several.invokeAll(lives)) {
        if (!life.get().isMet()) {
          notMet.add(life.get().of.structure);
        } else if (life.get().isPerfect()) {
          survivors.add(life.get().of.name());
        }
      }
    }
    System.out.printf(
        "%s: %d lives, each with one bit turned round, seed %d; nobody noticed %d fields%n",
        kind.device().name(), lives.size(), seed, survivors.size());
    assertThat(notMet).as("seed %d", seed).isEmpty();
    survivors.removeAll(known);
    assertThat(survivors).as("nobody has noticed, seed %d", seed).isEmpty();
  }
}
