package dev.offramp.runtime.migrate;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;

/**
 * Another process as the new owner of one connection. It is told to speak only after the old owner
 * here has let go, and it speaks only when it is told: so there are never two. When the channel
 * breaks before, it keeps silent and forgets the connection, which goes on here. When it breaks
 * between, nobody has the connection: {@link Whereabouts#LOST}, with the descriptor.
 *
 * <p>The other process has to be where the connection's addresses are, and where its 4-tuple is
 * free: another network namespace, or another machine, that has taken the IP address over.
 *
 * <p>For one thread at a time, and for one connection.
 */
public final class RemoteOwner implements StateTransfer<String>, AutoCloseable {
  private final SecureLink link;
  private final String name;

  /** The process at the other end of {@code link}, which is this object's from now on. */
  RemoteOwner(SecureLink link, String name) {
    this.link = link;
    this.name = name;
  }

  /**
   * Greets the process at the other end of a channel.
   *
   * @param channel connected; this object's from now on, closed when this throws
   * @param key what both have
   * @param name for messages and the journal
   * @param timeout for each of its answers; the connection stands still meanwhile
   * @throws MigrationException when it does not prove that it has the key
   */
  public static RemoteOwner greet(
      SocketChannel channel, PreSharedKey key, String name, Duration timeout) throws IOException {
    return new RemoteOwner(SecureLink.open(channel, SecureLink.Role.SENDER, key, timeout), name);
  }

  @Override
  public String ownerName() {
    return name;
  }

  /** The other process is asked with the descriptor only: it refuses before anything is let go. */
  @Override
  public Admission admits(ConnectionProfile profile) {
    return Admission.full();
  }

  @Override
  public Departure depart(String connection) throws TransferException {
    throw TransferException.refused(
        TransferStep.ADMIT,
        List.of(
            new Refusal(
                RefusalReason.UNSUPPORTED,
                "a connection of another process",
                "one of this process",
                "let the other process send it")));
  }

  @Override
  public Arrival<String> arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
    return offer(descriptor, () -> {});
  }

  /**
   * The same for a connection in RDMA mode, with its memory: the contents travel now, while it
   * stands still.
   */
  Arrival<String> arrive(IwarpConnectionDescriptor descriptor, MemorySender memory)
      throws TransferException {
    return offer(
        descriptor,
        () -> {
          link.send(MessageType.PLAN, memory.plan().encode());
          requireAnswer(MessageType.ALLOCATED, TransferStep.PREPARE);
          memory.send(link::send);
        });
  }

  /** What follows an offer before its answer. */
  private interface Rest {
    void send() throws IOException;
  }

  private Arrival<String> offer(IwarpConnectionDescriptor descriptor, Rest rest)
      throws TransferException {
    try {
      link.send(MessageType.OFFER, ByteBuffer.wrap(descriptor.toBytes()));
      rest.send();
      requireAnswer(MessageType.PREPARED, TransferStep.PREPARE);
      return new Prepared();
    } catch (TransferException refused) {
      throw refused;
    } catch (IOException e) {
      closeAfter(e);
      throw new TransferException(
          TransferStep.PREPARE,
          Whereabouts.OLD_OWNER,
          "[" + name + "] does not answer an offer: " + e.getMessage(),
          e);
    }
  }

  private SecureLink.Message requireAnswer(int type, TransferStep step) throws IOException {
    SecureLink.Message answer = link.receive();
    if (answer.type() == MessageType.REFUSED) {
      throw RefusalForm.decode(answer.payload(), step);
    }
    if (answer.type() != type) {
      throw unexpected(answer);
    }
    return answer;
  }

  /**
   * Asks whether it would take a connection in RDMA mode, what has to be at rest, and for how much
   * memory there is room.
   *
   * @param running what is known of the connection, which runs
   * @throws TransferException when it refuses, does not answer, or takes none in RDMA mode
   */
  RdmaNeeds rdmaNeeds(ConnectionProfile running) throws TransferException {
    try {
      link.send(MessageType.ASK_NEEDS, ProfileForm.encode(running));
      return RdmaNeeds.decode(requireAnswer(MessageType.NEEDS, TransferStep.ADMIT).payload());
    } catch (TransferException refused) {
      throw refused;
    } catch (IOException e) {
      closeAfter(e);
      throw new TransferException(
          TransferStep.ADMIT,
          Whereabouts.OLD_OWNER,
          "["
              + name
              + "] does not say what it needs; is it to take connections in RDMA mode? "
              + e.getMessage(),
          e);
    }
  }

  /**
   * Asks whether the other process still has the connection, as the last thing before the old owner
   * lets go: what dies later is lost.
   *
   * @throws TransferException when it does not answer
   */
  public void confirm() throws TransferException {
    try {
      link.send(MessageType.CONFIRM, ByteBuffer.allocate(0));
      SecureLink.Message answer = link.receive();
      if (answer.type() != MessageType.CONFIRMED) {
        throw unexpected(answer);
      }
    } catch (IOException e) {
      throw new TransferException(
          TransferStep.PREPARE,
          Whereabouts.OLD_OWNER,
          "[" + name + "] does not confirm what it had prepared: " + e.getMessage(),
          e);
    }
  }

  private static MigrationException unexpected(SecureLink.Message message) {
    return new MigrationException(
        Reason.PROTOCOL, "seen message [" + message.type() + "], expected another one now");
  }

  private void closeAfter(Exception failure) {
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private final class Prepared implements Arrival<String> {
    private boolean over;

    /** The coordinator tells of what this throws as a loss: the old owner is gone. */
    @Override
    public String activate() {
      over = true;
      try {
        link.send(MessageType.RELEASED, ByteBuffer.allocate(0));
        SecureLink.Message answer = link.receive();
        if (answer.type() != MessageType.ACTIVE) {
          throw unexpected(answer);
        }
        return name;
      } catch (IOException e) {
        closeAfter(e);
        throw new UncheckedIOException(
            "whether [" + name + "] runs the connection is not known: " + e.getMessage(), e);
      }
    }

    /** Also when the message does not get through: the end of the channel says the same. */
    @Override
    public void abandon() {
      if (!over) {
        over = true;
        try {
          link.send(MessageType.ABANDON, ByteBuffer.allocate(0));
        } catch (IOException e) {
          closeAfter(e);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    link.close();
  }
}
