package dev.offramp.linux.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.linux.libc.NativeAccess;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On this process's own descriptors. */
class FileDescriptorsTest {
  private final AtomicInteger listings = new AtomicInteger();
  private final OpenFiles counting =
      () -> {
        listings.incrementAndGet();
        return OpenFiles.ofThisProcess().list();
      };
  private final FileDescriptors descriptors = new FileDescriptors(NativeAccess.libc(), counting);
  private final List<Closeable> open = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Closeable each : open) {
      each.close();
    }
  }

  /** Another thread is faster the first times, and so gets the number that was expected. */
  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "15, 0", "16, 1"})
  void aNewChannelIsFoundThoughOthersOpenFiles(int times, int expectedListings) throws Exception {
    AtomicInteger openings = new AtomicInteger();
    List<SocketChannel> channels = new ArrayList<>();
    FileDescriptors.Opened opened =
        descriptors.open(() -> {
          if (openings.getAndIncrement() < times) {
            open.add(new RandomAccessFile("/dev/null", "r"));
          }
          channels.add(SocketChannel.open());
          return channels.getLast();
        });
    open.add(opened.channel());
    assertThat(listings).hasValue(expectedListings);
    assertThat(opened.channel()).isSameAs(channels.getLast());
    assertThat(opened.channel().isOpen()).isTrue();
    assertThat(channels.subList(0, channels.size() - 1)).noneMatch(SocketChannel::isOpen);
    assertThat(descriptors.of(opened.channel()).fd()).isEqualTo(opened.socket().fd());
    assertThat(new FileDescriptors(NativeAccess.libc(), counting).of(opened.channel()).fd())
        .isEqualTo(opened.socket().fd());
    assertThat(opened.channel().getOption(StandardSocketOptions.SO_LINGER)).isEqualTo(-1);
  }

  @Test
  void whatCannotBeOpenedSaysSo() {
    assertThatThrownBy(() ->
            descriptors.open(() -> {
              throw new IOException("no room");
            }))
        .hasMessage("no room");
  }
}
