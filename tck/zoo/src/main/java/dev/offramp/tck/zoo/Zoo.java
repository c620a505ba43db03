package dev.offramp.tck.zoo;

import java.util.List;
import java.util.stream.Stream;

/** All specimens. */
public final class Zoo {
  private static final List<Specimen> ALL =
      Stream.of(
              AddressingSpecimens.all(),
              SequenceSpecimens.all(),
              NegotiationSpecimens.all(),
              FrameSpecimens.all(),
              EventSpecimens.all(),
              ErrorSpecimens.all(),
              NamingSpecimens.all(),
              MpaSpecimens.all(),
              MpaConductSpecimens.all(),
              DdpSpecimens.all(),
              RdmapSpecimens.all(),
              ExtensionSpecimens.all(),
              CrowdSpecimens.all(),
              SpiSpecimens.all(),
              MidStreamSpecimens.all(),
              FaultSpecimens.all(),
              Honest.all())
          .flatMap(List::stream)
          .toList();

  private Zoo() {}

  /** In a stable order. */
  public static List<Specimen> all() {
    return ALL;
  }
}
