/** The compatibility kit's launcher. Its interface is the command line; it uses nothing. */
module dev.offramp.launcher {
  requires static org.jspecify;
}
