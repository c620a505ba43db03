package dev.offramp.tck.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.ErrorRules;
import org.junit.jupiter.api.Test;

final class LexiconTest {
  @Test
  void findsWordsHoweverTheyAreWritten() {
    assertThat(Lexicon.find("the pkeyIndex of the port"))
        .extracting(Lexicon.Hit::rule)
        .contains(AddressingRules.L06);
    assertThat(Lexicon.find("PATH_RECORD resolved"))
        .extracting(Lexicon.Hit::rule)
        .containsExactly(AddressingRules.L05);
    assertThat(Lexicon.find("transport retry counter exceeded"))
        .extracting(Lexicon.Hit::rule)
        .containsExactly(ErrorRules.L62);
  }

  @Test
  void leavesWordsAloneThatOnlyContainThem() {
    assertThat(Lexicon.find("valid lidar grid; madness of a queue pair, path MTU, service port"))
        .isEmpty();
    assertThat(Lexicon.find("STag, IRD, ORD, MSN, MULPDU, Terminate, retransmission")).isEmpty();
  }
}
