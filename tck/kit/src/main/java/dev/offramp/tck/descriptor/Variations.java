package dev.offramp.tck.descriptor;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.InvalidDescriptorException;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Descriptors that differ from a base in one field, or in a group that only makes sense together.
 */
public final class Variations {
  /** What is one number behind several fields: where the driver's own octets stand. */
  public static final List<FieldKey<Long>> SEND_NUMBERS =
      List.of(
          DescriptorFields.SND_UNA,
          DescriptorFields.SND_NXT,
          DescriptorFields.SND_MAX,
          DescriptorFields.MPA_SEND_START);

  /** Where the peer's octets stand. */
  public static final List<FieldKey<Long>> RECEIVE_NUMBERS =
      List.of(
          DescriptorFields.RCV_NXT,
          DescriptorFields.RCV_WUP,
          DescriptorFields.SND_WL1,
          DescriptorFields.MPA_RECEIVE_START);

  private static final long UINT32 = 0xFFFF_FFFFL;
  private static final String SOURCE = "the kit's variation";

  /** What a driver decides on, and does not encode: a change of these is another connection. */
  private static final Set<FieldKey<?>> FIXED =
      Set.of(
          DescriptorFields.TCP_RESIDENCE,
          DescriptorFields.TCP_STATE,
          DescriptorFields.IWARP_PHASE,
          DescriptorFields.MPA_ROLE,
          DescriptorFields.MPA_REVISION,
          DescriptorFields.UNSENT,
          DescriptorFields.UNACKNOWLEDGED,
          DescriptorFields.UNREAD);

  private Variations() {}

  /**
   * A descriptor, and in what it differs from the base.
   *
   * @param fields what differs
   * @param descriptor the other one
   */
  public record Variation(Set<FieldKey<?>> fields, IwarpConnectionDescriptor descriptor) {
    /** The fields' names, joined. */
    public String name() {
      return fields.stream().map(FieldKey::path).sorted().collect(Collectors.joining("+"));
    }
  }

  /** All that can be made with the values of {@code other}, which has the same shape. */
  public static List<Variation> of(
      IwarpConnectionDescriptor base, IwarpConnectionDescriptor other) {
    List<Variation> variations = new ArrayList<>();
    Set<FieldKey<?>> grouped = new HashSet<>(SEND_NUMBERS);
    grouped.addAll(RECEIVE_NUMBERS);
    for (FieldKey<?> key : DescriptorFields.all()) {
      if (grouped.contains(key) || FIXED.contains(key)) {
        continue;
      }
      if (key.equals(DescriptorFields.LOCAL_ADDRESS)) {
        endpoint(variations, base, other, DescriptorFields.LOCAL_ADDRESS);
      } else if (key.equals(DescriptorFields.REMOTE_ADDRESS)) {
        endpoint(variations, base, other, DescriptorFields.REMOTE_ADDRESS);
      } else {
        one(variations, base, other, key);
      }
    }
    numbers(variations, base, other, DescriptorFields.SND_NXT, SEND_NUMBERS);
    numbers(variations, base, other, DescriptorFields.RCV_NXT, RECEIVE_NUMBERS);
    return variations;
  }

  /** The numbers of one direction, moved together; empty where the base has none. */
  public static Optional<IwarpConnectionDescriptor> moved(
      IwarpConnectionDescriptor base, List<FieldKey<Long>> keys, FieldKey<Long> lead, long to) {
    if (!base.isKnown(lead)) {
      return Optional.empty();
    }
    long by = to - base.value(lead);
    IwarpConnectionDescriptor.Builder builder = base.toBuilder();
    for (FieldKey<Long> key : keys) {
      if (base.isKnown(key)) {
        builder.present(key, base.value(key) + by & UINT32, SOURCE);
      }
    }
    return built(builder);
  }

  /** One field with another value; empty when no such connection can be. */
  public static <T extends Object> Optional<IwarpConnectionDescriptor> with(
      IwarpConnectionDescriptor base, FieldKey<T> key, T value) {
    return built(base.toBuilder().present(key, value, SOURCE));
  }

  /** One field less; empty when it must be there. */
  public static Optional<IwarpConnectionDescriptor> without(
      IwarpConnectionDescriptor base, FieldKey<?> key) {
    return built(base.toBuilder().absent(key, "the kit has taken it away"));
  }

  private static Optional<IwarpConnectionDescriptor> built(
      IwarpConnectionDescriptor.Builder builder) {
    try {
      return Optional.of(builder.build());
    } catch (InvalidDescriptorException e) {
      return Optional.empty();
    }
  }

  private static void numbers(
      List<Variation> to,
      IwarpConnectionDescriptor base,
      IwarpConnectionDescriptor other,
      FieldKey<Long> lead,
      List<FieldKey<Long>> keys) {
    if (base.isKnown(lead) && other.isKnown(lead)) {
      moved(base, keys, lead, other.value(lead))
          .ifPresent(d -> to.add(new Variation(Set.copyOf(keys), d)));
    }
  }

  private static void endpoint(
      List<Variation> to,
      IwarpConnectionDescriptor base,
      IwarpConnectionDescriptor other,
      FieldKey<InetSocketAddress> key) {
    InetSocketAddress mine = base.value(key);
    InetSocketAddress others = other.value(key);
    with(base, key, new InetSocketAddress(others.getAddress(), mine.getPort()))
        .ifPresent(d -> to.add(new Variation(Set.of(key), d)));
    with(base, key, new InetSocketAddress(mine.getAddress(), others.getPort()))
        .ifPresent(d -> to.add(new Variation(Set.of(key), d)));
  }

  private static <T extends Object> void one(
      List<Variation> to,
      IwarpConnectionDescriptor base,
      IwarpConnectionDescriptor other,
      FieldKey<T> key) {
    if (!base.isKnown(key)) {
      return;
    }
    T value = base.value(key);
    T another = other.isKnown(key) ? other.value(key) : value;
    if (another.equals(value)) {
      another = another(value);
    }
    if (!another.equals(value)) {
      with(base, key, another).ifPresent(d -> to.add(new Variation(Set.of(key), d)));
    }
  }

  /** A value near by, for fields that the shape has fixed; the same where there is none. */
  @SuppressWarnings("unchecked") // what comes out is of the class that went in
  private static <T extends Object> T another(T value) {
    return switch (value) {
      case Boolean flag -> (T) (Object) !flag;
      case Integer number -> (T) (Object) (number > 1 ? number - 1 : number + 1);
      case Long number -> (T) (Object) (number > 1 ? number - 1 : number + 1);
      case String text -> (T) (Object) (text.equals("cubic") ? "reno" : text);
      default -> value;
    };
  }
}
