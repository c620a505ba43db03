package dev.offramp.runtime.move;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;

/** What comes of moves, told by whoever carries them out. Must not throw. */
public interface MoveEvents {
  /** For whom nothing is to be done. */
  MoveEvents NONE =
      new MoveEvents() {
        @Override
        public void arrived(MovableConnection connection, IwarpConnectionDescriptor descriptor) {}

        @Override
        public void lost(MovableConnection connection) {}
      };

  /**
   * A connection runs at its new owner; told before its application knows.
   *
   * @param descriptor how it came there
   */
  void arrived(MovableConnection connection, IwarpConnectionDescriptor descriptor);

  /** Nobody has the connection, its TCP included, and its peer does not know. */
  void lost(MovableConnection connection);
}
