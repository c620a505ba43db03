package dev.offramp.models.chelsio;

import dev.offramp.api.descriptor.MacAddress;
import java.util.List;

/**
 * How a modelled adapter is made. The defaults are those of a small card with the driver's own
 * configuration file.
 *
 * @param firmwareVersion major 31:24, minor 23:16, micro 15:8, build 7:0
 * @param function the physical function that the driver sits on, 0..7
 * @param ports how many ports, 1..4
 * @param macAddress of port 0; others follow
 * @param mtuTable sixteen MTUs that TCBs choose from
 * @param tids how many connections
 * @param egressPerPage log2 of how many egress queues share a page of doorbells, 0..6
 * @param ingressPerPage the same for ingress queues
 * @param maxReadDepth largest IRD and ORD of a connection
 * @param adapterReadDepth largest sum of IRDs
 */
public record ChelsioOptions(
    int firmwareVersion,
    int function,
    int ports,
    MacAddress macAddress,
    List<Integer> mtuTable,
    int tids,
    int egressPerPage,
    int ingressPerPage,
    int maxReadDepth,
    int adapterReadDepth) {
  private static final int MTUS = 16;

  public ChelsioOptions {
    mtuTable = List.copyOf(mtuTable);
    check("function", function, 0, 7);
    check("ports", ports, 1, 4);
    check("MTUs", mtuTable.size(), MTUS, MTUS);
    check("tids", tids, 1, 1 << 14);
    check("egressPerPage", egressPerPage, 0, 6);
    check("ingressPerPage", ingressPerPage, 0, 6);
    check("maxReadDepth", maxReadDepth, 0, 255);
  }

  /** Firmware 1.27.5.0, function 4, two ports, 1024 connections, reads 32 deep. */
  public static ChelsioOptions defaults() {
    return new ChelsioOptions(
        0x011B_0500,
        4,
        2,
        new MacAddress(0x0007_4312_3450L),
        List.of(
            88, 256, 512, 576, 808, 1024, 1280, 1488, 1500, 2002, 2048, 4096, 4352, 8192, 9000,
            9600),
        1024,
        4,
        5,
        32,
        1024 * 32);
  }

  /** The address of a port. */
  MacAddress macAddress(int port) {
    return new MacAddress(macAddress.value() + 8L * port);
  }

  private static void check(String what, int seen, int least, int most) {
    if (seen < least || seen > most) {
      throw new IllegalArgumentException(
          "%s: seen [%d], expected %d..%d".formatted(what, seen, least, most));
    }
  }
}
