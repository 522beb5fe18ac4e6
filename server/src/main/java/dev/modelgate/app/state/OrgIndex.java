package dev.modelgate.app.state;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The organizations by id: an immutable map in {@value #BUCKETS} buckets, so that a publication
 * that changes one organization copies one bucket and not all of them.
 */
final class OrgIndex {
  static final String SYSTEM_ID = "system";

  private static final int BUCKETS = 256;

  private final List<Map<String, OrgState>> buckets;
  private final OrgState system;

  private OrgIndex(List<Map<String, OrgState>> buckets, OrgState system) {
    this.buckets = buckets;
    this.system = system;
  }

  static OrgIndex of(OrgState system) {
    List<Map<String, OrgState>> buckets = new ArrayList<>();
    for (int i = 0; i < BUCKETS; i++) {
      buckets.add(Map.of());
    }
    return new OrgIndex(buckets, system);
  }

  @Nullable OrgState find(String id) {
    return id.equals(SYSTEM_ID) ? system : buckets.get(bucket(id)).get(id);
  }

  OrgState system() {
    return system;
  }

  List<OrgState> sorted() {
    List<OrgState> all = new ArrayList<>();
    buckets.forEach(bucket -> all.addAll(bucket.values()));
    all.sort(Comparator.comparing(OrgState::id));
    return all;
  }

  /** This index with other states of some organizations. */
  OrgIndex with(Iterable<OrgState> changed) {
    List<Map<String, OrgState>> copy = new ArrayList<>(buckets);
    OrgState newSystem = system;
    for (OrgState org : changed) {
      if (org.id().equals(SYSTEM_ID)) {
        newSystem = org;
        continue;
      }
      int bucket = bucket(org.id());
      Map<String, OrgState> more = new HashMap<>(copy.get(bucket));
      more.put(org.id(), org);
      copy.set(bucket, more);
    }
    return new OrgIndex(copy, newSystem);
  }

  private static int bucket(String id) {
    int h = id.hashCode();
    return (h ^ h >>> 16) & BUCKETS - 1;
  }
}
