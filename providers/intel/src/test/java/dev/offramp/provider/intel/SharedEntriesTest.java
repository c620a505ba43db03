package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The first user adds, the last one removes, and what could not be added has no user. */
final class SharedEntriesTest {
  private final List<String> told = new ArrayList<>();
  private boolean refuses;

  private final SharedEntries entries =
      new SharedEntries(
          new SharedEntries.Table() {
            @Override
            public int add(long key) throws IOException {
              if (refuses) {
                throw new IOException("the table is full");
              }
              told.add("add " + key);
              return told.size();
            }

            @Override
            public void remove(int place, long key) {
              told.add("remove " + key + " at " + place);
            }
          });

  @Test
  void usersShareAnEntry() throws Exception {
    assertThat(entries.use(7)).isEqualTo(1);
    assertThat(entries.use(7)).isEqualTo(1);
    assertThat(entries.use(8)).isEqualTo(2);
    entries.release(7);
    assertThat(entries.count()).isEqualTo(2);
    entries.release(7);
    entries.release(7);
    assertThat(entries.count()).isEqualTo(1);
    assertThat(told).containsExactly("add 7", "add 8", "remove 7 at 1");
  }

  @Test
  void whatIsRefusedIsNotThere() {
    refuses = true;
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> entries.use(7));
    assertThat(entries.count()).isZero();
  }
}
