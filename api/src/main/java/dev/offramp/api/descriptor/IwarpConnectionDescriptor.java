package dev.offramp.api.descriptor;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * All that one owner of a TCP connection tells the next one: the state of TCP, what lies below and
 * above it, and where the iWARP stream begins. Neutral: it has no word of any device, operating
 * system or InfiniBand communication manager.
 *
 * <p>Every field of {@link DescriptorFields} is there, and each is present, derived or absent; what
 * nobody put in is absent. Immutable and safe for use by several threads. Values are checked when
 * the descriptor is built, alone and against each other.
 *
 * <p>{@link #toBytes} and {@link #fromBytes} convert to a versioned binary form (deterministic
 * CBOR, RFC 8949 section 4.2.1; schema in docs/descriptor.cddl) that is safe to read from a
 * stranger.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class IwarpConnectionDescriptor {
  /** The version of the binary form that this release writes, and the only one that it reads. */
  public static final int FORMAT_VERSION = 1;

  static final int MAX_SOURCE_BYTES = 255;

  private static final Field<Object> NOT_GIVEN = Field.absent("not given by the owner");

  /** By the index of their keys; null where nobody gave one. */
  private final @Nullable Field<?>[] fields;

  private IwarpConnectionDescriptor(@Nullable Field<?>[] fields) {
    this.fields = fields;
    DescriptorRules.check(this);
  }

  public static Builder builder() {
    return new Builder(new Field<?>[DescriptorFields.all().size()]);
  }

  /** A builder that starts with all of this descriptor's fields. */
  public Builder toBuilder() {
    return new Builder(fields.clone());
  }

  /** The field {@code key} with its origin; absent when nobody gave it. */
  @SuppressWarnings("unchecked") // Builder.put pairs each key with a field of its own type.
  public <T extends Object> Field<T> get(FieldKey<T> key) {
    Field<?> field = fields[key.index()];
    return (Field<T>) (field == null ? NOT_GIVEN : field);
  }

  /**
   * The value of {@code key}.
   *
   * @throws AbsentFieldException when it is absent; says which it is, and why it is not there
   */
  public <T extends Object> T value(FieldKey<T> key) {
    Field<T> field = get(key);
    if (!field.isKnown()) {
      throw new AbsentFieldException(key.path(), field.source());
    }
    return field.value();
  }

  public boolean isKnown(FieldKey<?> key) {
    return get(key).isKnown();
  }

  boolean isGiven(FieldKey<?> key) {
    return fields[key.index()] != null;
  }

  /** The binary form: the same bytes for equal descriptors. */
  public byte[] toBytes() {
    return DescriptorCodec.encode(this);
  }

  /**
   * Reads the binary form from anyone.
   *
   * @param bytes what remains is read to its end; the position does not change
   * @throws DescriptorFormatException when these are not exactly the bytes of a valid descriptor
   */
  public static IwarpConnectionDescriptor fromBytes(ByteBuffer bytes)
      throws DescriptorFormatException {
    return DescriptorCodec.decode(bytes);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IwarpConnectionDescriptor that
        && DescriptorFields.all().stream().allMatch(key -> isSame(key, that));
  }

  /** Finer than {@link Field#equals}: to the JDK, IPv6 addresses of two scopes are equal. */
  private <T extends Object> boolean isSame(FieldKey<T> key, IwarpConnectionDescriptor that) {
    if (!isGiven(key) || !that.isGiven(key)) {
      return isGiven(key) == that.isGiven(key);
    }
    Field<T> mine = get(key);
    Field<T> other = that.get(key);
    return mine.equals(other)
        && (!mine.isKnown() || key.type().isSame(mine.value(), other.value()));
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(fields);
  }

  @Override
  public String toString() {
    return "IwarpConnectionDescriptor["
        + get(DescriptorFields.LOCAL_ADDRESS)
        + " to "
        + get(DescriptorFields.REMOTE_ADDRESS)
        + "]";
  }

  /** Collects fields. For one thread; one builder can build many descriptors. */
  public static final class Builder {
    private final @Nullable Field<?>[] fields;

    private Builder(@Nullable Field<?>[] fields) {
      this.fields = fields;
    }

    /**
     * Sets a field, replacing what was there.
     *
     * @throws InvalidDescriptorException when the value can describe no connection
     */
    public <T extends Object> Builder put(FieldKey<T> key, Field<T> field) {
      Objects.requireNonNull(key, "key");
      key.checkSource(field.source());
      if (field.isKnown()) {
        key.type().check(key.path(), field.value());
      }
      fields[key.index()] = key.type().owned(field);
      return this;
    }

    /** Sets a value that was read: see {@link Field#present}. */
    public <T extends Object> Builder present(FieldKey<T> key, T value, String source) {
      return put(key, Field.present(value, source));
    }

    /** Sets a value that was computed: see {@link Field#derived}. */
    public <T extends Object> Builder derived(FieldKey<T> key, T value, String source) {
      return put(key, Field.derived(value, source));
    }

    /** Says why a value is not known: see {@link Field#absent}. */
    public Builder absent(FieldKey<?> key, String reason) {
      return put(key, Field.absent(reason));
    }

    /**
     * The descriptor.
     *
     * @throws InvalidDescriptorException when fields contradict each other, or an end is missing
     */
    public IwarpConnectionDescriptor build() {
      return new IwarpConnectionDescriptor(fields.clone());
    }
  }
}
