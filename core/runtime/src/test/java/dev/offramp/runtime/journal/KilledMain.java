package dev.offramp.runtime.journal;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/**
 * Moves one connection between two owners that note the truth about themselves in a file, and says
 * where it stands when it comes to the place at which it is to be killed.
 */
final class KilledMain {
  /** Where the process is killed. */
  enum Place {
    BEFORE_THE_STOP,
    AFTER_THE_STOP,
    BEFORE_ARRIVAL,
    AFTER_ARRIVAL,
    WHILE_STEERING,
    BEFORE_THE_RELEASE,
    AFTER_THE_RELEASE,
    BEFORE_ACTIVATION,
    AFTER_ACTIVATION,
    AFTER_THE_MOVE,
    WHILE_ABANDONING,
    WHILE_RESUMING,
    AFTER_RESUMING
  }

  static final String STANDS = "stands";

  private final Place place;
  private final Path truth;
  private String old = "runs";
  private String next = "none";

  private KilledMain(Place place, Path truth) {
    this.place = place;
    this.truth = truth;
  }

  /** Arguments: directory, place. */
  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    Place place = Place.valueOf(args[1]);
    try (TransferJournal journal =
        TransferJournal.open(directory, TransferJournal.Durability.PROCESS)) {
      new KilledMain(place, directory.resolve("truth")).run(journal);
    }
  }

  private void run(TransferJournal journal) throws Exception {
    boolean undone = place.compareTo(Place.WHILE_ABANDONING) >= 0;
    TransferCoordinator coordinator =
        new TransferCoordinator(Set.of(), TransferListener.NONE, journal);
    Owner owner = new Owner();
    IwarpConnectionDescriptor facts = facts();
    note();
    try {
      coordinator.move(
          coordinator.depart(ConnectionProfile.of(facts), "old", owner, () -> new Leaving(facts)),
          "old",
          UnaryOperator.identity(),
          owner,
          arrival -> {
            if (undone) {
              throw new IOException("undone");
            }
          });
    } catch (IOException e) {
      at(Place.AFTER_RESUMING);
    }
    at(Place.AFTER_THE_MOVE);
  }

  private static IwarpConnectionDescriptor facts() {
    InetSocketAddress end = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);
    return IwarpConnectionDescriptor.builder()
        .present(DescriptorFields.LOCAL_ADDRESS, end, "")
        .present(DescriptorFields.REMOTE_ADDRESS, end, "")
        .build();
  }

  private void at(Place here) {
    if (here == place) {
      System.out.println(STANDS);
      System.out.flush();
      while (true) {
        LockSupport.park();
      }
    }
  }

  private void note() {
    try {
      Files.writeString(truth, old + " " + next);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void old(String state) {
    old = state;
    note();
  }

  private void next(String state) {
    next = state;
    note();
  }

  private final class Leaving implements Departure {
    private final IwarpConnectionDescriptor facts;

    Leaving(IwarpConnectionDescriptor facts) {
      this.facts = facts;
      at(Place.BEFORE_THE_STOP);
      old("stopped");
      at(Place.AFTER_THE_STOP);
    }

    @Override
    public IwarpConnectionDescriptor descriptor() {
      return facts;
    }

    @Override
    public void steerAway() {
      at(Place.WHILE_STEERING);
    }

    @Override
    public void release() {
      at(Place.BEFORE_THE_RELEASE);
      old("gone");
      at(Place.AFTER_THE_RELEASE);
    }

    @Override
    public void resume() {
      at(Place.WHILE_RESUMING);
      old("runs");
    }

    @Override
    public void close() {
      if (old.equals("stopped")) {
        resume();
      }
    }
  }

  private final class Owner implements StateTransfer<String> {
    @Override
    public String ownerName() {
      return "new";
    }

    @Override
    public Admission admits(ConnectionProfile profile) {
      return Admission.full();
    }

    @Override
    public Departure depart(String connection) {
      throw new UnsupportedOperationException("it only arrives here");
    }

    @Override
    public Arrival<String> arrive(IwarpConnectionDescriptor descriptor) {
      at(Place.BEFORE_ARRIVAL);
      next("silent");
      at(Place.AFTER_ARRIVAL);
      return new Arrival<>() {
        @Override
        public String activate() {
          at(Place.BEFORE_ACTIVATION);
          next("runs");
          at(Place.AFTER_ACTIVATION);
          return "";
        }

        @Override
        public void abandon() {
          at(Place.WHILE_ABANDONING);
          next("none");
        }
      };
    }
  }
}
