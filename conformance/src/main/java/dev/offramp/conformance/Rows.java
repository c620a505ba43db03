package dev.offramp.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The rows of the conformance table that a test proves. On test methods only, so that the table can
 * name the method. Kept in the class file, where {@link RowTests} finds it.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.METHOD)
public @interface Rows {
  /** Row numbers, as in the catalogue. */
  int[] value();
}
