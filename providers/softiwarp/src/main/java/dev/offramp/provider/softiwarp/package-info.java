/** The software RNIC, beginning with {@link dev.offramp.provider.softiwarp.SoftiwarpDriver}. */
@NullMarked
package dev.offramp.provider.softiwarp;

import org.jspecify.annotations.NullMarked;
