package dev.modelgate.model.profile;

import java.util.Map;

/**
 * A role: for each kind the mask that it gives there, so that one grant on an environment gives
 * each kind below it that kind's mask.
 *
 * @param name unique in the profile
 * @param id its number in the organization's vocabulary, which grants store
 * @param rank for profiles that cap by rank; larger is more
 * @param owner whether its holders are owners: takes no expiry and no condition, carries can_share
 *     and data permissions
 * @param masks kind name to mask, an entry for every kind of the profile
 */
public record Role(String name, int id, int rank, boolean owner, Map<String, Long> masks) {
  /** Copies the map. */
  public Role {
    masks = Map.copyOf(masks);
  }

  /** What the role gives on a resource of that kind. */
  public long maskOn(Kind kind) {
    Long mask = masks.get(kind.name());
    return mask == null ? 0 : mask;
  }
}
