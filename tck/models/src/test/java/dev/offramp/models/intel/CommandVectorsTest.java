package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands of the control queue as Linux's driver writes them, read by the model's fields. */
final class CommandVectorsTest {
  private static final Map<String, Integer> OPCODES =
      Map.ofEntries(
          Map.entry("irdma.cqp_create_qp", CommandCodes.CREATE_QP),
          Map.entry("irdma.cqp_modify_qp", CommandCodes.MODIFY_QP),
          Map.entry("irdma.cqp_destroy_qp", CommandCodes.DESTROY_QP),
          Map.entry("irdma.cqp_upload_context", CommandCodes.UPLOAD_CONTEXT),
          Map.entry("irdma.cqp_flush_wqes", CommandCodes.FLUSH_WQES),
          Map.entry("irdma.cqp_gen_ae", CommandCodes.FLUSH_WQES),
          Map.entry("irdma.cqp_suspend_qp", CommandCodes.SUSPEND_QP),
          Map.entry("irdma.cqp_resume_qp", CommandCodes.RESUME_QP),
          Map.entry("irdma.cqp_create_cq", CommandCodes.CREATE_CQ),
          Map.entry("irdma.cqp_destroy_cq", CommandCodes.DESTROY_CQ),
          Map.entry("irdma.cqp_create_ceq", CommandCodes.CREATE_CEQ),
          Map.entry("irdma.cqp_create_aeq", CommandCodes.CREATE_AEQ),
          Map.entry("irdma.cqp_reg_mr", CommandCodes.REG_MR),
          Map.entry("irdma.cqp_alloc_stag", CommandCodes.ALLOC_STAG),
          Map.entry("irdma.cqp_dealloc_stag", CommandCodes.DEALLOC_STAG),
          Map.entry("irdma.cqp_manage_qhash", CommandCodes.MANAGE_QUAD_HASH),
          Map.entry("irdma.cqp_add_arp", CommandCodes.MANAGE_ARP),
          Map.entry("irdma.cqp_del_arp", CommandCodes.MANAGE_ARP),
          Map.entry("irdma.cqp_manage_apbvt", CommandCodes.MANAGE_APBVT),
          Map.entry("irdma.cqp_alloc_local_mac", CommandCodes.ALLOCATE_MAC),
          Map.entry("irdma.cqp_add_local_mac", CommandCodes.MANAGE_MAC),
          Map.entry("irdma.cqp_del_local_mac", CommandCodes.MANAGE_MAC));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "irdma.cqp_qp_ops",
        "irdma.cqp_queue_ops",
        "irdma.cqp_stag_ops",
        "irdma.cqp_net_ops"
      })
  void opcodeValidBitAndNothingUndecoded(String file) {
    for (Vector vector : Vector.all(file)) {
      int opcode = Objects.requireNonNull(OPCODES.get(vector.structure()), vector.structure());
      vector.check(CommandFields.OPCODE, "opcode", opcode);
      vector.check(CommandFields.VALID, "valid_bit");
      vector.checkNothingElse(fields(vector).toArray(Field[]::new));
    }
  }

  private static List<Field> fields(Vector vector) {
    List<Field> fields = new ArrayList<>();
    for (java.lang.reflect.Field field : CommandFields.class.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == Field.class) {
        try {
          fields.add((Field) field.get(null));
        } catch (IllegalAccessException e) {
          throw new AssertionError(e);
        }
      }
    }
    fields.addAll(
        Arrays.asList(vector.chip().cqId(), vector.chip().cqCeqId(), vector.chip().stagDomain()));
    return fields;
  }

  @Test
  void queuePairs() {
    for (Vector vector : Vector.of("irdma.cqp_qp_ops", "irdma.cqp_create_qp")) {
      checkQp(vector);
      checkContext(vector);
    }
    for (Vector vector : Vector.of("irdma.cqp_qp_ops", "irdma.cqp_modify_qp")) {
      checkQp(vector);
      checkContext(vector);
      vector.check(CommandFields.NEW_MSS, "new_mss");
      vector.check(CommandFields.RESETCON, "reset_tcp_conn");
      vector.check(CommandFields.REMOVEHASHENTRY, "remove_hash_idx");
      vector.check(CommandFields.CACHEDVARVALID, "cached_var_valid");
      vector.check(CommandFields.MSSCHANGE, "mss_change");
      boolean terminate = vector.number("next_iwarp_state") == CommandCodes.STATE_TERMINATE;
      long action = vector.number("dont_send_fin") + 2 * vector.number("dont_send_term");
      vector.check(CommandFields.TERMACT, "action", terminate ? action : 0);
      vector.check(
          CommandFields.TERMLEN,
          "term_len",
          terminate && action < 2 ? vector.number("term_len") & 0xF : 0);
    }
    for (Vector vector : Vector.of("irdma.cqp_qp_ops", "irdma.cqp_destroy_qp")) {
      checkQp(vector);
      vector.check(CommandFields.REMOVEHASHENTRY, "remove_hash_idx");
      vector.check(CommandFields.IGNOREMWBOUND, "ignore_mw_bound");
    }
  }

  private static void checkQp(Vector vector) {
    vector.check(CommandFields.QP_ID, "qp_id");
    vector.check(CommandFields.QPTYPE, "qp_type");
    vector.check(CommandFields.QP_CONTEXT, "host_ctx_pa");
    vector.check(CommandFields.QP_SHADOW, "shadow_area_pa");
  }

  private static void checkContext(Vector vector) {
    vector.check(CommandFields.VQ, "virtual_map");
    vector.check(CommandFields.ORDVALID, "ord_valid");
    vector.check(CommandFields.TOECTXVALID, "tcp_ctx_valid");
    vector.check(CommandFields.CQNUMVALID, "cq_num_valid");
    vector.check(CommandFields.ARPTABIDXVALID, "arp_cache_idx_valid");
    vector.check(CommandFields.MACVALID, "mac_valid");
    vector.check(CommandFields.FORCELOOPBACK, "force_loopback");
    vector.check(CommandFields.NEXTIWSTATE, "next_iwarp_state");
  }

  @Test
  void uploadFlushSuspendResume() {
    for (Vector vector : Vector.of("irdma.cqp_qp_ops", "irdma.cqp_upload_context")) {
      vector.check(CommandFields.QP_ID, "qp_id");
      vector.check(CommandFields.UCTX_QPTYPE, "qp_type");
      vector.check(CommandFields.QP_CONTEXT, "buf_pa");
      vector.check(CommandFields.UCTX_FREEZEQP, "freeze_qp");
      vector.check(CommandFields.UCTX_RAWFORMAT, "raw_format");
    }
    for (Vector vector : Vector.of("irdma.cqp_qp_ops", "irdma.cqp_flush_wqes")) {
      vector.check(CommandFields.QP_ID, "qp_id");
      vector.check(CommandFields.FLUSHSQ, "flush_sq");
      vector.check(CommandFields.FLUSHRQ, "flush_rq");
      vector.check(CommandFields.USERFLCODE, "user_flush_code");
      vector.check(CommandFields.GENERATE_AE, "generate_ae");
      boolean codes = vector.flag("user_flush_code");
      boolean sq = codes && vector.flag("flush_sq");
      boolean rq = codes && vector.flag("flush_rq");
      vector.check(CommandFields.SQMJERR, "sq_major", sq ? vector.number("sq_major") : 0);
      vector.check(CommandFields.SQMNERR, "sq_minor", sq ? vector.number("sq_minor") : 0);
      vector.check(CommandFields.RQMJERR, "rq_major", rq ? vector.number("rq_major") : 0);
      vector.check(CommandFields.RQMNERR, "rq_minor", rq ? vector.number("rq_minor") : 0);
      boolean event = vector.flag("generate_ae");
      vector.check(CommandFields.AECODE, "ae_code", event ? vector.number("ae_code") : 0);
      vector.check(CommandFields.AESOURCE, "ae_src", event ? vector.number("ae_src") : 0);
    }
    for (Vector vector : Vector.of("irdma.cqp_qp_ops", "irdma.cqp_gen_ae")) {
      vector.check(CommandFields.QP_ID, "qp_id");
      vector.check(CommandFields.GENERATE_AE, "generate", 1);
      vector.check(CommandFields.AECODE, "ae_code");
      vector.check(CommandFields.AESOURCE, "ae_src");
    }
    for (Vector vector : Vector.of("irdma.cqp_qp_ops", "irdma.cqp_suspend_qp")) {
      vector.check(CommandFields.QP_ID, "qp_id");
    }
    for (Vector vector : Vector.of("irdma.cqp_qp_ops", "irdma.cqp_resume_qp")) {
      vector.check(CommandFields.QP_ID, "qp_id");
      vector.check(CommandFields.RESUME_QSHANDLE, "qs_handle");
    }
  }

  @Test
  void queues() {
    for (String structure : List.of("irdma.cqp_create_cq", "irdma.cqp_destroy_cq")) {
      for (Vector vector : Vector.of("irdma.cqp_queue_ops", structure)) {
        vector.check(vector.chip().cqId(), "cq_id", vector.number("cq_id") & idMask(vector));
        vector.check(CommandFields.CQ_SIZE, "cq_size");
        vector.check(CommandFields.CQ_CONTEXT, "cq_context", vector.number("cq_context") >>> 1);
        vector.check(CommandFields.CQ_SHADOW, "shadow_area_pa");
        boolean reports = vector.flag("ceq_id_valid");
        vector.check(CommandFields.CEQIDVALID, "ceq_id_valid");
        vector.check(
            vector.chip().cqCeqId(),
            "ceq_id",
            reports ? vector.number("ceq_id") & ceqMask(vector) : 0);
        vector.check(CommandFields.ENCEQEMASK, "ceqe_mask");
        vector.check(CommandFields.TPHEN, "tph_en");
        vector.check(CommandFields.AVOIDMEMCNFLCT, "avoid_mem_conflict");
      }
    }
    for (Vector vector : Vector.of("irdma.cqp_queue_ops", "irdma.cqp_create_cq")) {
      boolean pages = vector.flag("virtual_map");
      vector.check(CommandFields.VIRTMAP, "virtual_map");
      vector.check(CommandFields.LPBLSIZE, "pbl_chunk_size");
      vector.check(CommandFields.CQ_ADDRESS, "cq_pa", pages ? 0 : vector.number("cq_pa"));
      vector.check(
          CommandFields.FIRSTPMPBLIDX, "pbl", pages ? vector.number("first_pm_pbl_idx") : 0);
      vector.check(CommandFields.CQ_SHADOW_READ_THRESHOLD, "shadow_read_threshold");
      vector.check(CommandFields.CHKOVERFLOW, "check_overflow");
      vector.check(CommandFields.TPHVAL, "tph_val");
      vector.check(CommandFields.VSIIDX, "vsi_idx");
    }
    for (Vector vector : Vector.of("irdma.cqp_queue_ops", "irdma.cqp_create_ceq")) {
      vector.check(CommandFields.CEQ_ID, "ceq_id");
      vector.check(CommandFields.CEQ_SIZE, "elem_cnt");
      vector.check(CommandFields.ITRNOEXPIRE, "itr_no_expire");
      vector.check(CommandFields.VIRTMAP, "virtual_map");
      vector.check(
          CommandFields.EQ_ADDRESS,
          "ceq_pa",
          vector.flag("virtual_map") ? 0 : vector.number("ceq_pa"));
    }
    for (Vector vector : Vector.of("irdma.cqp_queue_ops", "irdma.cqp_create_aeq")) {
      vector.check(CommandFields.AEQ_COUNT, "elem_cnt");
      vector.check(
          CommandFields.EQ_ADDRESS,
          "aeq_pa",
          vector.flag("virtual_map") ? 0 : vector.number("aeq_pa"));
    }
  }

  private static long idMask(Vector vector) {
    return vector.chip().isSecondGeneration() ? 0x7FFFF : 0xFFFF;
  }

  private static long ceqMask(Vector vector) {
    return vector.chip().isSecondGeneration() ? 0x3FF : 0x7F;
  }

  @Test
  void stags() {
    for (Vector vector : Vector.all("irdma.cqp_stag_ops")) {
      vector.check(CommandFields.STAG_INDEX, "stag_idx");
      vector.check(vector.chip().stagDomain(), "pd_id", vector.number("pd_id") & pdMask(vector));
      if (vector.structure().equals("irdma.cqp_dealloc_stag")) {
        vector.check(CommandFields.STAG_MR, "mr");
        continue;
      }
      vector.check(CommandFields.STAG_LENGTH, "total_len");
      vector.check(CommandFields.LPBLSIZE, "chunk_size");
      vector.check(CommandFields.STAG_RIGHTS, "access_rights");
      vector.check(CommandFields.STAG_HPAGESIZE, "page", pageCode(vector.number("page_size")));
      vector.check(CommandFields.STAG_USEHMCFNIDX, "use_hmc_fcn_index");
      vector.check(CommandFields.STAG_USEPFRID, "use_pf_rid");
    }
    for (Vector vector : Vector.of("irdma.cqp_stag_ops", "irdma.cqp_alloc_stag")) {
      vector.check(CommandFields.STAG_REMOTE, "remote_access");
    }
    for (Vector vector : Vector.of("irdma.cqp_stag_ops", "irdma.cqp_reg_mr")) {
      vector.check(CommandFields.STAG_KEY, "stag_key");
      boolean virtual = vector.text("addr_type").equals("va_based");
      vector.check(CommandFields.STAG_VABASEDTO, "va based", virtual ? 1 : 0);
      vector.check(
          CommandFields.STAG_VA_FBO,
          "va",
          virtual ? vector.number("va") : vector.number("va") & (vector.number("page_size") - 1));
      boolean pages = vector.number("chunk_size") != 0;
      vector.check(
          CommandFields.STAG_ADDRESS, "reg_addr_pa", pages ? 0 : vector.number("reg_addr_pa"));
      vector.check(CommandFields.STAG_MR, "mr", 1);
      long rights = vector.number("access_rights");
      boolean remote = (rights & (StagTable.RIGHT_REMOTE_READ | StagTable.RIGHT_REMOTE_WRITE)) != 0;
      vector.check(CommandFields.STAG_REMOTE, "remote", remote ? 1 : 0);
    }
  }

  private static long pdMask(Vector vector) {
    return vector.chip().isSecondGeneration() ? 0x3FFFF : 0x7FFF;
  }

  private static long pageCode(long bytes) {
    return bytes == 4096 ? 0 : bytes == 2 << 20 ? 1 : 2;
  }

  @Test
  void network() {
    for (Vector vector : Vector.of("irdma.cqp_net_ops", "irdma.cqp_manage_qhash")) {
      vector.check(CommandFields.QHASH_MANAGE, "manage");
      vector.check(CommandFields.QHASH_ENTRYTYPE, "entry_type");
      vector.check(CommandFields.QHASH_IPV4VALID, "ipv4");
      vector.check(CommandFields.QHASH_VLANVALID, "vlan_valid");
      vector.check(
          CommandFields.QHASH_VLANID,
          "vlan_id",
          vector.flag("vlan_valid") ? vector.number("vlan_id") : 0);
      vector.check(CommandFields.QHASH_MAC, "mac");
      vector.check(CommandFields.QHASH_QP, "qp_num");
      vector.check(CommandFields.QHASH_QS_HANDLE, "qs_handle");
      vector.check(CommandFields.QHASH_DEST_PORT, "dest_port");
      checkAddress(
          vector,
          "dest_ip_words",
          CommandFields.QHASH_DEST0,
          CommandFields.QHASH_DEST1,
          CommandFields.QHASH_DEST2,
          CommandFields.QHASH_DEST3);
      if (vector.number("entry_type") == QuadHash.TYPE_ESTABLISHED) {
        vector.check(CommandFields.QHASH_SRC_PORT, "src_port");
        checkAddress(
            vector,
            "src_ip_words",
            CommandFields.QHASH_SRC0,
            CommandFields.QHASH_SRC1,
            CommandFields.QHASH_SRC2,
            CommandFields.QHASH_SRC3);
      }
    }
    for (Vector vector : Vector.of("irdma.cqp_net_ops", "irdma.cqp_add_arp")) {
      vector.check(CommandFields.ARP_INDEX, "arp_index");
      vector.check(CommandFields.ARP_MAC, "mac");
      vector.check(CommandFields.ARP_REACHMAX, "reach_max");
      vector.check(CommandFields.ARP_PERMANENT, "permanent");
      vector.check(CommandFields.ARP_VALID, "valid", 1);
    }
    for (Vector vector : Vector.of("irdma.cqp_net_ops", "irdma.cqp_del_arp")) {
      vector.check(CommandFields.ARP_INDEX, "arp_index");
      vector.check(CommandFields.ARP_VALID, "valid", 0);
    }
    for (Vector vector : Vector.of("irdma.cqp_net_ops", "irdma.cqp_manage_apbvt")) {
      vector.check(CommandFields.PORT, "port");
      vector.check(CommandFields.ADDPORT, "add");
    }
    for (Vector vector : Vector.of("irdma.cqp_net_ops", "irdma.cqp_add_local_mac")) {
      vector.check(CommandFields.MAC_INDEX, "entry_idx");
      vector.check(CommandFields.MAC_ADDRESS, "mac");
      vector.check(CommandFields.MAC_FREE, "free", 0);
    }
    for (Vector vector : Vector.of("irdma.cqp_net_ops", "irdma.cqp_del_local_mac")) {
      vector.check(CommandFields.MAC_INDEX, "entry_idx");
      vector.check(CommandFields.MAC_FREE, "free", 1);
      vector.check(CommandFields.MAC_IGNORE_REF_COUNT, "ignore_ref_count");
    }
  }

  /** The vector has an IPv4 address in the first word; the command in the last. */
  private static void checkAddress(
      Vector vector, String name, Field word0, Field word1, Field word2, Field word3) {
    int[] words = vector.addressWords(name);
    boolean ipv4 = vector.flag("ipv4");
    long[] expected = {
      ipv4 ? 0 : words[0], ipv4 ? 0 : words[1], ipv4 ? 0 : words[2], ipv4 ? words[0] : words[3]
    };
    Field[] fields = {word0, word1, word2, word3};
    for (int i = 0; i < fields.length; i++) {
      vector.check(fields[i], name, expected[i] & 0xFFFF_FFFFL);
    }
  }

  @Test
  void controlQueueContext() {
    for (Vector vector : Vector.of("irdma.cqp_host_ctx", "irdma.cqp_host_ctx")) {
      long[] words = vector.words();
      assertThat((long) ControlContextFields.commands(ControlContextFields.SQSIZE.getInt(words)))
          .as("%s", vector)
          .isEqualTo(vector.number("sq_size"));
      vector.check(ControlContextFields.SQBASE, "sq_pa");
      vector.check(ControlContextFields.SVER, "struct_ver");
      vector.check(ControlContextFields.CEQPERVF, "ceqs_per_vf");
      vector.check(ControlContextFields.DISABLE_PFPDUS, "disable_packed");
      vector.check(ControlContextFields.HMC_PROFILE, "hmc_profile");
      vector.check(ControlContextFields.ENABLED_VFS, "ena_vf_count");
      vector.check(ControlContextFields.CONTEXT, "cqp_context");
      vector.check(ControlContextFields.HW_MAJVER, "hw_maj_ver");
      vector.check(ControlContextFields.HW_MINVER, "hw_min_ver");
      boolean second = vector.chip().isSecondGeneration();
      vector.check(
          ControlContextFields.PROTOCOL_USED, "", second ? vector.number("protocol_used") : 0);
      vector.check(ControlContextFields.MIN_RATE, "", second ? vector.number("min_rate") : 0);
      vector.check(ControlContextFields.DCQCN_B, "", second ? vector.number("dcqcn_b") : 0);
      checkRegisters(vector);
    }
  }

  private static void checkRegisters(Vector vector) {
    IntelRegisters registers = vector.chip().registers();
    List<?> writes = (List<?>) vector.value("reg_writes");
    long high = Vector.number(Vector.map(writes.getFirst()).getOrDefault("offset", ""));
    long low = Vector.number(Vector.map(writes.getLast()).getOrDefault("offset", ""));
    assertThat(high).isEqualTo(registers.ccqpHigh());
    assertThat(low).isEqualTo(registers.ccqpLow());
  }

  @Test
  void doorbells() {
    for (Vector vector : Vector.all("irdma.doorbell")) {
      IntelRegisters registers = vector.chip().registers();
      long expected =
          switch (vector.structure()) {
            case "irdma.db_wqe_alloc" -> registers.wqeAlloc();
            case "irdma.cq_arm" -> registers.cqArm();
            case "irdma.db_cqp" -> registers.cqpDoorbell();
            case "irdma.db_aeq_alloc" -> registers.aeqAlloc();
            default -> throw new AssertionError(vector.structure());
          };
      if (vector.out().length > 0) {
        assertThat(vector.number("reg_offset")).as("%s", vector).isEqualTo(expected);
      }
      if (vector.structure().equals("irdma.cq_arm")) {
        checkArm(vector);
      }
    }
  }

  private static void checkArm(Vector vector) {
    long[] before = {vector.number("shadow_qword4_before")};
    long[] after = {vector.number("shadow_qword4_after")};
    assertThat(EventFields.ARM_SEQUENCE.get(after))
        .as("%s", vector)
        .isEqualTo((EventFields.ARM_SEQUENCE.get(before) + 1) & 3);
    assertThat(EventFields.ARM_SELECT.get(after)).isEqualTo(EventFields.ARM_SELECT.get(before));
    assertThat(EventFields.ARM_NEXT_SOLICITED.isSet(after)).isTrue();
  }
}
