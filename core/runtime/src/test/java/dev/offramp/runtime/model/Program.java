package dev.offramp.runtime.model;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What {@link TransferCoordinator} does, as a tree: which call comes first, and which next after
 * each outcome. It is recorded from the real coordinator, which is run with owners that fail as
 * they are told. So the model follows the code, and not what somebody thinks of it.
 */
final class Program {
  /** What the coordinator asks of an owner. */
  enum Call {
    DEPART,
    ARRIVE,
    PREPARE,
    STEER_AWAY,
    RELEASE,
    ACTIVATE,
    STEER_BACK,
    ABANDON,
    RESUME;

    /** By contract a release and an abandonment cannot fail. */
    boolean canFail() {
      return this != RELEASE && this != ABANDON;
    }
  }

  /** Where the connection is, says the coordinator. */
  enum Outcome {
    MOVED,
    STAYED,
    FROZEN,
    LOST
  }

  /** A point of the program: a call with what follows it, or the end with an outcome. */
  static final class Node {
    Call call = Call.DEPART;
    int onSuccess = -1;
    int onFailure = -1;
    boolean end;
    Outcome outcome = Outcome.MOVED;

    @Override
    public String toString() {
      return end ? outcome.toString() : call.toString();
    }
  }

  private final List<Node> nodes = new ArrayList<>();

  private Program() {}

  /** The program of the coordinator as it is. */
  static Program recorded() {
    Program program = new Program();
    program.record(new ArrayList<>());
    return program;
  }

  Node node(int index) {
    return nodes.get(index);
  }

  int size() {
    return nodes.size();
  }

  /** Has two calls change places wherever one follows the other: a bug to be found. */
  Program swapped(Call one, Call other) {
    for (Node node : nodes) {
      if (!node.end && node.call == one && !nodes.get(node.onSuccess).end) {
        Node next = nodes.get(node.onSuccess);
        if (next.call == other) {
          node.call = other;
          next.call = one;
        }
      }
    }
    return this;
  }

  /** The node that is reached after {@code decisions}, one for each call so far; true fails. */
  private int record(List<Boolean> decisions) {
    Recording recording = new Recording(decisions);
    Outcome outcome = recording.run();
    int index = nodes.size();
    Node node = new Node();
    nodes.add(node);
    if (recording.calls.size() == decisions.size()) {
      node.end = true;
      node.outcome = outcome;
      return index;
    }
    node.call = recording.calls.get(decisions.size());
    node.onSuccess = record(with(decisions, false));
    if (node.call.canFail()) {
      node.onFailure = record(with(decisions, true));
    }
    return index;
  }

  private static List<Boolean> with(List<Boolean> decisions, boolean fails) {
    List<Boolean> more = new ArrayList<>(decisions);
    more.add(fails);
    return more;
  }

  /** One run; beyond the decisions all calls succeed. */
  private static final class Recording implements StateTransfer<String> {
    private final List<Boolean> decisions;
    private final List<Call> calls = new ArrayList<>();

    Recording(List<Boolean> decisions) {
      this.decisions = decisions;
    }

    private void note(Call call) throws TransferException {
      calls.add(call);
      if (calls.size() <= decisions.size() && decisions.get(calls.size() - 1)) {
        throw new TransferException(
            TransferStep.PREPARE,
            call == Call.RESUME ? Whereabouts.FROZEN : Whereabouts.OLD_OWNER,
            call.toString(),
            null);
      }
    }

    private void noteSurely(Call call) {
      try {
        note(call);
      } catch (TransferException e) {
        throw new IllegalStateException(e);
      }
    }

    Outcome run() {
      TransferCoordinator coordinator = new TransferCoordinator(Set.of(), TransferListener.NONE);
      try {
        coordinator.move(
            depart("connection"),
            "old",
            UnaryOperator.identity(),
            this,
            arrival -> note(Call.PREPARE));
        return Outcome.MOVED;
      } catch (TransferException e) {
        return switch (e.whereabouts()) {
          case OLD_OWNER -> Outcome.STAYED;
          case FROZEN -> Outcome.FROZEN;
          case LOST -> Outcome.LOST;
          case NEW_OWNER -> Outcome.MOVED;
        };
      }
    }

    @Override
    public String ownerName() {
      return "model";
    }

    @Override
    public Admission admits(ConnectionProfile profile) {
      return Admission.full();
    }

    @Override
    public Departure depart(String connection) throws TransferException {
      note(Call.DEPART);
      return new Departing();
    }

    @Override
    public Arrival<String> arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
      note(Call.ARRIVE);
      return new Arrival<>() {
        @Override
        public String activate() {
          noteSurely(Call.ACTIVATE);
          return "moved";
        }

        @Override
        public void abandon() {
          noteSurely(Call.ABANDON);
        }
      };
    }

    private final class Departing implements Departure {
      private boolean over;

      @Override
      public IwarpConnectionDescriptor descriptor() {
        InetSocketAddress end = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        return IwarpConnectionDescriptor.builder()
            .present(DescriptorFields.LOCAL_ADDRESS, end, "")
            .present(DescriptorFields.REMOTE_ADDRESS, end, "")
            .build();
      }

      @Override
      public void steerAway() throws TransferException {
        note(Call.STEER_AWAY);
      }

      @Override
      public void steerBack() throws TransferException {
        note(Call.STEER_BACK);
      }

      @Override
      public void release() {
        over = true;
        noteSurely(Call.RELEASE);
      }

      @Override
      public void resume() throws TransferException {
        over = true;
        note(Call.RESUME);
      }

      @Override
      public void close() throws TransferException {
        if (!over) {
          resume();
        }
      }
    }
  }
}
