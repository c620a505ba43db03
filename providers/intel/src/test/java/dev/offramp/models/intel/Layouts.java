package dev.offramp.models.intel;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fields of the structures in which a driver tells the model what state there is, by name. */
public final class Layouts {
  /** Of every command of the control queue. */
  private static final String ALL = "OPCODE VALID ";

  private static final String QP =
      ALL
          + "QP_CONTEXT QP_SHADOW QP_ID ORDVALID TOECTXVALID CACHEDVARVALID VQ FORCELOOPBACK"
          + " CQNUMVALID QPTYPE MACVALID MSSCHANGE IGNOREMWBOUND REMOVEHASHENTRY TERMACT RESETCON"
          + " ARPTABIDXVALID NEXTIWSTATE NEW_MSS TERMLEN";

  private static final String CQ =
      ALL
          + "CQ_SIZE CQ_CONTEXT CQ_SHADOW_READ_THRESHOLD CQ_ADDRESS CQ_SHADOW FIRSTPMPBLIDX TPHVAL"
          + " VSIIDX LPBLSIZE CHKOVERFLOW VIRTMAP ENCEQEMASK CEQIDVALID TPHEN AVOIDMEMCNFLCT";

  private static final Map<Integer, String> COMMANDS =
      Map.ofEntries(
          Map.entry(CommandCodes.CREATE_CQ, CQ),
          Map.entry(CommandCodes.CREATE_QP, QP),
          Map.entry(CommandCodes.MODIFY_QP, QP),
          Map.entry(CommandCodes.DESTROY_QP, QP),
          Map.entry(CommandCodes.DESTROY_CQ, CQ),
          Map.entry(
              CommandCodes.FLUSH_WQES,
              ALL + "QP_ID RQMNERR RQMJERR SQMNERR SQMJERR GENERATE_AE USERFLCODE FLUSHSQ FLUSHRQ"),
          Map.entry(
              CommandCodes.REG_MR,
              ALL
                  + "STAG_VA_FBO STAG_LENGTH STAG_KEY STAG_INDEX STAG_ADDRESS STAG_HMCFNIDX STAG_MR"
                  + " LPBLSIZE STAG_HPAGESIZE STAG_RIGHTS STAG_REMOTE STAG_VABASEDTO"
                  + " STAG_USEHMCFNIDX STAG_USEPFRID FIRSTPMPBLIDX"),
          Map.entry(CommandCodes.DEALLOC_STAG, ALL + "STAG_KEY STAG_INDEX STAG_MR"),
          Map.entry(CommandCodes.ALLOCATE_MAC, ALL),
          Map.entry(
              CommandCodes.MANAGE_MAC, ALL + "MAC_INDEX MAC_ADDRESS MAC_IGNORE_REF_COUNT MAC_FREE"),
          Map.entry(
              CommandCodes.MANAGE_ARP,
              ALL + "ARP_REACHMAX ARP_MAC ARP_INDEX ARP_VALID ARP_PERMANENT"),
          Map.entry(CommandCodes.MANAGE_APBVT, ALL + "PORT ADDPORT"),
          Map.entry(
              CommandCodes.MANAGE_QUAD_HASH,
              ALL
                  + "QHASH_MAC QHASH_QP QHASH_SRC_PORT QHASH_DEST_PORT QHASH_QS_HANDLE QHASH_VLANID"
                  + " QHASH_SRC0 QHASH_SRC1 QHASH_SRC2 QHASH_SRC3 QHASH_DEST0 QHASH_DEST1"
                  + " QHASH_DEST2 QHASH_DEST3 QHASH_ENTRYTYPE QHASH_VLANVALID QHASH_IPV4VALID"
                  + " QHASH_MANAGE"));

  private Layouts() {}

  /**
   * A field.
   *
   * @param name after irdma's
   * @param word which 64-bit word
   * @param low its lowest bit there
   * @param high its highest bit there, inclusive
   */
  public record Named(String name, int word, int low, int high) {}

  /** The QP context. */
  public static List<Named> context() {
    return List.copyOf(declared(ContextFields.class).values());
  }

  /** Commands that an arrival and an end are made of, by name. */
  public static Map<String, List<Named>> commands() {
    Map<String, Named> all = declared(CommandFields.class);
    Map<String, List<Named>> byCommand = new LinkedHashMap<>();
    COMMANDS.forEach((opcode, names) -> {
      List<Named> fields = new ArrayList<>();
      for (String name : names.strip().split(" ", -1)) {
        Named field = all.get(name);
        if (field == null) {
          throw new IllegalStateException("no field [" + name + "]");
        }
        fields.add(field);
      }
      byCommand.put(IntelFaults.commandName(opcode), List.copyOf(fields));
    });
    return byCommand;
  }

  /** The opcode of a command. */
  public static int opcode(String command) {
    return COMMANDS.keySet().stream()
        .filter(code -> IntelFaults.commandName(code).equals(command))
        .findAny()
        .orElseThrow();
  }

  /** The header of a work request, and where a Read or Write goes. */
  public static List<Named> work() {
    return List.copyOf(declared(WorkFields.class).values());
  }

  private static Map<String, Named> declared(Class<?> constants) {
    Map<String, Named> fields = new LinkedHashMap<>();
    for (java.lang.reflect.Field constant : constants.getDeclaredFields()) {
      if (constant.getType() == Field.class && Modifier.isStatic(constant.getModifiers())) {
        try {
          Field field = (Field) constant.get(null);
          fields.put(
              constant.getName(),
              new Named(constant.getName(), field.word(), field.low(), field.high()));
        } catch (IllegalAccessException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    return fields;
  }
}
