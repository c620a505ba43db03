package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicCapabilities;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Defects that are one function long. */
final class Defects {
  private Defects() {}

  /** The descriptor is taken for another one. */
  static Supplier<Defect> arriving(UnaryOperator<IwarpConnectionDescriptor> change) {
    return () ->
        new Defect() {
          @Override
          IwarpConnectionDescriptor arriving(IwarpConnectionDescriptor descriptor) {
            return change.apply(descriptor);
          }
        };
  }

  /** The stream port is asked for another connection. */
  static Supplier<Defect> preparing(UnaryOperator<IwarpConnectionDescriptor> change) {
    return () ->
        new Defect() {
          @Override
          IwarpConnectionDescriptor preparing(IwarpConnectionDescriptor descriptor) {
            return change.apply(descriptor);
          }
        };
  }

  /** Segments of some kind go out changed. */
  static Supplier<Defect> out(Predicate<byte[]> which, UnaryOperator<byte[]> change) {
    return outs(() -> ulpdu -> List.of(which.test(ulpdu) ? change.apply(ulpdu) : ulpdu));
  }

  /** Segments go out as others; made anew for each connection. */
  static Supplier<Defect> outs(Supplier<Function<byte[], List<byte[]>>> changes) {
    return stream(d -> {
      Function<byte[], List<byte[]>> change = changes.get();
      return new StreamEdit() {
        @Override
        boolean editsOutput() {
          return true;
        }

        @Override
        List<byte[]> out(byte[] ulpdu) {
          return change.apply(ulpdu);
        }
      };
    });
  }

  /** Segments of some kind are read as others. */
  static Supplier<Defect> in(Predicate<byte[]> which, UnaryOperator<byte[]> change) {
    return ins(() -> ulpdu -> List.of(which.test(ulpdu) ? change.apply(ulpdu) : ulpdu));
  }

  /** Segments are read as others; made anew for each connection. */
  static Supplier<Defect> ins(Supplier<Function<byte[], List<byte[]>>> changes) {
    return stream(d -> {
      Function<byte[], List<byte[]>> change = changes.get();
      return new StreamEdit() {
        @Override
        boolean editsInput() {
          return true;
        }

        @Override
        List<byte[]> in(byte[] ulpdu) {
          return change.apply(ulpdu);
        }
      };
    });
  }

  /** FPDUs are framed in another way. */
  static Supplier<Defect> framed(BiFunction<Boolean, Boolean, FpduMaker> makers) {
    return stream(d ->
        new StreamEdit() {
          @Override
          boolean editsOutput() {
            return true;
          }

          @Override
          FpduMaker maker(boolean crc, boolean markers) {
            return makers.apply(crc, markers);
          }
        });
  }

  static Supplier<Defect> stream(Function<IwarpConnectionDescriptor, StreamEdit> edits) {
    return () ->
        new Defect() {
          @Override
          StreamEdit stream(IwarpConnectionDescriptor descriptor) {
            return edits.apply(descriptor);
          }
        };
  }

  static Supplier<Defect> capabilities(UnaryOperator<RnicCapabilities> change) {
    return () ->
        new Defect() {
          @Override
          RnicCapabilities capabilities(RnicCapabilities honest) {
            return change.apply(honest);
          }
        };
  }

  static Supplier<Defect> mpa(UnaryOperator<MpaResult> change) {
    return () ->
        new Defect() {
          @Override
          MpaResult mpa(MpaResult honest) {
            return change.apply(honest);
          }
        };
  }

  static Supplier<Defect> completions(Function<Completion, List<Completion>> change) {
    return () ->
        new Defect() {
          @Override
          List<Completion> completions(Completion honest) {
            return change.apply(honest);
          }
        };
  }

  static Supplier<Defect> end(UnaryOperator<StreamEnd> change) {
    return () ->
        new Defect() {
          @Override
          StreamEnd end(StreamEnd honest) {
            return change.apply(honest);
          }
        };
  }

  static Supplier<Defect> connection(
      BiFunction<WrongConnection, DriverContext, RdmaConnection> change) {
    return () ->
        new Defect() {
          @Override
          RdmaConnection connection(RdmaConnection honest, DriverContext context) {
            return honest instanceof WrongConnection known ? change.apply(known, context) : honest;
          }
        };
  }
}
