package dev.offramp.runtime.move;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A stopped connection that leaves for another process with the completions, too, that an earlier
 * move had brought here and nobody has polled. For one thread.
 */
final class DepartureWithCarried implements Departure {
  private final Departure owner;
  private final IwarpConnectionDescriptor descriptor;
  private final Consumer<List<Completion>> giveBack;
  private List<Completion> carried;

  private DepartureWithCarried(
      Departure owner,
      IwarpConnectionDescriptor descriptor,
      List<Completion> carried,
      Consumer<List<Completion>> giveBack) {
    this.owner = owner;
    this.descriptor = descriptor;
    this.carried = carried;
    this.giveBack = giveBack;
  }

  /**
   * A departure; {@code owner} itself when there is nothing to carry.
   *
   * @param carried completions that nobody can poll here any more
   * @param giveBack lets them be polled here again
   */
  static Departure of(
      Departure owner, List<Completion> carried, Consumer<List<Completion>> giveBack) {
    if (carried.isEmpty()) {
      return owner;
    }
    IwarpConnectionDescriptor known = owner.descriptor();
    List<Completion> all = new ArrayList<>(carried);
    all.addAll(Unpolled.of(known));
    return new DepartureWithCarried(
        owner,
        known.toBuilder()
            .present(DescriptorFields.COMPLETIONS, all, "those of earlier owners first")
            .build(),
        carried,
        giveBack);
  }

  @Override
  public IwarpConnectionDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public void steerAway() throws TransferException {
    owner.steerAway();
  }

  @Override
  public void steerBack() throws TransferException {
    owner.steerBack();
  }

  @Override
  public void release() {
    owner.release();
    carried = List.of();
  }

  /** They come before what the owner has: so they are back before that goes on. */
  @Override
  public void resume() throws TransferException {
    returnCarried();
    owner.resume();
  }

  @Override
  public void close() throws TransferException {
    returnCarried();
    owner.close();
  }

  private void returnCarried() {
    List<Completion> back = carried;
    carried = List.of();
    giveBack.accept(back);
  }
}
