package dev.offramp.runtime.transfer;

import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.runtime.journal.Phase;
import dev.offramp.runtime.journal.TransferJournal;

/** One transfer, told to the journal phase by phase and, when over, to Flight Recorder. */
public final class RecordedTransfer {
  private final TransferJournal.Entry entry;
  private final TransferEvent event = new TransferEvent();

  private RecordedTransfer(TransferJournal.Entry entry) {
    this.entry = entry;
  }

  static RecordedTransfer begin(
      TransferJournal journal, Object local, Object remote, String from, String to) {
    RecordedTransfer transfer = new RecordedTransfer(journal.begin(local, remote, from, to));
    transfer.event.begin();
    if (transfer.event.isEnabled()) {
      transfer.event.local = String.valueOf(local);
      transfer.event.remote = String.valueOf(remote);
      transfer.event.from = from;
      transfer.event.to = to;
    }
    return transfer;
  }

  void reached(Phase phase) {
    entry.reached(phase);
    if (phase.isLast()) {
      commit(phase, "");
    }
  }

  /** It is over, and where the connection is says how. */
  void failed(Whereabouts whereabouts, Throwable why) {
    Phase phase =
        switch (whereabouts) {
          case OLD_OWNER -> Phase.RESUMED;
          case NEW_OWNER -> Phase.ACTIVE;
          case FROZEN -> Phase.FROZEN;
          case LOST -> Phase.LOST;
        };
    entry.reached(phase, why);
    commit(phase, String.valueOf(why.getMessage()));
  }

  private void commit(Phase phase, String why) {
    event.end();
    if (event.shouldCommit()) {
      event.outcome = phase.name();
      event.reason = why;
      event.commit();
    }
  }
}
