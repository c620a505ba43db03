package dev.offramp.runtime.move;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.spi.RegionMemory;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicCapabilities;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** An owner without any wire, which notes what is asked of it and fails where it is told to. */
final class ScriptedRnic implements Rnic {
  /** Where it fails. */
  enum Fault {
    NONE,
    REFUSES_PROFILE,
    REFUSES_DESCRIPTOR,
    DEPART_THROWS,
    DEPART_LOSES,
    DEPART_BREAKS,
    ARRIVE_THROWS,
    POST_THROWS,
    STEER_THROWS,
    ACTIVATE_THROWS,
    RESUME_THROWS
  }

  private final String name;
  private final List<String> log;
  Fault fault = Fault.NONE;
  Set<Quiet> needs = Set.of();

  /** How long preparing takes here. */
  long slowNanos;

  /** What the next departure describes besides the ends. */
  List<PostedWork> posted = List.of();

  List<PostedWork> receives = List.of();
  List<Completion> completions = List.of();

  ScriptedRnic(String name, List<String> log) {
    this.name = name;
    this.log = log;
  }

  OpenRnic open() {
    return new OpenRnic(name, this, this);
  }

  private void note(String what) {
    log.add(name + " " + what);
  }

  @Override
  public String ownerName() {
    return name;
  }

  @Override
  public RnicCapabilities capabilities() {
    return new RnicCapabilities(
        Set.of(),
        TcpResidence.NEW_OWNER,
        Set.of(2),
        true,
        true,
        true,
        1,
        1,
        512,
        1,
        1,
        16,
        16,
        false,
        Set.of(),
        Map.of());
  }

  @Override
  public Set<Quiet> arrivalNeeds() {
    return needs;
  }

  @Override
  public Admission admits(ConnectionProfile profile) {
    boolean stopped = profile.get(DescriptorFields.COMPLETIONS).isKnown();
    boolean refuses = stopped ? fault == Fault.REFUSES_DESCRIPTOR : fault == Fault.REFUSES_PROFILE;
    return refuses
        ? Admission.refused(
            List.of(new Refusal(RefusalReason.NO_RESOURCES, "one more", "none", "wait")))
        : Admission.full();
  }

  @Override
  public Departure depart(RdmaConnection connection) throws TransferException {
    return depart(connection, DepartureNeeds.none());
  }

  @Override
  public Departure depart(RdmaConnection connection, DepartureNeeds wanted)
      throws TransferException {
    if (fault == Fault.DEPART_THROWS) {
      throw new TransferException(TransferStep.FREEZE, Whereabouts.OLD_OWNER, "cannot stop", null);
    }
    if (fault == Fault.DEPART_LOSES) {
      throw new TransferException(TransferStep.FREEZE, Whereabouts.LOST, "has failed", null);
    }
    if (fault == Fault.DEPART_BREAKS) {
      throw new IllegalStateException("a defect of the old owner");
    }
    note("departs " + wanted.quiet());
    return new Leaving((ScriptedConnection) connection);
  }

  private IwarpConnectionDescriptor describe(ScriptedConnection connection) {
    InetSocketAddress end = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    List<RegisteredMemory> regions = new ArrayList<>();
    connection
        .regions
        .values()
        .forEach(region ->
            regions.add(
                new RegisteredMemory(
                    region.stag(),
                    region.taggedOffset(),
                    region.sizeBytes(),
                    Set.of(),
                    region.isValid())));
    return IwarpConnectionDescriptor.builder()
        .present(DescriptorFields.LOCAL_ADDRESS, end, "")
        .present(DescriptorFields.REMOTE_ADDRESS, end, "")
        .present(DescriptorFields.IWARP_PHASE, IwarpPhase.RDMA, "")
        .present(DescriptorFields.MPA_ROLE, MpaRole.INITIATOR, "")
        .present(DescriptorFields.MPA_REVISION, 2, "")
        .present(DescriptorFields.MPA_CRC, true, "")
        .present(DescriptorFields.MPA_SEND_MARKERS, false, "")
        .present(DescriptorFields.MPA_RECEIVE_MARKERS, false, "")
        .present(DescriptorFields.RECEIVE_MSN, 1L, "")
        .present(DescriptorFields.REGIONS, regions, "")
        .present(DescriptorFields.POSTED_WORK, posted, "")
        .present(DescriptorFields.POSTED_RECEIVES, receives, "")
        .present(DescriptorFields.COMPLETIONS, completions, "")
        .build();
  }

  static PostedWork localInvalidate(long id) {
    return new PostedWork(
        id,
        Operation.LOCAL_INVALIDATE,
        List.of(),
        Optional.empty(),
        false,
        OptionalInt.of(1),
        List.of());
  }

  static PostedWork receive(long id) {
    return new PostedWork(
        id, Operation.RECEIVE, List.of(), Optional.empty(), false, OptionalInt.empty(), List.of());
  }

  static Completion done(long id) {
    return new Completion(
        id,
        Operation.SEND,
        CompletionStatus.SUCCESS,
        0,
        false,
        OptionalInt.empty(),
        OptionalLong.empty());
  }

  private final class Leaving implements Departure {
    private final ScriptedConnection connection;
    private final IwarpConnectionDescriptor descriptor;
    private boolean over;

    Leaving(ScriptedConnection connection) {
      this.connection = connection;
      this.descriptor = describe(connection);
    }

    @Override
    public IwarpConnectionDescriptor descriptor() {
      return descriptor;
    }

    @Override
    public void steerAway() throws TransferException {
      if (fault == Fault.STEER_THROWS) {
        throw new TransferException(
            TransferStep.STEER, Whereabouts.OLD_OWNER, "cannot steer", null);
      }
      note("steers away");
    }

    @Override
    public void release() {
      over = true;
      note("releases");
      connection.leave();
    }

    @Override
    public void resume() throws TransferException {
      over = true;
      note("resumes");
      if (fault == Fault.RESUME_THROWS) {
        throw new TransferException(TransferStep.RESUME, Whereabouts.FROZEN, "cannot resume", null);
      }
    }

    @Override
    public void close() throws TransferException {
      if (!over) {
        resume();
      }
    }
  }

  @Override
  public RnicArrival arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
    throw new AssertionError("connections in RDMA mode come with their memory");
  }

  @Override
  public RnicArrival arrive(IwarpConnectionDescriptor descriptor, RegionMemory memory)
      throws TransferException {
    if (fault == Fault.ARRIVE_THROWS) {
      throw new IllegalStateException("a defect of the new owner");
    }
    for (long end = System.nanoTime() + slowNanos; System.nanoTime() < end; ) {
      Thread.onSpinWait();
    }
    ScriptedConnection made = new ScriptedConnection(name, log);
    made.postFails = fault == Fault.POST_THROWS;
    Map<Integer, MemoryRegion> regions = new HashMap<>();
    for (RegisteredMemory region : descriptor.value(DescriptorFields.REGIONS)) {
      regions.put(region.stag(), made.adopt(region.stag(), memory.of(region)));
    }
    note("prepares " + regions.size() + " regions");
    return new RnicArrival() {
      @Override
      public RdmaConnection prepared() {
        return made;
      }

      @Override
      public Map<Integer, MemoryRegion> regions() {
        return regions;
      }

      @Override
      public RdmaConnection activate() {
        note("activates");
        if (fault == Fault.ACTIVATE_THROWS) {
          throw new IllegalStateException("the device died just now");
        }
        return made;
      }

      @Override
      public void abandon() {
        note("abandons");
      }
    };
  }

  @Override
  public void close() {}
}
