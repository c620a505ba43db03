/**
 * Type annotations that say where a value comes from and what kind of number it is, for the
 * checkers of offramp-checker. A driver needs them to compile only: {@code requires static}.
 */
module dev.offramp.checker.qual {
  requires static transitive org.checkerframework.checker.qual;
  requires static transitive org.apiguardian.api;
  requires static org.jspecify;

  exports dev.offramp.checker.qual;
}
