/** Verdicts, findings, and the forms in which people and programs get them. */
@NullMarked
package dev.offramp.tck.report;

import org.jspecify.annotations.NullMarked;
