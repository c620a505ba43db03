package dev.offramp.models.chelsio;

/**
 * What of the adapter is in use: equal before and after, unless a driver leaks.
 *
 * @param tids connections that have a TCB, those included that are over but not released
 * @param atids connection attempts that have not been answered; the model answers at once
 * @param claims 4-tuples that belong to the adapter
 * @param egressQueues Ethernet, offload and control queues
 * @param ingressQueues queues for messages
 * @param freeLists lists of buffers of those
 * @param workQueues send and receive queues of RDMA
 * @param completionQueues of RDMA
 * @param rdmaStreams connections in RDMA mode
 * @param stags entries of the table of STags that are in use
 * @param virtualInterfaces interfaces of ports
 * @param localIpv6Addresses entries of the table of local IPv6 addresses (CLIP)
 */
public record ChelsioUsage(
    int tids,
    int atids,
    int claims,
    int egressQueues,
    int ingressQueues,
    int freeLists,
    int workQueues,
    int completionQueues,
    int rdmaStreams,
    int stags,
    int virtualInterfaces,
    int localIpv6Addresses) {}
