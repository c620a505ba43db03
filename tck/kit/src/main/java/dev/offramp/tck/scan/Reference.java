package dev.offramp.tck.scan;

/**
 * Something that a class of the jar names.
 *
 * @param owner the class that is named, or that has the member; internal name
 * @param member the method or field; empty for the class as such
 * @param descriptor the member's; empty for the class as such
 * @param where the class that names it, with dots
 */
record Reference(String owner, String member, String descriptor, String where) {
  String words() {
    return owner.replace('/', '.') + (member.isEmpty() ? "" : "." + member);
  }
}
