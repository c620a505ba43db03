package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.RepairSession;
import dev.offramp.linux.tcp.SocketFilter;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Lets each system call of a move fail in turn, on a real connection: afterwards it works as
 * before, or the error says that it is frozen.
 */
class FaultsIT {
  private TestNamespace namespace;

  @BeforeEach
  void setUp() throws Exception {
    namespace = new TestNamespace();
  }

  @AfterEach
  void tearDown() {
    namespace.close();
  }

  private HostStack on(FaultyLibC faulty) {
    return HostStack.create(faulty.libc(), HostOptions.defaults().withNamespace(namespace));
  }

  /** BPF_RET | BPF_K with the largest k. */
  private static final byte[] KEEP_ALL = {6, 0, 0, 0, -1, -1, -1, 127};

  @ParameterizedTest
  @ValueSource(
      ints = {
        Errno.EPERM,
        Errno.ENOMEM,
        Errno.EINVAL,
        Errno.EINTR,
        Errno.EFAULT,
        Errno.EAGAIN,
        Errno.EACCES,
        Errno.ENOPROTOOPT,
        Errno.EBADF
      })
  void anyOneCallOfADepartureCanFail(int errno) throws Exception {
    SocketFilter filter = SocketFilter.of(KEEP_ALL);
    try (TcpPair pair = TcpPair.open(namespace, TcpPair.Family.IPV4)) {
      OsSocket socket = Sockets.of(pair.near());
      filter.attachTo(socket);
      socket.setInt(Opt.SO_REUSEADDR, 1);
      Bytes.write(pair.far(), "unread");
      int failing = 1;
      while (true) {
        FaultyLibC faulty = FaultyLibC.once(failing, errno);
        departAndResume(on(faulty), pair.near(), "call " + failing);
        assertThat(RepairSession.isOn(socket)).as(faulty.lastFailed()).isFalse();
        assertThat(SocketFilter.attachedTo(socket)).as(faulty.lastFailed()).isEqualTo(filter);
        assertThat(socket.getInt(Opt.SO_REUSEADDR)).as(faulty.lastFailed()).isEqualTo(1);
        if (faulty.calls() < failing) {
          break;
        }
        failing++;
      }
      assertThat(failing).isGreaterThan(50);
      assertThat(Bytes.read(pair.near(), 6)).isEqualTo("unread");
      Bytes.assertConnected(pair.near(), pair.far());
    }
  }

  /** What a stack remembers of its last departure is no reason to trust the kernel less. */
  @ParameterizedTest
  @ValueSource(ints = {Errno.EPERM, Errno.ENOMEM, Errno.EINVAL, Errno.EAGAIN, Errno.EBADF})
  void anyOneCallOfALaterDepartureCanFail(int errno) throws Exception {
    try (TcpPair pair = TcpPair.open(namespace, TcpPair.Family.IPV4)) {
      OsSocket socket = Sockets.of(pair.near());
      int[] left = {0};
      String[] failed = {"none"};
      FaultyLibC faulty =
          new FaultyLibC((n, name, arguments) -> {
            if (--left[0] == 0) {
              failed[0] = name;
              return -errno;
            }
            return 0;
          });
      HostStack stack = on(faulty);
      stack.depart(pair.near()).close();
      int failing = 0;
      do {
        failing++;
        left[0] = failing;
        departAndResume(stack, pair.near(), "call " + failing);
        assertThat(RepairSession.isOn(socket)).as(failed[0]).isFalse();
        assertThat(SocketFilter.attachedTo(socket).isEmpty()).as(failed[0]).isTrue();
      } while (left[0] <= 0); // else there was no such call
      assertThat(failing).isGreaterThan(40);
      Bytes.assertConnected(pair.near(), pair.far());
    }
  }

  private static void departAndResume(HostStack stack, SocketChannel channel, String what) {
    try (Departure departure = stack.depart(channel)) {
      assertThat(departure.descriptor()).as(what).isNotNull();
    } catch (TransferException e) {
      assertThat(e.whereabouts()).as(what).isEqualTo(Whereabouts.OLD_OWNER);
    }
  }

  @Test
  void aKernelThatRefusesToThawIsReportedAndCanBeAskedAgain() throws Exception {
    try (TcpPair pair = TcpPair.open(namespace, TcpPair.Family.IPV4)) {
      boolean[] refuse = new boolean[1];
      FaultyLibC faulty = new FaultyLibC((n, name, arguments) -> refuse[0] ? -Errno.EPERM : 0);
      Departure departure = on(faulty).depart(pair.near());
      refuse[0] = true;
      assertThatThrownBy(departure::resume)
          .isInstanceOfSatisfying(
              TransferException.class,
              e -> assertThat(e.whereabouts()).isEqualTo(Whereabouts.FROZEN));
      refuse[0] = false;
      departure.resume();
      Bytes.assertConnected(pair.near(), pair.far());
    }
  }

  /** From some call on nothing works any more: the error says where the connection is. */
  @Test
  void whereaboutsAreTrueWhenAllCallsFailFromSomePointOn() throws Exception {
    int first = 1;
    int frozen = 0;
    while (true) {
      try (TcpPair pair = TcpPair.open(namespace, TcpPair.Family.IPV4)) {
        FaultyLibC faulty = FaultyLibC.from(first, Errno.EPERM);
        try (Departure departure = on(faulty).depart(pair.near())) {
          faulty.heal();
          assertThat(departure.descriptor()).isNotNull();
        } catch (TransferException e) {
          if (e.whereabouts() == Whereabouts.OLD_OWNER) {
            Bytes.assertConnected(pair.near(), pair.far());
          } else {
            assertThat(e.whereabouts()).isEqualTo(Whereabouts.FROZEN);
            frozen++;
          }
        }
        if (faulty.calls() < first) {
          break;
        }
        first++;
      }
    }
    assertThat(frozen).isPositive();
  }

  @ParameterizedTest
  @ValueSource(ints = {Errno.EPERM, Errno.ENOMEM, Errno.EINVAL, Errno.EAGAIN, Errno.EINTR})
  void anyOneCallOfAnArrivalCanFail(int errno) throws Exception {
    try (Wire wire = new Wire(false);
        TcpPair pair = wire.connect(0, 0)) {
      namespace.run("ip", "addr", "add", wire.hostAddress + "/24", "dev", "lo");
      HostStack first = HostStack.create(HostOptions.defaults().withNamespace(wire.host));
      Bytes.write(pair.far(), "unread");
      Bytes.awaitUnread(first, pair.near(), 6);
      wire.cutToPeer();
      Bytes.write(pair.near(), "unacknowledged");
      try (Departure departure = first.depart(pair.near())) {
        arriveFailing(departure.descriptor(), errno);
      }
      wire.joinToPeer();
      assertThat(Bytes.read(pair.far(), 14)).isEqualTo("unacknowledged");
      assertThat(Bytes.read(pair.near(), 6)).isEqualTo("unread");
      Bytes.assertConnected(pair.near(), pair.far());
    }
  }

  private void arriveFailing(IwarpConnectionDescriptor d, int errno) throws Exception {
    int failing = 1;
    while (true) {
      FaultyLibC faulty = FaultyLibC.once(failing, errno);
      try (Arrival<SocketChannel> arrival = on(faulty).arrive(d)) {
        assertThat(arrival).isNotNull();
      } catch (TransferException e) {
        assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
      }
      assertThat(namespace.run("ss", "-Htan")).as(faulty.lastFailed()).isEmpty();
      if (faulty.calls() < failing) {
        break;
      }
      failing++;
    }
    assertThat(failing).isGreaterThan(25);
  }

  /** Activation never throws: what it cannot bring to life is found dead by its user. */
  @Test
  void activationNeverThrows() throws Exception {
    try (TcpPair pair = TcpPair.open(namespace, TcpPair.Family.IPV4)) {
      IwarpConnectionDescriptor d;
      try (Departure departure = on(FaultyLibC.once(0, 0)).depart(pair.near())) {
        d = departure.descriptor();
        departure.release();
      }
      int failing = 1;
      while (true) {
        int[] counted = {Integer.MIN_VALUE};
        int target = failing;
        FaultyLibC faulty =
            new FaultyLibC((n, name, arguments) -> ++counted[0] == target ? -Errno.EPERM : 0);
        Arrival<SocketChannel> arrival = on(faulty).arrive(d);
        counted[0] = 0;
        SocketChannel channel = arrival.activate();
        int used = counted[0];
        try (Departure silent = on(FaultyLibC.once(0, 0)).depart(channel)) {
          silent.release();
        } catch (TransferException e) {
          assertThat(e.refusals()).isNotEmpty();
          channel.close();
        }
        if (used < failing) {
          break;
        }
        failing++;
      }
      assertThat(failing).isGreaterThan(1);
    }
  }
}
