package dev.modelgate.app.commit;

import dev.modelgate.app.sharing.Command.ImportItem;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How many records were applied, by type; also those that changed nothing. */
public record ImportCounts(Map<Class<? extends ImportItem>, Long> byType) {
  /** Nothing yet. */
  public static final ImportCounts NONE = new ImportCounts(Map.of());

  /** Copies the map. */
  public ImportCounts {
    byType = Map.copyOf(byType);
  }

  /** All together. */
  public long total() {
    return byType.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Those of one type. */
  public long of(Class<? extends ImportItem> type) {
    return byType.getOrDefault(type, 0L);
  }

  ImportCounts plus(List<ImportLine> lines) {
    Map<Class<? extends ImportItem>, Long> more = new HashMap<>(byType);
    lines.forEach(line -> more.merge(line.item().getClass(), 1L, Long::sum));
    return new ImportCounts(more);
  }
}
