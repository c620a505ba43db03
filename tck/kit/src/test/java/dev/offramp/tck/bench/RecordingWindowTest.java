package dev.offramp.tck.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.models.Faults;
import dev.offramp.models.ModelWindow;
import dev.offramp.models.intel.X722Factory;
import dev.offramp.tck.trace.Trace;
import dev.offramp.tck.trace.TraceEvent;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RecordingWindowTest {
  private final Conductor conductor = new Conductor(30);
  private final Trace trace = new Trace(conductor::now);

  @AfterEach
  void close() {
    conductor.close();
  }

  private RecordingWindow window(boolean gone) {
    KitLink link = new KitLink(trace, conductor, new Wires(), Faults.NONE);
    Faults faults = place -> gone && place.equals(ModelWindow.GONE) ? 1 : Faults.NO_FAULT;
    ModelWindow model =
        new ModelWindow(new X722Factory(), conductor.deviceLoop(), link, conductor::look, faults);
    return new RecordingWindow(model, trace, conductor, /* agreeable= */ false);
  }

  /** A model is reset on its loop, which runs when somebody has the baton: here the call. */
  @Test
  void aCallMayResetTheDevice() throws Exception {
    RecordingWindow window = window(false);
    assertThat(conductor.call("reset", window::reset)).isTrue();
    requireTold("done");
  }

  @Test
  void soMayTheTaskOfAnEventLoop() {
    RecordingWindow window = window(false);
    AtomicBoolean done = new AtomicBoolean();
    conductor.next().execute(() -> done.set(window.reset()));
    conductor.settle(0);
    assertThat(conductor.taskFailures()).isEmpty();
    assertThat(done).isTrue();
    requireTold("done");
  }

  @Test
  void oneThatIsGoneIsNotReset() throws Exception {
    RecordingWindow window = window(true);
    assertThat(conductor.call("reset", window::reset)).isFalse();
    requireTold("not to be had");
  }

  private void requireTold(String outcome) {
    assertThat(trace.events())
        .filteredOn(TraceEvent::isOutput)
        .singleElement()
        .satisfies(event -> {
          assertThat(event.kind()).isEqualTo(TraceEvent.Kind.RESET);
          assertThat(event.text()).isEqualTo(outcome);
        });
  }
}
