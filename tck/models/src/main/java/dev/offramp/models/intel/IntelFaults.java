package dev.offramp.models.intel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the model can be made to fail, for {@link dev.offramp.models.Faults}. A place's answer of 1
 * takes the place's usual failure; where it says "code", any other value is used as it is.
 */
public final class IntelFaults {
  /** Every register reads all ones and takes no writes, from now on. */
  public static final String REGISTERS_ALL_ONES = "intel.registers.all-ones";

  /** The protocol engine stops for good; code: what the critical error register says. */
  public static final String CRITICAL_ERROR = "intel.critical-error";

  /** Bringing the control queue up fails; code: the error code register. */
  public static final String CONTROL_CREATE = "intel.control.create";

  /** Bringing the control queue up never ends. */
  public static final String CONTROL_CREATE_SILENT = "intel.control.create-silent";

  /** The chip takes itself for the other generation, and refuses this one's host context. */
  public static final String CONTROL_GENERATION = "intel.control.generation";

  /** The control queue's doorbell is lost. */
  public static final String CONTROL_DOORBELL = "intel.control.doorbell";

  /** A command is carried out and its completion never comes. */
  public static final String CONTROL_SILENT = "intel.control.silent";

  /** A command is neither carried out nor completed. */
  public static final String CONTROL_IGNORED = "intel.control.ignored";

  /** A command's completion has the valid bit of the last pass. */
  public static final String CONTROL_VALID_BIT = "intel.control.valid-bit";

  /** A command's completion comes twice. */
  public static final String CONTROL_TWICE = "intel.control.twice";

  /** A command's completion names another command. */
  public static final String CONTROL_INDEX = "intel.control.index";

  /** A command's completion has another queue's context. */
  public static final String CONTROL_CONTEXT = "intel.control.context";

  /** The doorbell of a send queue is lost. */
  public static final String DOORBELL = "intel.doorbell";

  /** A completion is lost. */
  public static final String CQE_LOST = "intel.cqe.lost";

  /** A completion has the valid bit of the last pass. */
  public static final String CQE_VALID_BIT = "intel.cqe.valid-bit";

  /** A completion comes twice. */
  public static final String CQE_TWICE = "intel.cqe.twice";

  /** A completion of a QP that is not there. */
  public static final String CQE_DEAD_QP = "intel.cqe.dead-qp";

  /** A completion names a work request beyond the ring. */
  public static final String CQE_INDEX = "intel.cqe.index";

  /** A completion says error; code: major in 31:16, minor in 15:0. */
  public static final String CQE_ERROR = "intel.cqe.error";

  /** A completion has an opcode that nobody knows. */
  public static final String CQE_OPCODE = "intel.cqe.opcode";

  /** A completion finds its queue full. */
  public static final String CQE_OVERFLOW = "intel.cqe.overflow";

  /** A work request completes and an asynchronous event comes; code: which. 1 is 0x700. */
  public static final String EVENT = "intel.event";

  /** An asynchronous event is lost. */
  public static final String EVENT_LOST = "intel.event.lost";

  /** An asynchronous event has the valid bit of the last pass. */
  public static final String EVENT_VALID_BIT = "intel.event.valid-bit";

  /** An asynchronous event is about a QP that is not there. */
  public static final String EVENT_DEAD_QP = "intel.event.dead-qp";

  /** The AEQ is full when an event comes. */
  public static final String EVENT_OVERFLOW = "intel.event.overflow";

  /** A completion event is lost. */
  public static final String CEQE_LOST = "intel.ceqe.lost";

  /** A completion event names a CQ that is not there. */
  public static final String CEQE_CONTEXT = "intel.ceqe.context";

  /** An interrupt is lost. */
  public static final String INTERRUPT = "intel.interrupt";

  /** TCP cannot be given the connection: loading the context fails. */
  public static final String LOAD = "intel.load";

  /** Uploading a context gives the wrong connection's addresses. */
  public static final String UPLOAD_GARBAGE = "intel.upload.garbage";

  private static final String COMMAND = "intel.command.";

  /** Commands that can fail by themselves, and the places' names. */
  private static final Map<Integer, String> COMMANDS = commands();

  private static final List<String> ALL = all();

  private IntelFaults() {}

  /**
   * Every place. The names of commands are {@code intel.command.} and the command's, such as {@code
   * intel.command.modify-qp}: it is not carried out and completes with an error; code: major in
   * 31:16, minor in 15:0, and 1 is ffff/0001.
   */
  public static List<String> places() {
    return ALL;
  }

  /** The place of a command that fails; null when there is no such command. */
  static String ofCommand(int opcode) {
    return COMMANDS.getOrDefault(opcode, COMMAND + "unknown");
  }

  /** The command's name, for people. */
  static String commandName(int opcode) {
    return ofCommand(opcode).substring(COMMAND.length());
  }

  private static Map<Integer, String> commands() {
    Map<Integer, String> names = new TreeMap<>();
    names.put(CommandCodes.CREATE_QP, "create-qp");
    names.put(CommandCodes.MODIFY_QP, "modify-qp");
    names.put(CommandCodes.DESTROY_QP, "destroy-qp");
    names.put(CommandCodes.CREATE_CQ, "create-cq");
    names.put(CommandCodes.DESTROY_CQ, "destroy-cq");
    names.put(CommandCodes.ALLOC_STAG, "alloc-stag");
    names.put(CommandCodes.REG_MR, "reg-mr");
    names.put(CommandCodes.DEALLOC_STAG, "dealloc-stag");
    names.put(CommandCodes.MANAGE_MAC, "manage-mac");
    names.put(CommandCodes.MANAGE_ARP, "manage-arp");
    names.put(CommandCodes.QUERY_FEATURES, "query-features");
    names.put(CommandCodes.UPLOAD_CONTEXT, "upload-context");
    names.put(CommandCodes.ALLOCATE_MAC, "allocate-mac");
    names.put(CommandCodes.CREATE_CEQ, "create-ceq");
    names.put(CommandCodes.DESTROY_CEQ, "destroy-ceq");
    names.put(CommandCodes.CREATE_AEQ, "create-aeq");
    names.put(CommandCodes.DESTROY_AEQ, "destroy-aeq");
    names.put(CommandCodes.UPDATE_PE_SDS, "update-pe-sds");
    names.put(CommandCodes.QUERY_FPM, "query-fpm");
    names.put(CommandCodes.COMMIT_FPM, "commit-fpm");
    names.put(CommandCodes.FLUSH_WQES, "flush-wqes");
    names.put(CommandCodes.MANAGE_APBVT, "manage-apbvt");
    names.put(CommandCodes.NOP, "nop");
    names.put(CommandCodes.MANAGE_QUAD_HASH, "manage-quad-hash");
    names.put(CommandCodes.SUSPEND_QP, "suspend-qp");
    names.put(CommandCodes.RESUME_QP, "resume-qp");
    names.replaceAll((opcode, name) -> COMMAND + name);
    return Collections.unmodifiableMap(names);
  }

  private static List<String> all() {
    List<String> places =
        new ArrayList<>(
            List.of(
                REGISTERS_ALL_ONES,
                CRITICAL_ERROR,
                CONTROL_CREATE,
                CONTROL_CREATE_SILENT,
                CONTROL_GENERATION,
                CONTROL_DOORBELL,
                CONTROL_SILENT,
                CONTROL_IGNORED,
                CONTROL_VALID_BIT,
                CONTROL_TWICE,
                CONTROL_INDEX,
                CONTROL_CONTEXT,
                DOORBELL,
                CQE_LOST,
                CQE_VALID_BIT,
                CQE_TWICE,
                CQE_DEAD_QP,
                CQE_INDEX,
                CQE_ERROR,
                CQE_OPCODE,
                CQE_OVERFLOW,
                EVENT,
                EVENT_LOST,
                EVENT_VALID_BIT,
                EVENT_DEAD_QP,
                EVENT_OVERFLOW,
                CEQE_LOST,
                CEQE_CONTEXT,
                INTERRUPT,
                LOAD,
                UPLOAD_GARBAGE));
    places.addAll(COMMANDS.values());
    return List.copyOf(places);
  }
}
