package dev.offramp.api.descriptor;

import java.io.IOException;

/** How values of one kind are checked, written to CBOR and read back. Stateless. */
interface FieldType<T extends Object> {
  /** Throws {@link InvalidDescriptorException} when the value can describe no connection. */
  void check(String path, T value);

  void write(CborWriter out, T value);

  /** Reads what {@link #write} wrote. What it returns has still to pass {@link #check}. */
  T read(CborReader in) throws IOException;

  /** Whether two values that are equal are also written alike. */
  default boolean isSame(T one, T other) {
    return one.equals(other);
  }

  /** The field with its value in a form that nobody can change. */
  default Field<T> owned(Field<T> field) {
    return field;
  }

  /** The type in the CDDL schema. */
  String cddl();
}
