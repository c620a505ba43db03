package dev.offramp.spi;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.rdma.Operation;
import java.util.Map;
import java.util.Set;
import org.apiguardian.api.API;

/**
 * What an RNIC declares. The compatibility kit holds it to every word: what is declared must work,
 * and what is not must be refused.
 *
 * @param operations operations that can be posted
 * @param tcpResidence where TCP runs for connections at this RNIC
 * @param mpaRevisions MPA revisions of which it can continue a stream
 * @param sendMarkers whether it can insert MPA markers
 * @param receiveMarkers whether it can remove them
 * @param crcCanBeOff whether it can work without CRC32c
 * @param maxIrd largest inbound RDMA Read depth of a connection, 0..16382
 * @param maxOrd largest outbound RDMA Read depth of a connection, 0..16382
 * @param maxPrivateDataBytes largest private data that it can send itself, 0..512
 * @param maxGatherEntries local buffers per Send or Write
 * @param maxScatterEntries local buffers per Receive
 * @param sendQueueEntries work requests in flight, Receives aside
 * @param receiveQueueEntries Receives posted
 * @param needsDrainedSendQueue whether it takes a connection only when all sent bytes are
 *     acknowledged
 * @param copiesBadSegments whether a Terminate about a segment of the peer has the length and
 *     headers of that segment (RFC 5040, section 7.1). A device whose events do not tell them says
 *     false, and sends none: octets that nobody received would be worse
 * @param consumes the fields of a descriptor that influence what it does
 * @param defaults for fields it consumes that may be absent: the value it uses then, for people
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record RnicCapabilities(
    Set<Operation> operations,
    TcpResidence tcpResidence,
    Set<Integer> mpaRevisions,
    boolean sendMarkers,
    boolean receiveMarkers,
    boolean crcCanBeOff,
    int maxIrd,
    int maxOrd,
    int maxPrivateDataBytes,
    int maxGatherEntries,
    int maxScatterEntries,
    int sendQueueEntries,
    int receiveQueueEntries,
    boolean needsDrainedSendQueue,
    boolean copiesBadSegments,
    Set<FieldKey<?>> consumes,
    Map<FieldKey<?>, String> defaults) {
  public RnicCapabilities {
    operations = Set.copyOf(operations);
    mpaRevisions = Set.copyOf(mpaRevisions);
    consumes = Set.copyOf(consumes);
    defaults = Map.copyOf(defaults);
  }

  /** What an RNIC declares that copies bad segments into its Terminates. */
  public RnicCapabilities(
      Set<Operation> operations,
      TcpResidence tcpResidence,
      Set<Integer> mpaRevisions,
      boolean sendMarkers,
      boolean receiveMarkers,
      boolean crcCanBeOff,
      int maxIrd,
      int maxOrd,
      int maxPrivateDataBytes,
      int maxGatherEntries,
      int maxScatterEntries,
      int sendQueueEntries,
      int receiveQueueEntries,
      boolean needsDrainedSendQueue,
      Set<FieldKey<?>> consumes,
      Map<FieldKey<?>, String> defaults) {
    this(
        operations,
        tcpResidence,
        mpaRevisions,
        sendMarkers,
        receiveMarkers,
        crcCanBeOff,
        maxIrd,
        maxOrd,
        maxPrivateDataBytes,
        maxGatherEntries,
        maxScatterEntries,
        sendQueueEntries,
        receiveQueueEntries,
        needsDrainedSendQueue,
        true,
        consumes,
        defaults);
  }
}
