package dev.offramp.models.intel;

import static dev.offramp.models.intel.Field.bit;
import static dev.offramp.models.intel.Field.word;

/**
 * Fields of the control queue's 64-byte commands, after irdma's {@code IRDMA_CQPSQ_*}. The header
 * is word 3 and is written last.
 */
final class CommandFields {
  static final int BYTES = 64;
  static final int WORDS = BYTES / Long.BYTES;
  static final int HEADER_WORD = 3;

  static final Field OPCODE = new Field(3, 32, 37);
  static final Field VALID = bit(3, 63);

  // QPs
  static final Field QP_CONTEXT = word(2);
  static final Field QP_SHADOW = word(5);
  static final Field QP_ID = new Field(3, 0, 23);
  static final Field NEW_MSS = new Field(1, 32, 45);
  static final Field TERMLEN = new Field(1, 48, 51);
  static final Field ORDVALID = bit(3, 42);
  static final Field TOECTXVALID = bit(3, 43);
  static final Field CACHEDVARVALID = bit(3, 44);
  static final Field VQ = bit(3, 45);
  static final Field FORCELOOPBACK = bit(3, 46);
  static final Field CQNUMVALID = bit(3, 47);
  static final Field QPTYPE = new Field(3, 48, 50);
  static final Field MACVALID = bit(3, 51);
  static final Field MSSCHANGE = bit(3, 52);
  static final Field IGNOREMWBOUND = bit(3, 54);
  static final Field REMOVEHASHENTRY = bit(3, 55);
  static final Field TERMACT = new Field(3, 56, 57);
  static final Field RESETCON = bit(3, 58);
  static final Field ARPTABIDXVALID = bit(3, 59);
  static final Field NEXTIWSTATE = new Field(3, 60, 62);

  // UPLOAD_CONTEXT
  static final Field UCTX_QPTYPE = new Field(3, 48, 51);
  static final Field UCTX_RAWFORMAT = bit(3, 61);
  static final Field UCTX_FREEZEQP = bit(3, 62);

  // FLUSH_WQES and GEN_AE
  static final Field AECODE = new Field(1, 0, 15);
  static final Field AESOURCE = new Field(1, 16, 19);
  static final Field RQMNERR = new Field(2, 0, 15);
  static final Field RQMJERR = new Field(2, 16, 31);
  static final Field SQMNERR = new Field(2, 32, 47);
  static final Field SQMJERR = new Field(2, 48, 63);
  static final Field GENERATE_AE = bit(3, 59);
  static final Field USERFLCODE = bit(3, 60);
  static final Field FLUSHSQ = bit(3, 61);
  static final Field FLUSHRQ = bit(3, 62);

  static final Field RESUME_QSHANDLE = new Field(2, 0, 31);

  // CQs
  static final Field CQ_SIZE = new Field(0, 0, 20);
  static final Field CQ_CONTEXT = new Field(1, 0, 62);
  static final Field CQ_SHADOW_READ_THRESHOLD = new Field(2, 0, 17);
  static final Field CQ_ADDRESS = word(4);
  static final Field CQ_SHADOW = word(5);
  static final Field FIRSTPMPBLIDX = new Field(6, 0, 27);
  static final Field TPHVAL = new Field(7, 0, 7);
  static final Field VSIIDX = new Field(7, 8, 17);
  static final Field LPBLSIZE = new Field(3, 44, 45);
  static final Field CHKOVERFLOW = bit(3, 46);
  static final Field VIRTMAP = bit(3, 47);
  static final Field ENCEQEMASK = bit(3, 48);
  static final Field CEQIDVALID = bit(3, 49);
  static final Field TPHEN = bit(3, 60);
  static final Field AVOIDMEMCNFLCT = bit(3, 61);

  // CEQs and the AEQ
  static final Field EQ_ADDRESS = word(4);
  static final Field CEQ_SIZE = new Field(2, 0, 21);
  static final Field AEQ_COUNT = new Field(2, 0, 18);
  static final Field CEQ_ID = new Field(3, 0, 9);
  static final Field ITRNOEXPIRE = bit(3, 46);

  // STags
  static final Field STAG_VA_FBO = word(0);
  static final Field STAG_LENGTH = new Field(1, 0, 45);
  static final Field STAG_KEY = new Field(2, 0, 7);
  static final Field STAG_INDEX = new Field(2, 8, 31);
  static final Field STAG_ADDRESS = word(4);
  static final Field STAG_HMCFNIDX = new Field(5, 0, 5);
  static final Field STAG_MR = bit(3, 43);
  static final Field STAG_HPAGESIZE = new Field(3, 46, 47);
  static final Field STAG_RIGHTS = new Field(3, 48, 52);
  static final Field STAG_REMOTE = bit(3, 53);
  static final Field STAG_VABASEDTO = bit(3, 59);
  static final Field STAG_USEHMCFNIDX = bit(3, 60);
  static final Field STAG_USEPFRID = bit(3, 61);

  // local MAC table
  static final Field MAC_INDEX = new Field(3, 0, 5);
  static final Field MAC_ADDRESS = new Field(4, 0, 47);
  static final Field MAC_IGNORE_REF_COUNT = bit(3, 61);
  static final Field MAC_FREE = bit(3, 62);

  // ARP
  static final Field ARP_REACHMAX = new Field(1, 0, 31);
  static final Field ARP_MAC = new Field(2, 0, 47);
  static final Field ARP_INDEX = new Field(3, 0, 11);
  static final Field ARP_VALID = bit(3, 42);
  static final Field ARP_PERMANENT = bit(3, 43);

  // APBVT
  static final Field PORT = new Field(2, 0, 15);
  static final Field ADDPORT = bit(3, 62);

  // quad hash
  static final Field QHASH_MAC = new Field(0, 0, 47);
  static final Field QHASH_QP = new Field(1, 32, 49);
  static final Field QHASH_SRC_PORT = new Field(1, 16, 31);
  static final Field QHASH_DEST_PORT = new Field(1, 0, 15);
  static final Field QHASH_QS_HANDLE = new Field(2, 0, 9);
  static final Field QHASH_VLANID = new Field(2, 32, 43);
  static final Field QHASH_SRC2 = new Field(4, 32, 63);
  static final Field QHASH_SRC3 = new Field(4, 0, 31);
  static final Field QHASH_SRC0 = new Field(5, 32, 63);
  static final Field QHASH_SRC1 = new Field(5, 0, 31);
  static final Field QHASH_DEST2 = new Field(6, 32, 63);
  static final Field QHASH_DEST3 = new Field(6, 0, 31);
  static final Field QHASH_DEST0 = new Field(7, 32, 63);
  static final Field QHASH_DEST1 = new Field(7, 0, 31);
  static final Field QHASH_ENTRYTYPE = new Field(3, 42, 44);
  static final Field QHASH_VLANVALID = bit(3, 59);
  static final Field QHASH_IPV4VALID = bit(3, 60);
  static final Field QHASH_MANAGE = new Field(3, 61, 62);

  // host memory cache
  static final Field SD_ENTRY_COUNT = new Field(3, 0, 3);
  static final Field SD_HMCFNID = new Field(2, 0, 5);
  static final Field SD_BUFFER = word(2);
  static final Field SD_COMMAND0 = new Field(0, 0, 31);
  static final Field SD_DATA0 = word(1);
  static final Field SD_COMMAND1 = new Field(4, 0, 31);
  static final Field SD_VALID1 = bit(4, 63);
  static final Field SD_DATA1 = word(5);
  static final Field SD_COMMAND2 = new Field(6, 0, 31);
  static final Field SD_VALID2 = bit(6, 63);
  static final Field SD_DATA2 = word(7);
  static final Field BUFSIZE = new Field(3, 0, 31);
  static final Field BUFFER = word(4);

  private CommandFields() {}
}
