package dev.offramp.runtime.model;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What an owner does within one call: each step at once, and the network between two steps. */
enum Step {
  /** The old owner's socket is in repair: from here on it dies without a word. */
  FREEZE_OLD,
  /** It drops all input. */
  FENCE_OLD,
  /** Nothing more is sent by it, but what it repeats. */
  CLOSE_WINDOW_OLD,
  /** Its state is read. */
  DESCRIBE,
  /** The state is put in at the new owner, fenced and in repair. */
  INSTALL_NEW,
  /** RSTs of the 4-tuple are swallowed at the NIC. */
  GUARD_UP,
  GUARD_DOWN,
  /** The peer's segments reach the new owner's place. */
  STEER_TO_NEW,
  STEER_TO_OLD,
  /** The application's preparation: nothing that the network sees. */
  PREPARE,
  /** The old socket is gone, without a segment. */
  DESTROY_OLD,
  /** The new one hears and speaks. */
  UNFENCE_NEW,
  /** The new socket is gone, without a segment. */
  DISCARD_NEW,
  /** The old one hears and speaks again. */
  THAW_OLD;

  /** The steps of each call, for a direction. */
  static Map<Program.Call, List<Step>> hostToNic() {
    Map<Program.Call, List<Step>> steps = new EnumMap<>(Program.Call.class);
    steps.put(Program.Call.DEPART, List.of(FREEZE_OLD, FENCE_OLD, CLOSE_WINDOW_OLD, DESCRIBE));
    steps.put(Program.Call.ARRIVE, List.of(INSTALL_NEW, GUARD_UP, STEER_TO_NEW));
    steps.put(Program.Call.PREPARE, List.of(PREPARE));
    steps.put(Program.Call.STEER_AWAY, List.of());
    steps.put(Program.Call.RELEASE, List.of(DESTROY_OLD));
    steps.put(Program.Call.ACTIVATE, List.of(UNFENCE_NEW, GUARD_DOWN));
    steps.put(Program.Call.STEER_BACK, List.of());
    steps.put(Program.Call.ABANDON, List.of(DISCARD_NEW, STEER_TO_OLD, GUARD_DOWN));
    steps.put(Program.Call.RESUME, List.of(THAW_OLD));
    return steps;
  }

  static Map<Program.Call, List<Step>> nicToHost() {
    Map<Program.Call, List<Step>> steps = new EnumMap<>(Program.Call.class);
    steps.put(
        Program.Call.DEPART, List.of(GUARD_UP, FREEZE_OLD, FENCE_OLD, CLOSE_WINDOW_OLD, DESCRIBE));
    steps.put(Program.Call.ARRIVE, List.of(INSTALL_NEW));
    steps.put(Program.Call.PREPARE, List.of(PREPARE));
    steps.put(Program.Call.STEER_AWAY, List.of(STEER_TO_NEW, GUARD_DOWN));
    steps.put(Program.Call.RELEASE, List.of(DESTROY_OLD));
    steps.put(Program.Call.ACTIVATE, List.of(UNFENCE_NEW));
    steps.put(Program.Call.STEER_BACK, List.of(GUARD_UP, STEER_TO_OLD));
    steps.put(Program.Call.ABANDON, List.of(DISCARD_NEW));
    steps.put(Program.Call.RESUME, List.of(THAW_OLD, GUARD_DOWN));
    return steps;
  }
}
