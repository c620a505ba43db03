package dev.offramp.cli.docs;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.Faults;
import dev.offramp.models.Link;
import dev.offramp.models.ModelWindow;
import dev.offramp.runtime.device.Adapters;
import dev.offramp.spi.port.EventLoop;

/** The code of docs/vendor.md that is not the example driver's own. */
final class VendorSnippets {
  private VendorSnippets() {}

  static void plugIn(AdapterModelFactory acme, EventLoop loop, Link link) {
    try (ModelWindow window = new ModelWindow(acme, loop, link, System::nanoTime, Faults.NONE);
        Adapters.Registration adapter = Adapters.provide(window.device(), window);
        Offramp offramp =
            Offramp.open(OfframpOptions.builder().rnic(adapter.device().name()).build())) {
      // offramp.offload(tcp, mpa) moves connections onto it; afterwards nothing may be left:
      System.out.println(adapter.device() + ": " + window.memory().leaks() + offramp.counters());
    }
  }
}
