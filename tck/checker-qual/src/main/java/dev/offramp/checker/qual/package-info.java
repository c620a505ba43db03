/**
 * Two families of type annotations. <i>Provenance</i>: {@link
 * dev.offramp.checker.qual.FromIpStack}, {@link dev.offramp.checker.qual.FromCm}, {@link
 * dev.offramp.checker.qual.UnknownProvenance}, {@link dev.offramp.checker.qual.NoProvenance},
 * {@link dev.offramp.checker.qual.PolyProvenance}. <i>Kinds of numbers</i>: {@link
 * dev.offramp.checker.qual.SequenceNumber}, {@link dev.offramp.checker.qual.MessageSequenceNumber},
 * {@link dev.offramp.checker.qual.STag}, {@link dev.offramp.checker.qual.AnyNumber}, {@link
 * dev.offramp.checker.qual.PlainNumber}, {@link dev.offramp.checker.qual.PolyNumber}.
 */
@NullMarked
package dev.offramp.checker.qual;

import org.jspecify.annotations.NullMarked;
