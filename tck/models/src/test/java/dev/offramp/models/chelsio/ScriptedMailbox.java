package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

/** Firmware commands, register by register. */
final class ScriptedMailbox {
  static final int READ = 1 << 22;
  static final int WRITE = 1 << 21;
  static final int EXEC = 1 << 20;
  static final int ALLOC = 1 << 31;
  static final int FREE = 1 << 30;

  private static final int DATA = 0x1B240;
  private static final int CONTROL = 0x1B280;
  private static final int VALID = 8;
  private static final int BY_FIRMWARE = 1;
  private static final int BY_DRIVER = 2;

  private final Board board;

  ScriptedMailbox(Board board) {
    this.board = board;
  }

  /** A command's first two words. */
  static Raw command(int opcode, int access, int options, int bytes) {
    return Raw.of(64).u32(0, opcode << 24 | 1 << 23 | access).u32(4, options | bytes / 16);
  }

  /** Sends one that must succeed, and returns its answer. */
  Raw execute(Raw command) {
    Raw answer = answer(command);
    assertThat(answer.u8(6)).as("retval of %s", answer).isZero();
    return answer;
  }

  /** Sends one and returns what firmware answers. */
  Raw answer(Raw command) {
    assertThat(board.model().read32(0, CONTROL)).isEqualTo(BY_DRIVER);
    for (int i = 0; i < 8; i++) {
      board.model().write64(0, DATA + 8 * i, command.u64(8 * i));
    }
    board.write32(0, CONTROL, VALID | BY_FIRMWARE);
    board.await(
        "answer of firmware", () -> board.model().read32(0, CONTROL) == (VALID | BY_DRIVER));
    Raw answer = Raw.of(64);
    for (int i = 0; i < 8; i++) {
      answer.u64(8 * i, board.model().read64(0, DATA + 8 * i));
    }
    board.write32(0, CONTROL, 0);
    assertThat(answer.u8(0)).isEqualTo(command.u8(0));
    return answer;
  }

  /** One parameter. */
  int parameter(int kind, int number) {
    return execute(command(0x08, READ, 0, 64).u32(8, kind << 24 | number << 16)).u32(12);
  }
}
