package dev.modelgate.grpc;

import com.google.protobuf.FieldMask;
import java.util.List;

/**
 * Which fields of a record an update writes (AIP-134).
 *
 * @param paths empty for all mutable fields that are not empty; {@code *} for all mutable ones
 */
record UpdateMask(List<String> paths) {
  private static final String ALL = "*";

  /**
   * Reads a mask.
   *
   * @throws dev.modelgate.model.RefusedException INVALID_FIELD for a path that is not mutable
   */
  static UpdateMask of(FieldMask mask, List<String> mutable) {
    for (String path : mask.getPathsList()) {
      if (!mutable.contains(path) && !(path.equals(ALL) && mask.getPathsCount() == 1)) {
        throw Fields.invalid("update_mask", path, "`*`, or some of " + String.join(", ", mutable));
      }
    }
    return new UpdateMask(mask.getPathsList());
  }

  /** Whether the update writes a field. */
  boolean writes(String path, boolean isEmpty) {
    return paths.isEmpty() ? !isEmpty : paths.contains(ALL) || paths.contains(path);
  }
}
