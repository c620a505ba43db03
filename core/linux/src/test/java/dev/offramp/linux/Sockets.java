package dev.offramp.linux;

import dev.offramp.linux.libc.NativeAccess;
import dev.offramp.linux.tcp.FileDescriptors;
import dev.offramp.linux.tcp.OpenFiles;
import dev.offramp.linux.tcp.OsSocket;
import java.io.IOException;
import java.nio.channels.SocketChannel;

/** The socket below a channel. */
final class Sockets {
  private Sockets() {}

  static OsSocket of(SocketChannel channel) throws IOException {
    return new FileDescriptors(NativeAccess.libc(), OpenFiles.ofThisProcess()).of(channel);
  }
}
