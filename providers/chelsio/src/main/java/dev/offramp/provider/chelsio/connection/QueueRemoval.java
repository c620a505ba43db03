package dev.offramp.provider.chelsio.connection;

import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.Reply;
import dev.offramp.spi.RnicException;

/**
 * Takes a connection's queues back, the work queues first: the chip keeps a completion queue as
 * long as one delivers to it. What the chip does not confirm stays allocated until the adapter is
 * closed, as it might still be written. Under the connection's lock; never waits.
 */
final class QueueRemoval {
  /** Firmware that is busy says so and can be asked again. */
  private static final int TRIES = 3;

  private final Adapter adapter;
  private final Serial serial;
  private final Answers answers;
  private final WorkQueues queues;
  private final Holdings holdings;
  private final Runnable onOver;
  private int tries;

  /** How far it is. */
  private enum Stage {
    WORK_QUEUES,
    COMPLETION_QUEUE
  }

  private interface Request {
    Reply post() throws RnicException;
  }

  /**
   * Does nothing yet.
   *
   * @param onOver called under the lock when there is nothing left to do
   */
  QueueRemoval(
      Adapter adapter,
      Serial serial,
      Answers answers,
      WorkQueues queues,
      Holdings holdings,
      Runnable onOver) {
    this.adapter = adapter;
    this.serial = serial;
    this.answers = answers;
    this.queues = queues;
    this.holdings = holdings;
    this.onOver = onOver;
  }

  /** Begins; the connection has left the chip. */
  void start() {
    if (adapter.failure() != null) {
      free();
    } else if (queues.mayHaveWorkQueues()) {
      ask(Stage.WORK_QUEUES);
    } else if (queues.mayHaveCompletionQueue()) {
      ask(Stage.COMPLETION_QUEUE);
    } else {
      free();
    }
  }

  /** The chip has not let go of the connection: all stays allocated for now. */
  void quarantine() {
    adapter.giveBackAtEnd(() -> {
      queues.free();
      holdings.release();
    });
    onOver.run();
  }

  private void ask(Stage stage) {
    Request request =
        stage == Stage.WORK_QUEUES ? queues::resetWorkQueues : queues::resetCompletionQueue;
    try {
      answers.after(request.post(), outcome -> answered(stage, outcome));
    } catch (RnicException e) {
      adapter.context().logger().log(System.Logger.Level.DEBUG, "queues stay allocated", e);
      notConfirmed();
    }
  }

  private void answered(Stage stage, Answers.Outcome outcome) {
    switch (outcome) {
      case DONE -> {
        tries = 0;
        if (stage == Stage.WORK_QUEUES) {
          ask(Stage.COMPLETION_QUEUE);
        } else {
          free();
        }
      }
      case REFUSED -> {
        tries++;
        if (tries < TRIES) {
          ask(stage);
        } else {
          notConfirmed();
        }
      }
      case NONE -> notConfirmed();
    }
  }

  private void notConfirmed() {
    if (adapter.failure() != null) {
      free();
    } else {
      adapter
          .context()
          .logger()
          .log(
              System.Logger.Level.WARNING,
              "device [%s] does not confirm that send queue [%d] is gone; its memory stays"
                      .formatted(adapter.context().device().name(), queues.sendId())
                  + " allocated until the device is closed");
      quarantine();
    }
  }

  private void free() {
    adapter.unregisterQueues(queues.sendId(), queues.completionId());
    queues.free();
    // Who waits for an entry of a table has locked it, and may need this thread for the answer.
    adapter
        .loop()
        .execute(() -> {
          holdings.release();
          serial.submit(onOver);
        });
  }
}
