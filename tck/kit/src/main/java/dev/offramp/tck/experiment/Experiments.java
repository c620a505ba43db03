package dev.offramp.tck.experiment;

import java.util.List;

/** All experiments, in the order in which they run. */
public final class Experiments {
  private static final List<Experiment> ALL =
      List.of(
          new ContractExperiment(),
          new AdmissionExperiment(),
          new ArrivalExperiment(),
          new FaultsExperiment(),
          new PrivateDataExperiment(),
          new SendingExperiment(),
          new ReceivingExperiment(),
          new ErrorsExperiment(),
          new SilenceExperiment(),
          new EndingsExperiment(),
          new DepthsExperiment(),
          new SizesExperiment(),
          new StreamsExperiment(),
          new PrefixExperiment(),
          new FramingExperiment(),
          new ExtensionsExperiment(),
          new TruthExperiment(),
          new DepartExperiment(),
          new MidStreamExperiment(),
          new NoninterferenceExperiment(),
          new CollisionExperiment(),
          new CanaryExperiment(),
          new LoopsExperiment(),
          new EnvironmentExperiment(),
          new LexiconExperiment());

  private Experiments() {}

  public static List<Experiment> all() {
    return ALL;
  }
}
