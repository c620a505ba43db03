import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.checker.qual.FromCm;
import dev.offramp.checker.qual.FromIpStack;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.checkerframework.framework.qual.DefaultQualifier;
import org.checkerframework.framework.qual.TypeUseLocation;

class CmLeak {
  static final int ROCE_PORT = 4791;

  /** A vendor's encoder of a communication manager's message. */
  static class CmRequest {
    void startingNumber(@FromCm int value) {}

    void serviceId(@FromCm long value) {}

    void destination(@FromCm byte @FromCm [] value) {}
  }

  @DefaultQualifier(value = FromCm.class, locations = TypeUseLocation.PARAMETER)
  static class CmReply {
    void startingNumber(int value) {}
  }

  int unknown;

  @FromCm int givenByCm() {
    return 7;
  }

  void leaks(IwarpConnectionDescriptor descriptor, CmRequest request, CmReply reply, Socket tcp)
      throws Exception {
    // :: error: (argument)
    request.startingNumber(descriptor.value(DescriptorFields.SND_NXT).intValue());
    long sent = descriptor.value(DescriptorFields.SND_NXT);
    // :: error: (argument)
    request.startingNumber((int) sent);
    // :: error: (argument) :: error: (sequence.narrowed)
    request.startingNumber((int) (sent + 1) & 0xFFFFFF);
    // :: error: (argument)
    reply.startingNumber((int) sent);
    // :: error: (argument)
    request.serviceId(0x0000_0001_0006_0000L | tcp.getLocalPort());
    InetSocketAddress remote = descriptor.value(DescriptorFields.REMOTE_ADDRESS);
    // :: error: (argument)
    request.serviceId(remote.getPort());
    // :: error: (argument)
    request.destination(remote.getAddress().getAddress());
    // :: error: (argument)
    request.startingNumber(unknown);
    int hidden = tcp.getPort();
    hidden++;
    // :: error: (argument)
    request.startingNumber(hidden);
    // :: error: (argument)
    request.startingNumber(twice(tcp.getPort()));
  }

  @FromIpStack int twice(@FromIpStack int value) {
    return value * 2;
  }

  void honest(IwarpConnectionDescriptor descriptor, CmRequest request, CmReply reply) {
    request.startingNumber(givenByCm());
    request.startingNumber(givenByCm() & 0xFFFFFF);
    request.serviceId(17);
    request.serviceId(ROCE_PORT);
    reply.startingNumber(1 << 4);
    useInTcpContext(descriptor.value(DescriptorFields.SND_NXT).intValue());
  }

  void useInTcpContext(int value) {}
}
