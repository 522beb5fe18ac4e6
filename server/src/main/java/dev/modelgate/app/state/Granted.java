package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import dev.modelgate.store.row.OrgRows;
import org.jspecify.annotations.Nullable;

/**
 * On which resources a single account may have grants: a Bloom filter over the index of grants by
 * principal. Only its no is believed, and a no is exact; after a maybe the row itself is read. So
 * an index without a row that it should have would deny, and could never allow.
 *
 * <p>Made once an account was asked about often enough: by then about as much was spent on looking
 * for grants of it one by one. Holds until any grant of the account changes. Thread-safe.
 */
final class Granted extends Derived {
  /** The most grants of an account that are walked; of one with more each is read by itself. */
  static final int WALK_MAX = 256;

  /** So many are walked first. */
  static final int WALK_AT_FIRST = 8;

  /** So often an account is asked about before its first grants are walked. */
  static final int ASKED_BEFORE_FIRST = 4;

  /** So often after that, before more of them are. */
  static final int ASKED_BEFORE_WALK = 16;

  /** With three of them set for each resource, one no in fifty or fewer reads as a maybe. */
  private static final int BITS_EACH = 10;

  private static final int[] NOTHING = {};

  private final long @Nullable [] bits;
  private final int walk;
  private int asked;

  private Granted(long sequence, int[] stripes, long @Nullable [] bits, int walk) {
    super(sequence, stripes);
    this.bits = bits;
    this.walk = walk;
  }

  /**
   * Nothing is known.
   *
   * @param walk how many grants may be walked when the account was asked about often enough; 0 for
   *     no walk
   */
  private static Granted unknown(int walk) {
    return new Granted(0, NOTHING, null, walk);
  }

  /** Nothing is known yet. */
  static Granted unknown() {
    return unknown(WALK_AT_FIRST);
  }

  /**
   * Walks the grants of an account, as many as may be now.
   *
   * @param sequence the publication that is read
   * @throws dev.modelgate.store.StoreException when they cannot be read
   */
  Granted walked(OrgRows rows, Uid org, Uid account, long sequence) {
    long[] resources = new long[walk];
    int[] count = new int[1];
    rows.eachResourceGrantedTo(
        account,
        resource -> {
          if (count[0] < walk) {
            resources[count[0]] = resource.value();
          }
          return ++count[0] <= walk;
        });
    if (count[0] > walk) {
      return unknown(walk < WALK_MAX ? WALK_MAX : 0);
    }
    long[] filter = new long[Math.max(1, Integer.highestOneBit(count[0] * BITS_EACH / 64) * 2)];
    for (int i = 0; i < count[0]; i++) {
      set(filter, Stripes.mix(resources[i]));
    }
    return new Granted(sequence, new int[] {Stripes.granted(org, account)}, filter, walk);
  }

  /** Whether anything is known, of the publication that was read. */
  boolean isKnown() {
    return bits != null;
  }

  /** Whether now is the time to walk. A race loses some of the count, and puts off a walk. */
  boolean isWalkDue() {
    return walk > 0 && ++asked > (walk == WALK_AT_FIRST ? ASKED_BEFORE_FIRST : ASKED_BEFORE_WALK);
  }

  /** Whether there may be a grant on that resource. */
  boolean mayBeOn(Uid resource) {
    if (bits == null) {
      return true;
    }
    long hash = Stripes.mix(resource.value());
    return isSet(bits, hash) && isSet(bits, hash >>> 16) && isSet(bits, hash >>> 32);
  }

  /** What it costs, in bytes, about. */
  int weight() {
    return 64 + (bits == null ? 0 : 32 + Long.BYTES * bits.length);
  }

  private static void set(long[] bits, long hash) {
    for (int part = 0; part < 48; part += 16) {
      int bit = bit(bits, hash >>> part);
      bits[bit >>> 6] |= 1L << bit;
    }
  }

  private static boolean isSet(long[] bits, long hash) {
    int bit = bit(bits, hash);
    return (bits[bit >>> 6] & 1L << bit) != 0;
  }

  private static int bit(long[] bits, long hash) {
    return (int) hash & bits.length * Long.SIZE - 1;
  }
}
