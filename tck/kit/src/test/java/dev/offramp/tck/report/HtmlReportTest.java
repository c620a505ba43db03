package dev.offramp.tck.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.tck.report.Finding.Line;
import dev.offramp.tck.rule.RuleCatalogue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page is whole, self-contained, and lets nothing of the vendor's text become markup. */
final class HtmlReportTest {
  private static final Pattern OUTSIDE = Pattern.compile("(?i)(src|href)=\"(?!#)|url\\(|@import");

  @Test
  void everyRuleIsThereAndNothingIsFetched() {
    String page = HtmlReport.of(SampleReports.shard(1, 1, SampleReports.passing()));
    RuleCatalogue.all()
        .forEach(rule -> assertThat(page).containsOnlyOnce("id=\"" + rule.id() + "\""));
    assertThat(page).contains("<h1>COMPLIANT</h1>");
    assertThat(OUTSIDE.matcher(page).find()).isFalse();
  }

  @Test
  void aFindingHasItsPage() {
    List<ExperimentResult> results = new ArrayList<>(SampleReports.passing());
    results.add(SampleReports.broken("L12", "<script>alert('24 bits')</script>"));
    String page = HtmlReport.of(SampleReports.shard(1, 1, results));
    assertThat(page)
        .contains("<h1>NOT COMPLIANT</h1>")
        .contains("id=\"finding-0\"", "href=\"#finding-0\"")
        .contains("&lt;script&gt;alert(&#39;24 bits&#39;)&lt;/script&gt;")
        .doesNotContain("<script>alert", "<b>&lt;b&gt;")
        .contains("001122<b>33</b>", "001122<b>44</b>")
        .contains("offramp tck run acme.jar --rule L12 --seed 1");
  }

  @Test
  void octetsAreComparedInTheirPlaces() {
    assertThat(HtmlTraces.hex("0011223344", "0011ff33")).isEqualTo("0011<b>22</b>33 <b>44</b>");
    assertThat(HtmlTraces.hex("0011", "0011")).isEqualTo("0011");
  }

  @Test
  void linesOfTwoTracesFindTheirLikes() {
    Line a = new Line("REGISTER_WRITE", "bar 0, 0x10", "01", "");
    Line b = new Line("DMA", "slab 0", "02", "");
    Line other = new Line("DMA", "slab 0", "03", "");
    Line c = new Line("SENT", "", "04", "");
    assertThat(TraceAlignment.of(List.of(a, b, c), List.of(a, a, other, c)))
        .extracting(TraceAlignment.Row::differs)
        .containsExactly(false, true, true, false);
    assertThat(TraceAlignment.of(List.of(), List.of(a))).hasSize(1);
  }

  @Test
  void theProvenanceMapIsDrawnAndKept() throws IOException {
    List<String> bits = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      bits.add(i < 8 ? "" : i < 24 ? "delegated.sndNxt" : "constant.mss,delegated.rcvNxt");
    }
    ProvenanceRow row = new ProvenanceRow("DMA <slab 1>", "0011223344", bits);
    ExperimentResult mapped =
        new ExperimentResult(
            "noninterference",
            "t6",
            1,
            "CONTRACT",
            1,
            Map.of(),
            Map.of(),
            List.of(),
            List.of(),
            List.of(row));
    List<ExperimentResult> results = new ArrayList<>(SampleReports.passing());
    results.add(mapped);
    Report report = SampleReports.shard(1, 1, results);
    String page = HtmlReport.of(report);
    assertThat(page)
        .contains("<h2>Provenance map</h2>", "DMA &lt;slab 1&gt;")
        .contains("octet 0, bit 7: constant", "octet 1, bit 7: delegated.sndNxt")
        .contains("octet 4, bit 0: constant.mss, delegated.rcvNxt");
    assertThat(page.split("<rect ", -1)).hasSize(41);
    assertThat(Report.read(Json.pretty(report.toMap())).comparable())
        .isEqualTo(report.comparable());
  }
}
