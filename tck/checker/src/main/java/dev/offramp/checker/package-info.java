/**
 * Checks, while a driver is compiled, that nothing from the IP stack is encoded for an InfiniBand
 * communication manager, and that sequence numbers stay what they are. Built on the Checker
 * Framework; run by {@link dev.offramp.checker.OfframpChecker}.
 */
@NullMarked
package dev.offramp.checker;

import org.jspecify.annotations.NullMarked;
