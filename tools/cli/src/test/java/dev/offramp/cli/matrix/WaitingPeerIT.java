package dev.offramp.cli.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.net.NetworkNamespace;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A peer that has nothing to say hears all the same that a move has lost the connection: every pair
 * of owners, with a new one that fails when the old one has let go. The adapters are models, the
 * kernels are real. Needs root or {@code unshare -Urn}.
 */
class WaitingPeerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Each kind of owner once, as the old one and as the new one. */
  static Stream<Arguments> somePairs() {
    MatrixOwner[] all = MatrixOwner.values();
    return IntStream.range(0, all.length)
        .mapToObj(i -> Arguments.of(all[i], all[(i + 1) % all.length]));
  }

  static Stream<Arguments> allPairs() {
    return Stream.of(MatrixOwner.values())
        .flatMap(from -> Stream.of(MatrixOwner.values()).map(to -> Arguments.of(from, to)));
  }

  @ParameterizedTest
  @MethodSource("somePairs")
  @Timeout(120)
  void hearsOfALostMove(MatrixOwner from, MatrixOwner to) throws Exception {
    loseAndListen(from, to);
  }

  @ParameterizedTest
  @MethodSource("allPairs")
  @Timeout(120)
  @EnabledIfSystemProperty(named = "offramp.slow", matches = "true")
  void hearsOfALostMoveOfEveryPair(MatrixOwner from, MatrixOwner to) throws Exception {
    loseAndListen(from, to);
  }

  private static void loseAndListen(MatrixOwner from, MatrixOwner to) throws Exception {
    try (NetworkNamespace host = NetworkNamespace.create()) {
      host.call(() -> {
        try (MatrixWorld world = MatrixWorld.open();
            FaultRig rig = FaultRig.open(world, from, to);
            FaultRig.Pair pair = rig.connect()) {
          pair.far().post(new Receive(1, pair.far().allocate(64).whole()));
          rig.breaker().arm(FaultyOwners.Call.ACTIVATE);
          TransferException e =
              catchThrowableOfType(
                  TransferException.class, () -> rig.hosts().move(pair.near(), rig.target()));
          assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST);
          assertThat(pair.near().end())
              .hasValueSatisfying(end -> assertThat(end).isInstanceOf(StreamEnd.Failed.class));
          assertHears(pair.far());
        }
        return true;
      });
    }
  }

  /** The same of a connection that is on its way from plain TCP. */
  @ParameterizedTest
  @EnumSource
  @Timeout(120)
  void hearsOfALostOffload(MatrixOwner to) throws Exception {
    try (NetworkNamespace host = NetworkNamespace.create()) {
      host.call(() -> {
        try (MatrixWorld world = MatrixWorld.open();
            FaultRig rig = FaultRig.open(world, to, to)) {
          MatrixWorld.Ends tcp = world.connect(false);
          FutureTask<RdmaConnection> far = rig.answer(tcp.peer());
          rig.breaker().arm(FaultyOwners.Call.ACTIVATE);
          TransferException e =
              catchThrowableOfType(TransferException.class, () -> rig.begin(tcp.host()));
          assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST);
          try (RdmaConnection peer = far.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            peer.post(new Receive(1, peer.allocate(64).whole()));
            assertHears(peer);
          } catch (ConnectionClosedException ended) {
            assertThat(ended.end()).isEqualTo(new StreamEnd.Reset());
          }
        }
        return true;
      });
    }
  }

  private static void assertHears(RdmaConnection far) throws Exception {
    assertThat(far.completions().poll(PATIENCE))
        .hasValueSatisfying(one -> assertThat(one.status()).isEqualTo(CompletionStatus.FLUSHED));
    assertThatThrownBy(() -> far.completions().poll(PATIENCE))
        .isInstanceOf(ConnectionClosedException.class);
    assertThat(far.end()).contains(new StreamEnd.Reset());
  }
}
