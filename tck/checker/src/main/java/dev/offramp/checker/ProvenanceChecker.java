package dev.offramp.checker;

import org.checkerframework.common.basetype.BaseTypeChecker;
import org.checkerframework.framework.qual.StubFiles;

/**
 * What comes from the IP stack does not flow into what is encoded for an InfiniBand communication
 * manager. Rules: {@code dev.offramp.checker.qual.FromIpStack} and {@code FromCm}.
 */
@StubFiles({"boxes.astub", "sockets.astub", "descriptor.astub"})
public final class ProvenanceChecker extends BaseTypeChecker {}
