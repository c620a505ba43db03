package dev.offramp.linux.tcp;

/**
 * A socket option. Numbers are those of x86-64 and aarch64.
 *
 * @param level SOL_SOCKET, IPPROTO_TCP, ...
 * @param number the option at that level
 * @param name for messages
 */
public record Opt(int level, int number, String name) {
  // include/uapi/asm-generic/socket.h
  private static final int SOL_SOCKET = 1;
  public static final Opt SO_REUSEADDR = socket(2, "SO_REUSEADDR");
  public static final Opt SO_ERROR = socket(4, "SO_ERROR");
  public static final Opt SO_SNDBUF = socket(7, "SO_SNDBUF");
  public static final Opt SO_RCVBUF = socket(8, "SO_RCVBUF");
  public static final Opt SO_KEEPALIVE = socket(9, "SO_KEEPALIVE");
  public static final Opt SO_OOBINLINE = socket(10, "SO_OOBINLINE");
  public static final Opt SO_LINGER = socket(13, "SO_LINGER");
  public static final Opt SO_ATTACH_FILTER = socket(26, "SO_ATTACH_FILTER");

  /** Read with the number of SO_ATTACH_FILTER; lengths count instructions, not bytes. */
  public static final Opt SO_GET_FILTER = socket(26, "SO_GET_FILTER");

  public static final Opt SO_DETACH_FILTER = socket(27, "SO_DETACH_FILTER");
  public static final Opt SO_SNDBUFFORCE = socket(32, "SO_SNDBUFFORCE");
  public static final Opt SO_RCVBUFFORCE = socket(33, "SO_RCVBUFFORCE");
  public static final Opt SO_MARK = socket(36, "SO_MARK");
  public static final Opt SO_PROTOCOL = socket(38, "SO_PROTOCOL");
  public static final Opt SO_DOMAIN = socket(39, "SO_DOMAIN");
  public static final Opt SO_LOCK_FILTER = socket(44, "SO_LOCK_FILTER");
  public static final Opt SO_ATTACH_BPF = socket(50, "SO_ATTACH_BPF");
  public static final Opt SO_COOKIE = socket(57, "SO_COOKIE");
  public static final Opt SO_BINDTOIFINDEX = socket(62, "SO_BINDTOIFINDEX");
  public static final Opt SO_NETNS_COOKIE = socket(71, "SO_NETNS_COOKIE");
  public static final Opt SO_BUF_LOCK = socket(72, "SO_BUF_LOCK");

  // include/uapi/linux/tcp.h
  private static final int IPPROTO_TCP = 6;
  public static final Opt TCP_NODELAY = tcp(1, "TCP_NODELAY");
  public static final Opt TCP_MAXSEG = tcp(2, "TCP_MAXSEG");
  public static final Opt TCP_CORK = tcp(3, "TCP_CORK");
  public static final Opt TCP_KEEPIDLE = tcp(4, "TCP_KEEPIDLE");
  public static final Opt TCP_KEEPINTVL = tcp(5, "TCP_KEEPINTVL");
  public static final Opt TCP_KEEPCNT = tcp(6, "TCP_KEEPCNT");
  public static final Opt TCP_SYNCNT = tcp(7, "TCP_SYNCNT");
  public static final Opt TCP_INFO = tcp(11, "TCP_INFO");
  public static final Opt TCP_CONGESTION = tcp(13, "TCP_CONGESTION");
  public static final Opt TCP_USER_TIMEOUT = tcp(18, "TCP_USER_TIMEOUT");
  public static final Opt TCP_REPAIR = tcp(19, "TCP_REPAIR");
  public static final Opt TCP_REPAIR_QUEUE = tcp(20, "TCP_REPAIR_QUEUE");
  public static final Opt TCP_QUEUE_SEQ = tcp(21, "TCP_QUEUE_SEQ");
  public static final Opt TCP_REPAIR_OPTIONS = tcp(22, "TCP_REPAIR_OPTIONS");
  public static final Opt TCP_TIMESTAMP = tcp(24, "TCP_TIMESTAMP");
  public static final Opt TCP_REPAIR_WINDOW = tcp(29, "TCP_REPAIR_WINDOW");
  public static final Opt TCP_ULP = tcp(31, "TCP_ULP");
  public static final Opt TCP_AO_INFO = tcp(40, "TCP_AO_INFO");

  // include/uapi/linux/in.h
  private static final int IPPROTO_IP = 0;
  public static final Opt IP_TOS = new Opt(IPPROTO_IP, 1, "IP_TOS");
  public static final Opt IP_TTL = new Opt(IPPROTO_IP, 2, "IP_TTL");
  public static final Opt IP_OPTIONS = new Opt(IPPROTO_IP, 4, "IP_OPTIONS");
  public static final Opt IP_MTU = new Opt(IPPROTO_IP, 14, "IP_MTU");

  // include/uapi/linux/in6.h
  private static final int IPPROTO_IPV6 = 41;
  public static final Opt IPV6_2292PKTOPTIONS = new Opt(IPPROTO_IPV6, 6, "IPV6_2292PKTOPTIONS");
  public static final Opt IPV6_UNICAST_HOPS = new Opt(IPPROTO_IPV6, 16, "IPV6_UNICAST_HOPS");
  public static final Opt IPV6_MTU = new Opt(IPPROTO_IPV6, 24, "IPV6_MTU");
  public static final Opt IPV6_FLOWLABEL_MGR = new Opt(IPPROTO_IPV6, 32, "IPV6_FLOWLABEL_MGR");
  public static final Opt IPV6_TCLASS = new Opt(IPPROTO_IPV6, 67, "IPV6_TCLASS");

  private static Opt socket(int number, String name) {
    return new Opt(SOL_SOCKET, number, name);
  }

  private static Opt tcp(int number, String name) {
    return new Opt(IPPROTO_TCP, number, name);
  }
}
