package dev.offramp.provider.intel.ring;

import static dev.offramp.provider.intel.layout.CqpNet.IRDMA_CQPSQ_QHASH_IPV4VALID;
import static dev.offramp.provider.intel.layout.CqpNet.IRDMA_CQPSQ_QHASH_VLANVALID;
import static dev.offramp.provider.intel.layout.CqpQp.IRDMA_CQPSQ_FWQE_FLUSHRQ;
import static dev.offramp.provider.intel.layout.CqpQp.IRDMA_CQPSQ_FWQE_FLUSHSQ;
import static dev.offramp.provider.intel.layout.CqpQp.IRDMA_CQPSQ_FWQE_GENERATE_AE;
import static dev.offramp.provider.intel.layout.CqpQp.IRDMA_CQPSQ_FWQE_RQMJERR;
import static dev.offramp.provider.intel.layout.CqpQp.IRDMA_CQPSQ_FWQE_RQMNERR;
import static dev.offramp.provider.intel.layout.CqpQp.IRDMA_CQPSQ_FWQE_SQMJERR;
import static dev.offramp.provider.intel.layout.CqpQp.IRDMA_CQPSQ_FWQE_SQMNERR;
import static dev.offramp.provider.intel.layout.CqpQp.IRDMA_CQPSQ_FWQE_USERFLCODE;

import dev.offramp.provider.intel.layout.CqpNet;
import dev.offramp.provider.intel.layout.CqpQp;
import dev.offramp.provider.intel.layout.CqpQueues;
import dev.offramp.provider.intel.layout.CqpStag;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/** The commands of the control queue. */
final class CommandBindings {
  private CommandBindings() {}

  static void addTo(Map<String, VectorBindings.Binding> all) {
    all.put("cqp_create_qp", Bytes.written(CommandBindings::createQp));
    all.put("cqp_modify_qp", Bytes.written(CommandBindings::modifyQp));
    all.put("cqp_destroy_qp", Bytes.written(CommandBindings::destroyQp));
    all.put("cqp_upload_context", Bytes.written(CommandBindings::uploadContext));
    all.put("cqp_flush_wqes", Bytes.written(CommandBindings::flush));
    all.put(
        "cqp_gen_ae",
        Bytes.written((v, m) ->
            CqpQp.generateEvent(
                m, 0, v.u32("qp_id"), v.u32("ae_code"), v.u32("ae_src"), v.valid())));
    all.put(
        "cqp_suspend_qp", Bytes.written((v, m) -> CqpQp.suspend(m, 0, v.u32("qp_id"), v.valid())));
    all.put(
        "cqp_resume_qp",
        Bytes.written((v, m) -> CqpQp.resume(m, 0, v.u32("qp_id"), v.u32("qs_handle"), v.valid())));
    all.put("cqp_create_cq", Bytes.written(CommandBindings::createCq));
    all.put("cqp_destroy_cq", Bytes.written(CommandBindings::destroyCq));
    all.put("cqp_create_ceq", Bytes.written(CommandBindings::createCeq));
    all.put(
        "cqp_create_aeq",
        Bytes.written(
            (v, m) -> CqpQueues.createAeq(m, 0, v.u32("elem_cnt"), place(v, "aeq_pa"), v.valid())));
    all.put("cqp_reg_mr", Bytes.written(CommandBindings::register));
    all.put("cqp_alloc_stag", Bytes.written(CommandBindings::allocateStag));
    all.put(
        "cqp_dealloc_stag",
        Bytes.written((v, m) ->
            CqpStag.deallocate(
                v.generation(),
                m,
                0,
                v.u32("stag_idx") << 8,
                v.u32("pd_id"),
                v.flag("mr"),
                v.valid())));
    all.put("cqp_manage_qhash", Bytes.written(CommandBindings::quadHash));
    all.put(
        "cqp_add_arp",
        Bytes.written((v, m) ->
            CqpNet.addArp(
                m,
                0,
                v.u32("arp_index"),
                v.mac("mac"),
                v.u32("reach_max"),
                v.flag("permanent"),
                v.valid())));
    all.put(
        "cqp_del_arp",
        Bytes.written((v, m) -> CqpNet.deleteArp(m, 0, v.u32("arp_index"), v.valid())));
    all.put(
        "cqp_manage_apbvt",
        Bytes.written((v, m) -> CqpNet.port(m, 0, v.u32("port"), v.flag("add"), v.valid())));
    all.put(
        "cqp_alloc_local_mac", Bytes.written((v, m) -> CqpNet.allocateLocalMac(m, 0, v.valid())));
    all.put(
        "cqp_add_local_mac",
        Bytes.written(
            (v, m) -> CqpNet.addLocalMac(m, 0, v.u32("entry_idx"), v.mac("mac"), v.valid())));
    all.put(
        "cqp_del_local_mac",
        Bytes.written((v, m) ->
            CqpNet.deleteLocalMac(
                m, 0, v.u32("entry_idx"), v.flag("ignore_ref_count"), v.valid())));
  }

  private static void createQp(Vector v, MemorySegment m) {
    CqpQp.create(
        m,
        0,
        v.u32("qp_id"),
        v.u32("qp_type"),
        v.u64("host_ctx_pa"),
        v.u64("shadow_area_pa"),
        v.flag(CqpQp.IRDMA_CQPSQ_QP_VQ, "virtual_map")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_ORDVALID, "ord_valid")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_TOECTXVALID, "tcp_ctx_valid")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_CQNUMVALID, "cq_num_valid")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_ARPTABIDXVALID, "arp_cache_idx_valid")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_MACVALID, "mac_valid")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_FORCELOOPBACK, "force_loopback"),
        v.u32("next_iwarp_state"),
        v.valid());
  }

  private static void modifyQp(Vector v, MemorySegment m) {
    CqpQp.modify(
        m,
        0,
        v.u32("qp_id"),
        v.u32("qp_type"),
        v.u64("host_ctx_pa"),
        v.u64("shadow_area_pa"),
        v.flag(CqpQp.IRDMA_CQPSQ_QP_VQ, "virtual_map")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_ORDVALID, "ord_valid")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_TOECTXVALID, "tcp_ctx_valid")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_CQNUMVALID, "cq_num_valid")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_ARPTABIDXVALID, "arp_cache_idx_valid")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_MACVALID, "mac_valid")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_FORCELOOPBACK, "force_loopback")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_RESETCON, "reset_tcp_conn")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_REMOVEHASHENTRY, "remove_hash_idx")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_CACHEDVARVALID, "cached_var_valid")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_MSSCHANGE, "mss_change"),
        v.u32("next_iwarp_state"),
        (v.flag("dont_send_fin") ? CqpQp.DONT_SEND_FIN : 0)
            + (v.flag("dont_send_term") ? CqpQp.DONT_SEND_TERM : 0),
        v.u32("term_len"),
        v.u32("new_mss"),
        v.valid());
  }

  private static void destroyQp(Vector v, MemorySegment m) {
    CqpQp.destroy(
        m,
        0,
        v.u32("qp_id"),
        v.u32("qp_type"),
        v.u64("host_ctx_pa"),
        v.u64("shadow_area_pa"),
        v.flag(CqpQp.IRDMA_CQPSQ_QP_REMOVEHASHENTRY, "remove_hash_idx")
            | v.flag(CqpQp.IRDMA_CQPSQ_QP_IGNOREMWBOUND, "ignore_mw_bound"),
        v.valid());
  }

  private static void uploadContext(Vector v, MemorySegment m) {
    CqpQp.uploadContext(
        m,
        0,
        v.u32("qp_id"),
        v.u32("qp_type"),
        v.u64("buf_pa"),
        v.flag("freeze_qp"),
        v.flag("raw_format"),
        v.valid());
  }

  private static void flush(Vector v, MemorySegment m) {
    CqpQp.flush(
        m,
        0,
        v.u32("qp_id"),
        v.flag(IRDMA_CQPSQ_FWQE_FLUSHSQ, "flush_sq")
            | v.flag(IRDMA_CQPSQ_FWQE_FLUSHRQ, "flush_rq")
            | v.flag(IRDMA_CQPSQ_FWQE_USERFLCODE, "user_flush_code")
            | v.flag(IRDMA_CQPSQ_FWQE_GENERATE_AE, "generate_ae"),
        IRDMA_CQPSQ_FWQE_SQMNERR.of(v.u32("sq_minor"))
            | IRDMA_CQPSQ_FWQE_SQMJERR.of(v.u32("sq_major"))
            | IRDMA_CQPSQ_FWQE_RQMNERR.of(v.u32("rq_minor"))
            | IRDMA_CQPSQ_FWQE_RQMJERR.of(v.u32("rq_major")),
        CqpQp.IRDMA_CQPSQ_FWQE_AECODE.of(v.u32("ae_code"))
            | CqpQp.IRDMA_CQPSQ_FWQE_AESOURCE.of(v.u32("ae_src")),
        v.valid());
  }

  private static CqpQueues.Place place(Vector v, String address) {
    CqpQueues.Place place = new CqpQueues.Place();
    place.address = v.u64(address);
    place.virtual = v.has("virtual_map") && v.flag("virtual_map");
    place.chunkSize = v.has("pbl_chunk_size") ? v.u32("pbl_chunk_size") : 0;
    place.firstPblIndex = v.has("first_pm_pbl_idx") ? v.u32("first_pm_pbl_idx") : 0;
    return place;
  }

  private static long cqFlags(Vector v) {
    return v.flag(CqpQueues.IRDMA_CQPSQ_CQ_CEQIDVALID, "ceq_id_valid")
        | v.flag(CqpQueues.IRDMA_CQPSQ_CQ_ENCEQEMASK, "ceqe_mask")
        | v.flag(CqpQueues.IRDMA_CQPSQ_TPHEN, "tph_en")
        | v.flag(CqpQueues.IRDMA_CQPSQ_CQ_AVOIDMEMCNFLCT, "avoid_mem_conflict");
  }

  private static void createCq(Vector v, MemorySegment m) {
    CqpQueues.createCq(
        v.generation(),
        m,
        0,
        v.u32("cq_id"),
        v.u32("cq_size"),
        v.u64("cq_context"),
        place(v, "cq_pa"),
        v.u64("shadow_area_pa"),
        v.u32("shadow_read_threshold"),
        v.u32("ceq_id"),
        v.u32("tph_val"),
        v.u32("vsi_idx"),
        cqFlags(v) | v.flag(CqpQueues.IRDMA_CQPSQ_CQ_CHKOVERFLOW, "check_overflow"),
        v.valid());
  }

  private static void destroyCq(Vector v, MemorySegment m) {
    CqpQueues.destroyCq(
        v.generation(),
        m,
        0,
        v.u32("cq_id"),
        v.u32("cq_size"),
        v.u64("cq_context"),
        place(v, "cq_pa"),
        v.u64("shadow_area_pa"),
        v.u32("ceq_id"),
        cqFlags(v),
        v.valid());
  }

  private static void createCeq(Vector v, MemorySegment m) {
    CqpQueues.createCeq(
        m,
        0,
        v.u32("ceq_id"),
        v.u32("elem_cnt"),
        place(v, "ceq_pa"),
        v.u32("tph_val"),
        v.u32("vsi_idx"),
        v.flag(CqpQueues.IRDMA_CQPSQ_CEQ_ITRNOEXPIRE, "itr_no_expire")
            | v.flag(CqpQueues.IRDMA_CQPSQ_TPHEN, "tph_en"),
        v.valid());
  }

  private static CqpStag.Region region(Vector v) {
    CqpStag.Region region = new CqpStag.Region();
    region.stag = v.u32("stag_idx") << 8 | (v.has("stag_key") ? v.u32("stag_key") : 0);
    region.pdId = v.u32("pd_id");
    region.lengthBytes = v.u64("total_len");
    region.accessRights = v.u32("access_rights");
    region.pageBytes = v.u32("page_size");
    region.chunkSize = v.u32("chunk_size");
    region.hmcFunction = v.u32("hmc_fcn_index");
    region.flags =
        v.flag(CqpStag.IRDMA_CQPSQ_STAG_USEHMCFNIDX, "use_hmc_fcn_index")
            | v.flag(CqpStag.IRDMA_CQPSQ_STAG_USEPFRID, "use_pf_rid");
    return region;
  }

  private static void register(Vector v, MemorySegment m) {
    CqpStag.Region region = region(v);
    region.deviceAddress = v.u64("reg_addr_pa");
    region.hostAddress = v.u64("va");
    region.firstPblIndex = v.u32("first_pm_pbl_index");
    region.addressBased = v.text("addr_type").equals("va_based");
    CqpStag.register(v.generation(), m, 0, region, v.valid());
  }

  private static void allocateStag(Vector v, MemorySegment m) {
    CqpStag.Region region = region(v);
    region.firstPblIndex = v.u32("first_pm_pbl_idx");
    CqpStag.allocate(v.generation(), m, 0, region, v.flag("remote_access"), v.valid());
  }

  private static void quadHash(Vector v, MemorySegment m) {
    CqpNet.quadHash(
        m,
        0,
        v.u32("manage"),
        v.u32("entry_type"),
        v.mac("mac"),
        v.u32("qp_num"),
        v.u32("qs_handle"),
        v.u32("vlan_id"),
        v.words("dest_ip_words"),
        v.u32("dest_port"),
        v.words("src_ip_words"),
        v.u32("src_port"),
        v.flag(IRDMA_CQPSQ_QHASH_VLANVALID, "vlan_valid")
            | v.flag(IRDMA_CQPSQ_QHASH_IPV4VALID, "ipv4"),
        v.valid());
  }
}
