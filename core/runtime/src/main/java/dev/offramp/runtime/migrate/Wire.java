package dev.offramp.runtime.migrate;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What carries a {@link SecureLink}: octets in order, none of which takes longer than allowed. */
interface Wire extends AutoCloseable {
  void write(ByteBuffer bytes) throws IOException;

  /**
   * So many octets.
   *
   * @param begun whether the end of input would be in the middle of something
   * @throws MigrationException of the reasons CLOSED, TRUNCATED, TIMED_OUT, or PROTOCOL
   */
  ByteBuffer read(int count, boolean begun) throws IOException;

  @Override
  void close() throws IOException;
}
