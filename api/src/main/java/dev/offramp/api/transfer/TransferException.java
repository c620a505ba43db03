package dev.offramp.api.transfer;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import java.io.IOException;
import java.io.Serial;
import java.util.List;
import java.util.Optional;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/** Thrown when a connection could not be moved. Says where the connection is now. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class TransferException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final TransferStep step;
  private final Whereabouts whereabouts;
  private final transient List<Refusal> refusals;
  private final transient @Nullable IwarpConnectionDescriptor descriptor;

  /**
   * A failure that is no refusal.
   *
   * @param step what was being done
   * @param whereabouts who owns the connection now
   * @param message what was seen, what was expected, what to do
   * @param cause what the operating system or the device said, if anything
   */
  public TransferException(
      TransferStep step, Whereabouts whereabouts, String message, @Nullable Throwable cause) {
    this(step, whereabouts, message, cause, null);
  }

  private TransferException(
      TransferStep step,
      Whereabouts whereabouts,
      String message,
      @Nullable Throwable cause,
      @Nullable IwarpConnectionDescriptor descriptor) {
    super(step + ": " + message + " (" + whereabouts.sentence() + ")", cause);
    this.step = step;
    this.whereabouts = whereabouts;
    this.refusals = List.of();
    this.descriptor = descriptor;
  }

  private TransferException(TransferStep step, List<Refusal> refusals) {
    super(
        "refused: "
            + String.join("; ", refusals.stream().map(Refusal::toString).toList())
            + " ("
            + Whereabouts.OLD_OWNER.sentence()
            + ")");
    this.step = step;
    this.whereabouts = Whereabouts.OLD_OWNER;
    this.refusals = List.copyOf(refusals);
    this.descriptor = null;
  }

  /** A refusal: nothing was stopped, or all was resumed. */
  public static TransferException refused(TransferStep step, List<Refusal> refusals) {
    return new TransferException(step, refusals);
  }

  /**
   * A connection that was released and that nobody could take: {@link Whereabouts#LOST}, unless the
   * caller lets the descriptor arrive somewhere.
   *
   * @param descriptor the connection as it was released
   * @param message what was seen, what was expected, what to do
   * @param cause what the new owner threw
   */
  public static TransferException lost(
      IwarpConnectionDescriptor descriptor, String message, Throwable cause) {
    return new TransferException(
        TransferStep.ACTIVATE, Whereabouts.LOST, message, cause, descriptor);
  }

  public TransferStep step() {
    return step;
  }

  public Whereabouts whereabouts() {
    return whereabouts;
  }

  /** The typed reasons, when this is a refusal; else empty. Not kept by Java serialization. */
  @SuppressWarnings("ConstantValue") // null after deserialization
  public List<Refusal> refusals() {
    List<Refusal> known = refusals;
    return known == null ? List.of() : known;
  }

  /**
   * What is left of a connection that is {@link Whereabouts#LOST}. As long as the peer waits, an
   * owner that can hold the addresses may take it: {@link StateTransfer#arrive}. The peer of a
   * connection that {@link dev.offramp.api.Offramp} was moving does not wait: it is reset. Empty in
   * every other case, and not kept by Java serialization.
   */
  public Optional<IwarpConnectionDescriptor> descriptor() {
    return Optional.ofNullable(descriptor);
  }
}
