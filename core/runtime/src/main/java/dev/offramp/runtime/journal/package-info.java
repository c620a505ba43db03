/**
 * The record of transfers on disk, which tells after a crash who owned which connection: written by
 * {@link dev.offramp.runtime.journal.TransferJournal}, read by {@link
 * dev.offramp.runtime.journal.JournalReader}.
 */
@NullMarked
package dev.offramp.runtime.journal;

import org.jspecify.annotations.NullMarked;
