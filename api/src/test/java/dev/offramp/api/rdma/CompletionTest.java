package dev.offramp.api.rdma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class CompletionTest {
  static List<Completion> completions() {
    return List.of(
        completion(OptionalInt.empty(), OptionalLong.empty()),
        completion(OptionalInt.of(0), OptionalLong.empty()),
        completion(OptionalInt.of(-1), OptionalLong.of(0)),
        completion(OptionalInt.empty(), OptionalLong.of(-1)));
  }

  private static Completion completion(OptionalInt invalidatedStag, OptionalLong immediate) {
    return new Completion(
        7,
        Operation.RECEIVE,
        CompletionStatus.SUCCESS,
        1L << 33,
        invalidatedStag.isPresent(),
        invalidatedStag,
        immediate);
  }

  @ParameterizedTest
  @MethodSource("completions")
  void aHandlerIsGivenAllOfIt(Completion completion) {
    List<Completion> given = new ArrayList<>();
    completion.deliverTo((id, operation, status, bytes, detail) ->
        given.add(Completion.of(id, operation, status, bytes, detail)));
    assertThat(given).containsExactly(completion);
  }
}
