package dev.modelgate.app.commit;

import dev.modelgate.app.sharing.Command.ImportItem;

/**
 * One record of an import.
 *
 * @param item what is to be
 * @param bytes the record as it was sent, in one form for equal records; must not be changed
 */
public record ImportLine(ImportItem item, byte[] bytes) {}
