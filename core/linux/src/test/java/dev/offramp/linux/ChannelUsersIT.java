package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.tcp.OsSocket;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One look for the users of many connections. */
class ChannelUsersIT {
  private TestNamespace namespace;

  @BeforeEach
  void setUp() throws Exception {
    namespace = new TestNamespace();
  }

  @AfterEach
  void tearDown() {
    namespace.close();
  }

  private HostStack stack() {
    return HostStack.create(HostOptions.defaults().withNamespace(namespace));
  }

  private TcpPair pair() throws Exception {
    return TcpPair.open(namespace, TcpPair.Family.IPV4);
  }

  @Test
  void aReaderAndADuplicateAreFoundAndOnlyTheirConnectionsRefused() throws Exception {
    HostStack stack = stack();
    try (TcpPair read = pair();
        TcpPair duplicated = pair();
        TcpPair free = pair()) {
      OsSocket socket = Sockets.of(duplicated.near());
      int duplicate = (int) socket.libc().dup(socket.fd());
      Thread reader =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  read.near().read(ByteBuffer.allocate(1));
                } catch (java.io.IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      Bytes.await(() -> !stack.departureObstacles(read.near()).isEmpty());
      ChannelUsers users = stack.lookForUsers();
      refuses(stack, read, users);
      refuses(stack, duplicated, users);
      try (Departure departure = stack.depart(free.near(), Drain.NONE, users)) {
        assertThat(departure.descriptor()).isNotNull();
      }
      socket.libc().close(duplicate);
      Bytes.write(read.far(), "x");
      reader.join();
      ChannelUsers later = stack.lookForUsers();
      for (TcpPair pair : List.of(read, duplicated, free)) {
        stack.depart(pair.near(), Drain.NONE, later).close();
        Bytes.assertConnected(pair.near(), pair.far());
      }
    }
  }

  private static void refuses(HostStack stack, TcpPair pair, ChannelUsers users) {
    assertThatThrownBy(() -> stack.depart(pair.near(), Drain.NONE, users).close())
        .isInstanceOfSatisfying(
            TransferException.class,
            e ->
                assertThat(e.refusals())
                    .extracting(Refusal::reason)
                    .containsExactly(RefusalReason.CHANNEL_IN_USE));
  }

  /** The assertion is about users: all else is looked at as ever. */
  @Test
  void aCallerWhoHasExcludedUsersIsStillToldOfEverythingElse() throws Exception {
    HostStack stack = stack();
    try (TcpPair pair = pair()) {
      pair.far().shutdownOutput();
      assertThat(pair.near().read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThatThrownBy(
              () -> stack.depart(pair.near(), Drain.NONE, ChannelUsers.excludedByCaller()))
          .isInstanceOfSatisfying(
              TransferException.class,
              e ->
                  assertThat(e.refusals())
                      .extracting(Refusal::reason)
                      .containsExactly(RefusalReason.HALF_CLOSED));
    }
  }

  /**
   * Each of many, fresh from the application, departs as itself, for as many calls as any other.
   */
  @Test
  void callsPerConnectionDoNotGrowWithTheirNumber() throws Exception {
    FaultyLibC counting = new FaultyLibC((n, name, arguments) -> 0);
    LibC libc = counting.libc();
    HostStack stack = HostStack.create(libc, HostOptions.defaults().withNamespace(namespace));
    List<TcpPair> pairs = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) {
        pairs.add(pair());
      }
      ChannelUsers users = stack.lookForUsers();
      Set<Integer> calls = new HashSet<>();
      for (int i = 0; i < pairs.size(); i++) {
        int before = counting.calls();
        try (Departure departure = stack.depart(pairs.get(i).near(), Drain.NONE, users)) {
          assertThat(departure.descriptor().value(DescriptorFields.LOCAL_ADDRESS))
              .isEqualTo(pairs.get(i).near().getLocalAddress());
        }
        if (i > 0) { // the first looks at all descriptors
          calls.add(counting.calls() - before);
        }
      }
      assertThat(calls).hasSize(1);
      for (TcpPair pair : pairs) {
        Bytes.assertConnected(pair.near(), pair.far());
      }
    } finally {
      for (TcpPair pair : pairs) {
        pair.close();
      }
    }
  }
}
