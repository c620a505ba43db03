package dev.offramp.api.descriptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;

final class OctetsTest {
  @Test
  void copiesInAndOut() {
    byte[] given = {1, 2, 3};
    Octets octets = Octets.copyOf(given);
    given[0] = 9;
    octets.toByteArray()[1] = 9;
    assertThat(octets.toByteArray()).containsExactly(1, 2, 3);
    assertThat(octets.length()).isEqualTo(3);
    assertThat(octets.isEmpty()).isFalse();
  }

  @Test
  void viewsCannotWriteAndDoNotShareAPosition() {
    Octets octets = Octets.copyOf(new byte[] {1, 2, 3});
    ByteBuffer view = octets.asByteBuffer();
    view.get();
    assertThatThrownBy(() -> view.put((byte) 9)).isInstanceOf(ReadOnlyBufferException.class);
    assertThat(octets.asByteBuffer().remaining()).isEqualTo(3);
  }

  @Test
  void copyOfBufferTakesWhatRemains() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(8).put(new byte[] {1, 2, 3, 4}).flip();
    buffer.position(1).limit(3);
    assertThat(Octets.copyOf(buffer).toByteArray()).containsExactly(2, 3);
    assertThat(buffer.position()).isEqualTo(1);
    buffer.position(3);
    assertThat(Octets.copyOf(buffer)).isSameAs(Octets.empty());
  }

  @Test
  void concatenates() {
    Octets one = Octets.copyOf(new byte[] {1});
    Octets two = Octets.copyOf(new byte[] {2, 3});
    assertThat(one.concat(two).toByteArray()).containsExactly(1, 2, 3);
    assertThat(one.concat(Octets.empty())).isSameAs(one);
    assertThat(Octets.empty().concat(two)).isSameAs(two);
    assertThat(one.toByteArray()).containsExactly(1);
  }

  @Test
  void equalByContent() {
    Octets one = Octets.copyOf(new byte[] {1, 2});
    assertThat(one).isEqualTo(Octets.copyOf(new byte[] {1, 2}));
    assertThat(one).hasSameHashCodeAs(Octets.copyOf(new byte[] {1, 2}));
    assertThat(one).isNotEqualTo(Octets.copyOf(new byte[] {1, 2, 0}));
    assertThat(Octets.copyOf(new byte[0])).isSameAs(Octets.empty());
  }

  @Test
  void showsLengthAndBeginning() {
    assertThat(Octets.empty()).hasToString("0 bytes");
    assertThat(Octets.copyOf(new byte[] {(byte) 0xAB, 1})).hasToString("2 bytes ab01");
    assertThat(Octets.copyOf(new byte[17])).hasToString("17 bytes " + "00".repeat(16) + "…");
  }
}
