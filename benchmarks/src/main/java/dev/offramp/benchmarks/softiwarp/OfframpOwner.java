package dev.offramp.benchmarks.softiwarp;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.runtime.stream.DetachedNics;
import java.io.IOException;
import java.nio.channels.SocketChannel;

/** The front door, as every application uses it. What is timed is timed with this one. */
final class OfframpOwner implements Owner {
  private final Offramp offramp;

  private OfframpOwner(OfframpOptions options) {
    offramp = Offramp.open(options);
  }

  /** An RNIC of its own, with queues for so many entries. */
  static OfframpOwner of(int queueEntries) {
    String entries = Integer.toString(queueEntries);
    return new OfframpOwner(
        OfframpOptions.builder()
            .setting("softiwarp.send-queue-entries", entries)
            .setting("softiwarp.receive-queue-entries", entries)
            .build());
  }

  /** An RNIC for many connections, as it comes; but that its peer is known not to be Linux's. */
  static OfframpOwner ofMany() {
    return new OfframpOwner(
        OfframpOptions.builder().setting("softiwarp.first-fpdu-delay-micros", "0").build());
  }

  /** An RNIC for many connections that can move into the NIC that was provided under a name. */
  static OfframpOwner ofMany(String nic) {
    return new OfframpOwner(
        OfframpOptions.builder()
            .setting("softiwarp.first-fpdu-delay-micros", "0")
            .setting(DetachedNics.SETTING, nic)
            .build());
  }

  /** The front door itself. */
  Offramp offramp() {
    return offramp;
  }

  @Override
  public RdmaConnection offload(SocketChannel tcp, MpaRole role, boolean crc, ConnectionSetup setup)
      throws IOException {
    return offramp.offload(
        tcp,
        (role == MpaRole.INITIATOR ? Mpa.initiator() : Mpa.responder()).crc(crc).build(),
        setup);
  }

  @Override
  public void close() {
    offramp.close();
  }
}
