package dev.modelgate.store;

/**
 * The bounds of an {@link EmbeddedChangeLog}.
 *
 * @param queueRecordsMax the most records and barriers that wait; more are refused, patient records
 *     from half of it on
 * @param queueBytesMax the most bytes of waiting records; half of it for patient ones
 * @param groupRecordsMax the most records of one synced write
 * @param groupBytesMax the most bytes of one synced write; a single longer record goes alone
 */
public record AppendLimits(
    int queueRecordsMax, long queueBytesMax, int groupRecordsMax, long groupBytesMax) {
  /** 16,384 records and 64 MiB wait; 1,024 records and 4 MiB go together. */
  public static final AppendLimits DEFAULT = new AppendLimits(16_384, 64 << 20, 1_024, 4 << 20);

  /** Refuses a bound below one. */
  public AppendLimits {
    if (queueRecordsMax < 1 || queueBytesMax < 1 || groupRecordsMax < 1 || groupBytesMax < 1) {
      throw new IllegalArgumentException("append limits (expected: 1 or above)");
    }
  }
}
