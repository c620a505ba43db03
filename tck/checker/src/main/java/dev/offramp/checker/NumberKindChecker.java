package dev.offramp.checker;

import org.checkerframework.common.basetype.BaseTypeChecker;
import org.checkerframework.framework.qual.StubFiles;

/**
 * Sequence numbers keep their 32 bits and are not mixed with other numbers of that size. Rules:
 * {@code dev.offramp.checker.qual.SequenceNumber}.
 */
@StubFiles({"boxes.astub", "descriptor.astub"})
public final class NumberKindChecker extends BaseTypeChecker {}
