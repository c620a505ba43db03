package dev.offramp.api.descriptor;

import java.util.Objects;
import java.util.function.Function;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * One fact about a connection together with its origin, so that "not known" can never be mistaken
 * for zero. Immutable when {@code T} is.
 *
 * @param <T> the type of the value; the bound says what {@code @NullMarked} implies to those
 *     checkers that do not know it
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class Field<T extends Object> {
  private final Origin origin;
  private final @Nullable T value;
  private final String source;

  private Field(Origin origin, @Nullable T value, String source) {
    this.origin = origin;
    this.value = value;
    this.source = Objects.requireNonNull(source, "source");
  }

  /**
   * A value that was read.
   *
   * @param value the value
   * @param source where it was read, in the owner's own words: {@code TCP_INFO.tcpi_rtt}
   */
  public static <T extends Object> Field<T> present(T value, String source) {
    return new Field<>(Origin.PRESENT, Objects.requireNonNull(value, "value"), source);
  }

  /**
   * A value computed from others.
   *
   * @param value the value
   * @param source the formula: {@code snd_max - unsent bytes}
   */
  public static <T extends Object> Field<T> derived(T value, String source) {
    return new Field<>(Origin.DERIVED, Objects.requireNonNull(value, "value"), source);
  }

  /**
   * A value that the owner does not give away.
   *
   * @param reason why not: {@code Linux has no getsockopt for it}
   */
  public static <T extends Object> Field<T> absent(String reason) {
    return new Field<>(Origin.ABSENT, null, reason);
  }

  public Origin origin() {
    return origin;
  }

  /**
   * Where the value was read, how it was derived, or why it is absent. For people, not programs.
   */
  public String source() {
    return source;
  }

  /** Whether there is a value, read or derived. */
  public boolean isKnown() {
    return value != null;
  }

  /**
   * The value.
   *
   * @throws AbsentFieldException when the field is absent; the message carries the reason
   */
  public T value() {
    T known = value;
    if (known == null) {
      throw new AbsentFieldException(source);
    }
    return known;
  }

  /** The value, or {@code other} when the field is absent. */
  public T orElse(T other) {
    T known = value;
    return known == null ? other : known;
  }

  /** The field with its value converted; an absent one stays absent for the same reason. */
  public <R extends Object> Field<R> map(Function<? super T, ? extends R> conversion) {
    T known = value;
    return known == null
        ? absent(source)
        : new Field<>(origin, Objects.requireNonNull(conversion.apply(known)), source);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Field<?> that
        && origin == that.origin
        && Objects.equals(value, that.value)
        && source.equals(that.source);
  }

  @Override
  public int hashCode() {
    return Objects.hash(origin, value, source);
  }

  @Override
  public String toString() {
    T known = value;
    return known == null ? "absent (" + source + ")" : known + " (" + source + ")";
  }
}
