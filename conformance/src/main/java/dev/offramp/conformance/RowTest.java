package dev.offramp.conformance;

import java.util.List;

/**
 * A test that claims to prove rows.
 *
 * @param module the module's directory: {@code core/iwarp}
 * @param source its file, from the project's root
 * @param className its class without the package
 * @param method its method
 * @param rows what it claims
 * @param runs whether JUnit always runs it: it is a test, and neither disabled nor conditional
 */
record RowTest(
    String module,
    String source,
    String className,
    String method,
    List<Integer> rows,
    boolean runs) {
  String name() {
    return className + "#" + method;
  }
}
