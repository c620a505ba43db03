package dev.offramp.api.descriptor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The binary form: {@code [version, {field number: [origin, source, value]}]}, the value missing
 * when the field is absent. Fields stand in ascending order, each at most once; the decoder refuses
 * anything else, so a descriptor has one encoding.
 */
final class DescriptorCodec {
  private static final FieldType<Origin> ORIGIN = FieldTypes.choice(Origin.class);
  private static final Map<Integer, FieldKey<?>> BY_NUMBER = byNumber();

  private DescriptorCodec() {}

  static byte[] encode(IwarpConnectionDescriptor descriptor) {
    List<FieldKey<?>> given = DescriptorFields.all().stream().filter(descriptor::isGiven).toList();
    CborWriter out = new CborWriter();
    out.array(2);
    out.unsigned(IwarpConnectionDescriptor.FORMAT_VERSION);
    out.map(given.size());
    for (FieldKey<?> key : given) {
      out.unsigned(key.number());
      writeField(out, key, descriptor);
    }
    return out.toByteArray();
  }

  static IwarpConnectionDescriptor decode(ByteBuffer bytes) throws DescriptorFormatException {
    CborReader in = new CborReader(bytes);
    try {
      return decode(in);
    } catch (InvalidDescriptorException e) {
      throw new DescriptorFormatException(in.position(), e);
    } catch (DescriptorFormatException e) {
      throw e;
    } catch (IOException e) {
      throw new AssertionError("a reader of memory met an I/O error", e);
    }
  }

  private static IwarpConnectionDescriptor decode(CborReader in) throws IOException {
    in.array(2, 2);
    long version = in.unsigned();
    if (version != IwarpConnectionDescriptor.FORMAT_VERSION) {
      throw in.error(
          "format version " + version,
          "version "
              + IwarpConnectionDescriptor.FORMAT_VERSION
              + "; use the release that wrote it");
    }
    int count = in.map(0, BY_NUMBER.size());
    IwarpConnectionDescriptor.Builder builder = IwarpConnectionDescriptor.builder();
    int previous = -1;
    for (int i = 0; i < count; i++) {
      int number = in.unsignedInt();
      FieldKey<?> key = BY_NUMBER.get(number);
      if (key == null) {
        throw in.error("field number " + number, "a field of format version 1");
      }
      if (number <= previous) {
        throw in.error("field " + number + " after " + previous, "ascending field numbers");
      }
      previous = number;
      readField(in, key, builder);
    }
    if (!in.atEnd()) {
      throw in.error("bytes after the descriptor", "the end of the input");
    }
    return builder.build();
  }

  private static <T extends Object> void writeField(
      CborWriter out, FieldKey<T> key, IwarpConnectionDescriptor descriptor) {
    Field<T> field = descriptor.get(key);
    out.array(field.isKnown() ? 3 : 2);
    ORIGIN.write(out, field.origin());
    out.text(field.source());
    if (field.isKnown()) {
      key.type().write(out, field.value());
    }
  }

  private static <T extends Object> void readField(
      CborReader in, FieldKey<T> key, IwarpConnectionDescriptor.Builder builder)
      throws IOException {
    int items = in.array(2, 3);
    Origin origin = ORIGIN.read(in);
    if ((origin == Origin.ABSENT) != (items == 2)) {
      throw in.error(
          items + " items with origin " + origin, "3 items, or 2 when the field is absent");
    }
    String source = in.text(IwarpConnectionDescriptor.MAX_SOURCE_BYTES);
    Field<T> field =
        switch (origin) {
          case PRESENT -> Field.present(key.type().read(in), source);
          case DERIVED -> Field.derived(key.type().read(in), source);
          case ABSENT -> Field.absent(source);
        };
    builder.put(key, field);
  }

  private static Map<Integer, FieldKey<?>> byNumber() {
    Map<Integer, FieldKey<?>> keys = new HashMap<>();
    for (FieldKey<?> key : DescriptorFields.all()) {
      FieldKey<?> other = keys.put(key.number(), key);
      if (other != null) {
        throw new AssertionError(key + " and " + other + " share the number " + key.number());
      }
    }
    return Map.copyOf(keys);
  }
}
