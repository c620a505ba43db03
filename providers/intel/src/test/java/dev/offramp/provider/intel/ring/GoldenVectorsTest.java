package dev.offramp.provider.intel.ring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What Linux' driver irdma produces, byte for byte, against what this driver produces; and what it
 * reads, against what this driver reads. {@code -Dvectors.dir=DIR} replays another directory.
 */
final class GoldenVectorsTest {
  private static final String PREFIX = "irdma.";
  private static final int SHOWN_FAILURES = 5;

  private static final List<String> REQUIRED =
      List.of(
          "qp_ctx",
          "qp_ctx_from_cm",
          "cqp_host_ctx",
          "cqp_create_qp",
          "cqp_modify_qp",
          "cqp_destroy_qp",
          "cqp_upload_context",
          "cqp_flush_wqes",
          "cqp_gen_ae",
          "cqp_suspend_qp",
          "cqp_resume_qp",
          "cqp_create_cq",
          "cqp_create_ceq",
          "cqp_create_aeq",
          "cqp_destroy_cq",
          "cqp_manage_qhash",
          "cqp_add_arp",
          "cqp_del_arp",
          "cqp_manage_apbvt",
          "cqp_alloc_local_mac",
          "cqp_add_local_mac",
          "cqp_del_local_mac",
          "cqp_reg_mr",
          "cqp_alloc_stag",
          "cqp_dealloc_stag",
          "ccq_cqe",
          "ceqe",
          "cqe",
          "aeqe",
          "lsmm",
          "rtt",
          "rq_recv",
          "sq_send",
          "sq_inline_send",
          "sq_write",
          "sq_inline_write",
          "sq_read",
          "sq_local_inv",
          "sq_window_sends",
          "db_wqe_alloc",
          "cq_arm",
          "db_cqp",
          "db_aeq_alloc",
          "mpa_frame_header");

  private final Map<String, Tally> tallies = new TreeMap<>();

  private static final class Tally {
    int passed;
    int failed;
    int notBound;
    final List<String> failures = new ArrayList<>();
  }

  @Test
  void everyVector() throws IOException, URISyntaxException {
    @Nullable Path given = given();
    Path directory = given == null ? inTree() : given;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
        replay(file);
      }
    }
    List<String> wrong = report(given == null);
    assertThat(wrong).as("vectors of %s", directory).isEmpty();
    assertThat(tallies).as("structures in %s", directory).isNotEmpty();
  }

  private static @Nullable Path given() {
    String name = System.getProperty("vectors.dir", "");
    if (name.isEmpty()) {
      return null;
    }
    return Path.of(System.getProperty("vectors.base", ".")).resolve(name);
  }

  private static Path inTree() throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(
                GoldenVectorsTest.class.getResource("/dev/offramp/provider/intel/vectors"))
            .toURI());
  }

  private void replay(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      for (String text : lines.filter(line -> !line.isBlank()).toList()) {
        Map<String, Object> line = JSON.std.mapFrom(text);
        String structure = String.valueOf(line.get("structure"));
        Tally tally = tallies.computeIfAbsent(structure, ignored -> new Tally());
        VectorBindings.@Nullable Binding binding =
            structure.startsWith(PREFIX)
                ? VectorBindings.ALL.get(structure.substring(PREFIX.length()))
                : null;
        if (binding == null) {
          tally.notBound++;
          continue;
        }
        String difference = differenceOf(binding, line);
        if (difference.isEmpty()) {
          tally.passed++;
        } else {
          tally.failed++;
          tally.failures.add(difference + " in " + text);
        }
      }
    }
  }

  private static String differenceOf(VectorBindings.Binding binding, Map<String, Object> line) {
    try {
      return binding.difference(Vector.of(line));
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  /** Prints what was found; gives what is wrong with it. */
  private List<String> report(boolean ofTree) {
    List<String> wrong = new ArrayList<>();
    for (String name : REQUIRED) {
      if (!VectorBindings.ALL.containsKey(name)) {
        wrong.add(name + ": no binding");
      }
      if (ofTree && !tallies.containsKey(PREFIX + name)) {
        wrong.add(name + ": no vectors");
      }
    }
    tallies.forEach((name, tally) -> {
      if (tally.notBound > 0) {
        System.out.printf("%s: not bound, %d left out%n", name, tally.notBound);
      } else {
        System.out.printf("%s: %d passed, %d failed%n", name, tally.passed, tally.failed);
      }
      tally.failures.stream().limit(SHOWN_FAILURES).forEach(f -> wrong.add(name + ": " + f));
    });
    return wrong;
  }
}
