package dev.offramp.linux.netlink;

import java.io.IOException;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * The clsact qdisc of one interface, and cls_u32 filters and tables of it: what {@code tc} does,
 * over a socket that stays open. One exchange with the kernel for each call; safe for many threads.
 *
 * <p>A filter's handle is the number of its table (12 bits), its bucket (8) and its number in that
 * (12). Numbers of tables are shared by both directions of an interface (net/sched/cls_u32.c:
 * tc_u_common_ptr).
 *
 * <p>All methods throw {@link NetlinkException} when the kernel refuses.
 */
public final class Clsact {
  /** Where packets are looked at. */
  public enum Direction {
    /** As they come in. */
    INGRESS(0xFFFFFFF2),
    /** As they go out. */
    EGRESS(0xFFFFFFF3);

    private final int parent;

    Direction(int parent) {
      this.parent = parent;
    }
  }

  /**
   * Where a filter is looked for.
   *
   * @param direction whose packets
   * @param priority the lowest is asked first; of one protocol only; 1..65535
   * @param etherType the protocol: of IEEE 802, or {@link #ETH_P_ALL}
   */
  public record Group(Direction direction, int priority, int etherType) {
    @Override
    public String toString() {
      return direction.name().toLowerCase(Locale.ROOT) + " pref " + priority;
    }
  }

  /** Every protocol (include/uapi/linux/if_ether.h). */
  public static final int ETH_P_ALL = 3;

  public static final int ETH_P_IP = 0x0800;
  public static final int ETH_P_IPV6 = 0x86DD;

  /** Buckets of a table. */
  public static final int BUCKETS = 256;

  /** The highest number of a filter in its bucket; the lowest is 1. */
  public static final int MAX_NODE = 0xFFF;

  /** The highest number of a table that can be chosen; the kernel's own ones begin behind it. */
  public static final int MAX_TABLE = 0x7FF;

  // include/uapi/linux/rtnetlink.h, pkt_sched.h, netlink.h
  private static final int RTM_NEWQDISC = 36;
  private static final int RTM_DELQDISC = 37;
  private static final int RTM_NEWTFILTER = 44;
  private static final int RTM_DELTFILTER = 45;
  private static final int TC_H_CLSACT = 0xFFFFFFF1;
  private static final int CLSACT_HANDLE = 0xFFFF0000;
  private static final int NLM_F_ACK = 4;
  private static final int NLM_F_EXCL = 0x200;
  private static final int NLM_F_CREATE = 0x400;
  private static final int NEW = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
  private static final int TCA_KIND = 1;
  private static final int TCA_OPTIONS = 2;

  // include/uapi/linux/pkt_cls.h, tc_act/tc_mirred.h
  private static final int TCA_U32_CLASSID = 1;
  private static final int TCA_U32_HASH = 2;
  private static final int TCA_U32_LINK = 3;
  private static final int TCA_U32_DIVISOR = 4;
  private static final int TCA_U32_SEL = 5;
  private static final int TCA_U32_ACT = 7;
  private static final int TCA_ACT_KIND = 1;
  private static final int TCA_ACT_OPTIONS = 2;
  private static final int TCA_MIRRED_PARMS = 2;
  private static final int TC_ACT_STOLEN = 4;
  private static final int TCA_EGRESS_REDIR = 1;

  /** Any class will do: clsact has none, and a filter needs one to end the search. */
  private static final int CLASS_ID = 0x0001_0001;

  private final NetlinkSocket socket;
  private final int interfaceIndex;
  private final String interfaceName;

  /**
   * The clsact of an interface, whether it is there or not.
   *
   * @param socket of the interface's namespace; stays the caller's
   * @param interfaceName for messages
   */
  public Clsact(NetlinkSocket socket, int interfaceIndex, String interfaceName) {
    this.socket = socket;
    this.interfaceIndex = interfaceIndex;
    this.interfaceName = interfaceName;
  }

  /** The number of a filter's table and bucket: its handle without its own number. */
  public static int bucket(int table, int bucket) {
    return table << 20 | bucket << 12;
  }

  /** {@code tc qdisc add dev DEVICE clsact}. EEXIST when there is one. */
  public void add() throws IOException {
    socket.command(qdisc(RTM_NEWQDISC, NEW, "RTM_NEWQDISC"));
  }

  /** {@code tc qdisc del dev DEVICE clsact}: with all its filters and tables. */
  public void remove() throws IOException {
    socket.command(qdisc(RTM_DELQDISC, NLM_F_ACK, "RTM_DELQDISC"));
  }

  /**
   * Makes a table of {@link #BUCKETS}.
   *
   * @param number 1..{@link #MAX_TABLE}
   */
  public void addTable(Group group, int number) throws IOException {
    socket.command(
        filter(group, number << 20, options -> options.attribute(TCA_U32_DIVISOR, BUCKETS)));
  }

  /**
   * Has packets looked up in a table.
   *
   * @param handle 0 in the table where the search begins, or one with its own number
   * @param selector which packets, and which byte of them is the bucket
   * @param table where they are looked up then
   */
  public void link(Group group, int handle, U32Selector selector, int table) throws IOException {
    socket.command(
        filter(
            group,
            handle,
            options -> {
              place(options, handle).attribute(TCA_U32_LINK, table << 20);
              options.nested(TCA_U32_SEL, inner -> selector.appendTo(inner, false));
            }));
  }

  /**
   * Packets end their search here and go up, or on.
   *
   * @param handle as for {@link #link}
   */
  public void accept(Group group, int handle, U32Selector selector) throws IOException {
    socket.command(
        filter(
            group,
            handle,
            options -> {
              place(options, handle).attribute(TCA_U32_CLASSID, CLASS_ID);
              options.nested(TCA_U32_SEL, inner -> selector.appendTo(inner, true));
            }));
  }

  /**
   * Packets leave by another interface: the mirred action.
   *
   * @param handle as for {@link #link}
   * @param toInterface its index
   */
  public void redirect(Group group, int handle, U32Selector selector, int toInterface)
      throws IOException {
    socket.command(
        filter(
            group,
            handle,
            options -> {
              place(options, handle)
                  .nested(TCA_U32_SEL, inner -> selector.appendTo(inner, true))
                  .nested(TCA_U32_ACT, all -> all.nested(1, one -> mirred(one, toInterface)));
            }));
  }

  /** Takes one filter away. ENOENT when it is not there. */
  public void remove(Group group, int handle) throws IOException {
    socket.command(message(RTM_DELTFILTER, NLM_F_ACK, "RTM_DELTFILTER", group, handle));
  }

  private static Request place(Request options, int handle) {
    // 0: the table that the kernel has made for the group.
    return handle == 0 ? options : options.attribute(TCA_U32_HASH, handle & ~MAX_NODE);
  }

  private static void mirred(Request action, int toInterface) {
    action
        .attribute(TCA_ACT_KIND, "mirred")
        .nested(
            TCA_ACT_OPTIONS,
            options ->
                // struct tc_mirred: u32 index, capab, s32 action, refcnt, bindcnt, eaction, u32 if
                options.nested(
                    TCA_MIRRED_PARMS,
                    parms ->
                        parms
                            .u32(0)
                            .u32(0)
                            .u32(TC_ACT_STOLEN)
                            .u32(0)
                            .u32(0)
                            .u32(TCA_EGRESS_REDIR)
                            .u32(toInterface)));
  }

  private Request filter(Group group, int handle, Consumer<Request> options) {
    return message(RTM_NEWTFILTER, NEW, "RTM_NEWTFILTER", group, handle)
        .nested(TCA_OPTIONS, options);
  }

  private Request message(int type, int flags, String name, Group group, int handle) {
    int network = Short.toUnsignedInt(toNetworkOrder((short) group.etherType()));
    Request request =
        new Request(type, flags, name, "dev " + interfaceName + " " + group)
            .u32(0)
            .u32(interfaceIndex)
            .u32(handle)
            .u32(group.direction().parent)
            .u32(group.priority() << 16 | network);
    return request.attribute(TCA_KIND, "u32");
  }

  private Request qdisc(int type, int flags, String name) {
    // struct tcmsg: u8 family, pad of 3, s32 ifindex, u32 handle, u32 parent, u32 info
    return new Request(type, flags, name, "dev " + interfaceName + " clsact")
        .u32(0)
        .u32(interfaceIndex)
        .u32(CLSACT_HANDLE)
        .u32(TC_H_CLSACT)
        .u32(0)
        .attribute(TCA_KIND, "clsact");
  }

  private static short toNetworkOrder(short value) {
    return java.nio.ByteOrder.nativeOrder() == java.nio.ByteOrder.BIG_ENDIAN
        ? value
        : Short.reverseBytes(value);
  }
}
