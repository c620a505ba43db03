package dev.offramp.api.descriptor;

import java.util.Locale;
import org.apiguardian.api.API;

/**
 * The name of one fact in a descriptor. The constants are in {@link DescriptorFields}. Drivers
 * declare by these keys what they consume.
 *
 * @param <T> the type of the field's value
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class FieldKey<T extends Object> {
  private final Ownership ownership;
  private final int number;
  private final String name;
  private final FieldType<T> type;
  private final String meaning;
  private final String path;
  private final String sourcePath;
  private final int index;

  FieldKey(
      Ownership ownership, int number, String name, FieldType<T> type, String meaning, int index) {
    this.ownership = ownership;
    this.number = number;
    this.name = name;
    this.type = type;
    this.meaning = meaning;
    this.path = ownership.name().toLowerCase(Locale.ROOT) + "." + name;
    this.sourcePath = path + ".source";
    this.index = index;
  }

  public Ownership ownership() {
    return ownership;
  }

  /** The key in the binary form. Never reused for another meaning. */
  public int number() {
    return number;
  }

  /** The name in messages, tables and JSON, with its unit: {@code srttMicros}. */
  public String name() {
    return name;
  }

  /** One line for people: meaning, unit, source. */
  public String meaning() {
    return meaning;
  }

  FieldType<T> type() {
    return type;
  }

  /** The field's path in messages: {@code delegated.rcvNxt}. */
  public String path() {
    return path;
  }

  /** The path of what the field's source says. */
  String sourcePath() {
    return sourcePath;
  }

  /**
   * Checks a source.
   *
   * @throws InvalidDescriptorException when it can be no field's source
   */
  void checkSource(String source) {
    Checks.text(sourcePath, source, 0, IwarpConnectionDescriptor.MAX_SOURCE_BYTES);
  }

  /** Its place in {@link DescriptorFields#all}. */
  int index() {
    return index;
  }

  @Override
  public String toString() {
    return path();
  }
}
