package dev.offramp.benchmarks.micro;

import static dev.offramp.api.descriptor.DescriptorFields.*;

import dev.offramp.api.descriptor.DescriptorFormatException;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The binary form of a descriptor, as a stopped connection has it, with unsent bytes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DescriptorForm {
  /** Length of the send queue. */
  @Param({"0", "65536", "1048576"})
  public int queueBytes;

  private IwarpConnectionDescriptor descriptor;
  private byte[] encoded;

  @Setup(Level.Trial)
  public void build() throws UnknownHostException {
    String source = "getsockopt(TCP_INFO)";
    long una = 0xFFFF_0000L;
    long nxt = una;
    descriptor =
        IwarpConnectionDescriptor.builder()
            .present(
                LOCAL_ADDRESS,
                new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 40000),
                "getsockname")
            .present(
                REMOTE_ADDRESS,
                new InetSocketAddress(InetAddress.getByName("192.0.2.2"), 4420),
                "getpeername")
            .present(V4_MAPPED_SOCKET, false, "getsockname")
            .present(TCP_STATE, TcpState.ESTABLISHED, source)
            .present(WINDOW_SCALING, true, source)
            .present(SEND_WINDOW_SCALE, 7, source)
            .present(RECEIVE_WINDOW_SCALE, 7, source)
            .present(SACK_PERMITTED, true, source)
            .present(TIMESTAMPS, true, source)
            .present(ECN, false, source)
            .present(MSS_CLAMP_BYTES, 1460, source)
            .present(SEND_MSS_BYTES, 1448, source)
            .derived(SND_UNA, una, source)
            .derived(SND_NXT, nxt, source)
            .derived(SND_MAX, nxt, source)
            .present(RCV_NXT, 1234L, source)
            .present(SND_WL1, 1234L, source)
            .present(SND_WND, 65536L, source)
            .present(MAX_SND_WND, 65536L, source)
            .present(RCV_WND, 65536L, source)
            .present(RCV_WUP, 1234L, source)
            .present(TIMESTAMP_NOW, 99L, source)
            .derived(CWND_BYTES, 14480L, source)
            .present(SRTT_MICROS, 40L, source)
            .present(RTTVAR_MICROS, 20L, source)
            .present(RTO_MICROS, 200_000L, source)
            .present(UNREAD, Octets.empty(), source)
            .present(UNACKNOWLEDGED, Octets.empty(), source)
            .present(UNSENT, Octets.copyOf(ByteBuffer.allocate(queueBytes)), source)
            .build();
    encoded = descriptor.toBytes();
  }

  @Benchmark
  public byte[] encode() {
    return descriptor.toBytes();
  }

  @Benchmark
  public IwarpConnectionDescriptor decode() throws DescriptorFormatException {
    return IwarpConnectionDescriptor.fromBytes(ByteBuffer.wrap(encoded));
  }
}
