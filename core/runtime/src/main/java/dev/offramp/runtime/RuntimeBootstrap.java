package dev.offramp.runtime;

import com.google.inject.Guice;
import com.google.inject.Stage;
import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpBootstrap;
import dev.offramp.api.OfframpOptions;

/** What {@link Offramp#open()} finds. */
public final class RuntimeBootstrap implements OfframpBootstrap {
  static {
    // Guice would generate classes through sun.misc.Unsafe, which a JDK 25 warns about on stderr.
    if (System.getProperty("guice_bytecode_gen_option") == null) {
      System.setProperty("guice_bytecode_gen_option", "DISABLED");
    }
  }

  /** For ServiceLoader. */
  public RuntimeBootstrap() {}

  @Override
  public Offramp open(OfframpOptions options) {
    return Guice.createInjector(Stage.DEVELOPMENT, new RuntimeModule(options))
        .getInstance(DefaultOfframp.class);
  }
}
