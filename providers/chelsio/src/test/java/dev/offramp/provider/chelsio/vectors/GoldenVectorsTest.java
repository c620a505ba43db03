package dev.offramp.provider.chelsio.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Replays what the vendor's own drivers make of many values through the production encoders and
 * decoders. {@code -Dvectors.dir=DIR} names a directory with other vectors, from the root of the
 * project on, one JSON object a line: {@code structure}, {@code in}, {@code out}.
 */
class GoldenVectorsTest {
  private static final String PREFIX = "chelsio.";

  /** All structures in this file count as listed. */
  private static final String FROM_CHIP_FILE = "chelsio.cpl_from_chip.jsonl";

  /** What must be bound, and must have vectors in the tree. */
  private static final List<String> LISTED =
      List.of(
          "fw_ofld_connection_wr",
          "opt0",
          "opt2",
          "cxgb_best_mtu",
          "cxgb_compute_wscale",
          "set_emss",
          "cpl_set_tcb_field",
          "cpl_set_tcb_field_cookie",
          "ulp_txpkt_set_tcb_field",
          "tcb_field_update",
          "cpl_get_tcb",
          "cpl_l2t_write_req",
          "send_flowc",
          "fw_flowc_wr",
          "send_mpa_req",
          "send_mpa_reply",
          "update_rx_credits",
          "cpl_rx_data_ack",
          "fw_ri_res_wr_qp",
          "fw_ri_res_wr_cq",
          "fw_ri_wr_init",
          "fw_ri_wr_fini",
          "fw_ri_wr_terminate",
          "fw_ri_rdma_write_wr",
          "fw_ri_send_wr",
          "fw_ri_rdma_read_wr",
          "fw_ri_recv_wr",
          "fw_ri_inv_lstag_wr",
          "sq_ring_send",
          "write_tpt_entry",
          "cpl_close_con_req",
          "cpl_abort_req",
          "cpl_abort_rpl",
          "cpl_tid_release",
          "bar2_kdoorbell_sq",
          "bar2_wc_doorbell",
          "bar2_gts_arm_cq",
          "t4_cqe",
          "cpl_fw4_ack",
          "cpl_fw6_msg_wr_rpl",
          "cpl_fw6_msg_ofld_connection_wr_rpl",
          "cpl_fw6_msg_cqe",
          "cpl_act_establish",
          "cpl_pass_establish",
          "cpl_act_open_rpl",
          "cpl_abort_req_rss",
          "cpl_abort_req_rss6",
          "cpl_abort_rpl_rss6",
          "cpl_peer_close",
          "cpl_close_con_rpl",
          "cpl_set_tcb_rpl",
          "cpl_rdma_terminate",
          "cpl_rx_data",
          "rss_header",
          "cpl_get_tcb_rpl");

  private static final int MAX_SHOWN = 20;

  private final Map<String, Binding> bindings = bindings();
  private final Map<String, Tally> tallies = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();

  private static final class Tally {
    private int passed;
    private int failed;
  }

  @Test
  void productionCodeMakesTheVendorsBytes() throws IOException {
    @Nullable String named = System.getProperty("vectors.dir");
    Path directory =
        named == null ? inTree() : Path.of(System.getProperty("vectors.base", ".")).resolve(named);
    LISTED.forEach(structure -> tallies.put(structure, new Tally()));
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
    }
    assertThat(files).as("vector files in [%s]", directory).isNotEmpty();
    for (Path file : files) {
      replay(file);
    }
    report(named == null);
    assertThat(failures).isEmpty();
  }

  private void replay(Path file) throws IOException {
    int line = 0;
    for (String text : Files.readAllLines(file)) {
      line++;
      if (!text.isBlank()) {
        String place = file.getFileName() + ":" + line;
        Map<String, Object> json = JSON.std.mapFrom(text);
        String structure = String.valueOf(json.get("structure"));
        if (structure.startsWith(PREFIX)) {
          replay(
              structure.substring(PREFIX.length()),
              new Vector(json, place),
              file.endsWith(FROM_CHIP_FILE));
        }
      }
    }
  }

  private void replay(String structure, Vector vector, boolean mustBeBound) {
    Tally tally = tallies.computeIfAbsent(structure, name -> new Tally());
    Binding binding = bindings.get(structure);
    if (binding == null) {
      tally.failed++;
      if (mustBeBound || LISTED.contains(structure)) {
        fail(vector, "no binding");
      }
      return;
    }
    Optional<String> difference = difference(binding, vector);
    if (difference.isPresent()) {
      tally.failed++;
      fail(vector, difference.get());
    } else {
      tally.passed++;
    }
  }

  private static Optional<String> difference(Binding binding, Vector vector) {
    try {
      return binding.difference(vector);
    } catch (RuntimeException | AssertionError e) {
      return Optional.of(e.toString());
    }
  }

  private void fail(Vector vector, String what) {
    failures.add(vector.place() + " " + vector.structure() + ": " + what);
  }

  @SuppressWarnings("SystemOut") // the figures are what people run this for
  private void report(boolean everyListedHasSome) {
    tallies.forEach((structure, tally) -> {
      if (bindings.containsKey(structure)) {
        System.out.printf("%s: %d passed, %d failed%n", structure, tally.passed, tally.failed);
      } else {
        System.out.printf("%s: not bound (%d vectors)%n", structure, tally.failed);
      }
      if (LISTED.contains(structure)) {
        if (!bindings.containsKey(structure)) {
          failures.add(structure + ": listed, and without binding");
        } else if (everyListedHasSome && tally.passed + tally.failed == 0) {
          failures.add(structure + ": listed, and without vectors");
        }
      }
    });
    if (failures.size() > MAX_SHOWN) {
      int more = failures.size() - MAX_SHOWN;
      failures.subList(MAX_SHOWN, failures.size()).clear();
      failures.add("and " + more + " more");
    }
  }

  private static Map<String, Binding> bindings() {
    Map<String, Binding> all = new HashMap<>();
    all.putAll(TcpToChip.bindings());
    all.putAll(RdmaToChip.bindings());
    all.putAll(FromChip.bindings());
    return Map.copyOf(all);
  }

  private static Path inTree() {
    URL resource =
        Objects.requireNonNull(
            GoldenVectorsTest.class.getResource("/vectors/" + FROM_CHIP_FILE), FROM_CHIP_FILE);
    try {
      return Path.of(resource.toURI()).resolve("..").normalize();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** The set is what it says: nothing is bound twice. */
  @Test
  void everyStructureIsBoundOnce() {
    Set<String> bound = bindings.keySet();
    assertThat(bound)
        .hasSize(
            TcpToChip.bindings().size() + RdmaToChip.bindings().size() + FromChip.bindings().size())
        .containsAll(LISTED);
  }
}
