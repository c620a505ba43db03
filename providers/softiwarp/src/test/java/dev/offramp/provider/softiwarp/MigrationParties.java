package dev.offramp.provider.softiwarp;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.runtime.migrate.PreSharedKey;
import dev.offramp.runtime.migrate.RdmaMigration;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;

/** What sender and receiver of {@link RdmaMigrationKilledIT} do alike in either process. */
final class MigrationParties {
  static final PreSharedKey KEY = PreSharedKey.of(new byte[32]);
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Of the one region. Its first half the peer only reads. */
  static final int BYTES = 4 << 20;

  /** A Receive that the peer sends nothing for. */
  static final long RECEIVE_ID = 500;

  private MigrationParties() {}

  static Offramp open(TransferListener listener) {
    return Offramp.open(
        OfframpOptions.builder()
            .rnic(OfframpOptions.HOST_RESIDENT)
            .setting("softiwarp.first-fpdu-delay-micros", "0")
            .listener(listener)
            .build());
  }

  /** The moving end, as Initiator. */
  static RdmaConnection offload(Offramp offramp, SocketChannel tcp) throws Exception {
    return offramp.offload(tcp, Mpa.initiator().peerToPeer(Set.of(RtrKind.WRITE)).build());
  }

  static MemoryRegion prepare(RdmaConnection moving) throws Exception {
    MemoryRegion region = moving.allocate(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    fill(region.segment(), 0);
    moving.post(new Receive(RECEIVE_ID, region.slice(0, 8)));
    return region;
  }

  /** Octets that nobody else makes. */
  static void fill(MemorySegment memory, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (long at = 0; at < memory.byteSize(); at += Long.BYTES) {
      memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, random.nextLong());
    }
  }

  static RdmaMigration.Received receive(Offramp offramp, SocketChannel channel) throws Exception {
    return RdmaMigration.of(offramp)
        .receive(
            channel, KEY, OfframpOptions.HOST_RESIDENT, new RdmaMigration.Limits(BYTES, PATIENCE));
  }
}
