package dev.modelgate.app.commit;

import dev.modelgate.app.sharing.Command.ImportItem;
import java.util.function.Supplier;

/**
 * One record of an import.
 *
 * @param item what is to be
 * @param bytes the length of {@code form}
 * @param form the record as it was sent, in one form for equal records; asked for only where a
 *     retry has to be recognized
 */
public record ImportLine(ImportItem item, int bytes, Supplier<byte[]> form) {}
