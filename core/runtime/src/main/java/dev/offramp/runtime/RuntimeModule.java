package dev.offramp.runtime;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.offramp.api.OfframpOptions;
import dev.offramp.linux.HostStack;
import dev.offramp.runtime.driver.DriverRegistry;
import dev.offramp.runtime.journal.TransferJournal;
import dev.offramp.runtime.loop.NioEventLoops;
import dev.offramp.runtime.stream.ResidentStack;
import dev.offramp.runtime.transfer.GuardedListener;
import dev.offramp.runtime.transfer.TransferCoordinator;

/** How the parts of one {@link dev.offramp.api.Offramp} fit together. */
final class RuntimeModule extends AbstractModule {
  private final OfframpOptions options;

  RuntimeModule(OfframpOptions options) {
    this.options =
        new OfframpOptions(
            options.rnic(),
            options.acceptedLosses(),
            options.drainTimeout(),
            options.settings(),
            GuardedListener.of(options.listener()));
  }

  @Override
  protected void configure() {
    binder().requireExplicitBindings();
    bind(OfframpOptions.class).toInstance(options);
    bind(DefaultOfframp.class);
    bind(RnicFactory.class);
  }

  @Provides
  @Singleton
  NioEventLoops eventLoops() {
    return new NioEventLoops();
  }

  @Provides
  @Singleton
  DriverRegistry drivers() {
    return new DriverRegistry();
  }

  @Provides
  @Singleton
  ResidentStack residentStack() {
    return new ResidentStack();
  }

  @Provides
  @Singleton
  HostStack hostStack() {
    return HostStacks.create(options.listener(), options.settings());
  }

  @Provides
  TransferCoordinator coordinator(TransferJournal journal) {
    return new TransferCoordinator(options.acceptedLosses(), options.listener(), journal);
  }

  /**
   * As the settings say; an application that asks for a journal where there can be none must know.
   */
  @Provides
  @Singleton
  TransferJournal journal() {
    return JournalSettings.open(options.settings());
  }
}
