package dev.offramp.cli.docs;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The RNIC of docs/vendor.md, as it stands there. */
final class AcmeRnic implements Rnic {
  private static final long CONTEXT_BYTES = 256;
  private static final int RCV_NXT_OFFSET = 0;
  private static final int SND_NXT_OFFSET = 4;
  private static final int LOAD_CONTEXT = 0x20;
  private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT;

  private static final Set<FieldKey<?>> CONSUMES =
      Set.of(
          DescriptorFields.LOCAL_ADDRESS,
          DescriptorFields.REMOTE_ADDRESS,
          DescriptorFields.SND_NXT,
          DescriptorFields.RCV_NXT);

  private final DriverContext context;

  AcmeRnic(DriverContext context) {
    this.context = context;
  }

  @Override
  public String ownerName() {
    return context.device().name();
  }

  @Override
  public RnicCapabilities capabilities() {
    return new RnicCapabilities(
        Set.of(Operation.SEND, Operation.RECEIVE, Operation.WRITE, Operation.READ),
        TcpResidence.NEW_OWNER,
        Set.of(1, 2), // MPA revisions
        false, // cannot insert markers
        false, // cannot remove them
        false, // CRC32c is always on
        32, // IRD
        32, // ORD
        512, // private data, bytes
        4, // buffers per Send or Write
        4, // buffers per Receive
        128, // work requests in flight
        128, // Receives posted
        true, // wants all sent bytes acknowledged
        CONSUMES,
        Map.of());
  }

  @Override
  public Admission admits(ConnectionProfile profile) {
    if (profile.get(DescriptorFields.TIMESTAMPS).orElse(false)) {
      return Admission.refused(
          List.of(
              new Refusal(
                  RefusalReason.TIMESTAMPS,
                  "the timestamp option is on",
                  "a connection without it",
                  "sysctl -w net.ipv4.tcp_timestamps=0 before connecting")));
    }
    return Admission.full();
  }

  @Override
  public RnicArrival arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
    Admission admission = admits(ConnectionProfile.of(descriptor));
    if (!admission.isAdmitted()) {
      throw TransferException.refused(TransferStep.PREPARE, admission.refusals());
    }
    DmaSlab slab = context.window().allocate(CONTEXT_BYTES, CONTEXT_BYTES);
    slab.segment().set(WORD, RCV_NXT_OFFSET, descriptor.value(DescriptorFields.RCV_NXT).intValue());
    slab.segment().set(WORD, SND_NXT_OFFSET, descriptor.value(DescriptorFields.SND_NXT).intValue());
    return new Prepared(slab, new AcmeConnection(descriptor));
  }

  /** In memory, and not yet given to the adapter: silent. */
  private final class Prepared implements RnicArrival {
    private final DmaSlab slab;
    private final AcmeConnection connection;
    private boolean over;

    Prepared(DmaSlab slab, AcmeConnection connection) {
      this.slab = slab;
      this.connection = connection;
    }

    @Override
    public RdmaConnection prepared() {
      return connection;
    }

    @Override
    public RdmaConnection activate() {
      if (over) {
        throw new IllegalStateException("already activated or abandoned");
      }
      over = true;
      context.window().fence();
      context.window().write64(0, LOAD_CONTEXT, slab.deviceAddress());
      return connection;
    }

    @Override
    public void abandon() {
      if (!over) {
        over = true;
        slab.close();
      }
    }
  }

  @Override
  public Departure depart(RdmaConnection connection) throws TransferException {
    throw TransferException.refused(
        TransferStep.ADMIT,
        List.of(
            new Refusal(
                RefusalReason.UNSUPPORTED,
                "a connection at this adapter",
                "a connection of the host's stack",
                "close it, and connect anew")));
  }

  @Override
  public void close() {}
}
