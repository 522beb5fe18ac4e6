package dev.modelgate.app.query;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A {@link Walk} over rows that hold several grants each. A position is (level, uid, index): the
 * grant at {@code index} of the row at {@code uid} was the last of its page.
 */
final class GrantWalk {
  private final Reading reading;
  private final Walk<GrantView> walk;
  private final boolean resumed;
  private final int level;
  private final Uid at;
  private final int index;

  private record Place(int level, Uid row, int index) {
    static Place read(ByteReader in) {
      return new Place(
          in.varint(Byte.MAX_VALUE), new Uid(in.fixed64()), in.varint(Integer.MAX_VALUE));
    }
  }

  GrantWalk(Reading reading, PageScope scope, PageRequest page) {
    this.reading = reading;
    this.walk = new Walk<>(scope, page);
    Optional<Place> begin = scope.position(page.token(), Place::read);
    this.resumed = begin.isPresent();
    this.level = begin.map(Place::level).orElse(0);
    this.at = begin.map(Place::row).orElse(Uid.NONE);
    this.index = begin.map(Place::index).orElse(-1);
  }

  boolean isResumed() {
    return resumed;
  }

  /** The level at which this page begins, 0 for the resource itself. */
  int resumedLevel() {
    return level;
  }

  /** The uid at which this page begins; the row's first grants may be on the page before. */
  Uid resumedAt() {
    return at;
  }

  /**
   * Offers a row; false when the page ended in or before it.
   *
   * @param shown which of its grants the page shows
   */
  boolean offer(int rowLevel, Uid uid, GrantRow row, Predicate<Grant> shown) {
    for (int i = 0; i < row.grants().size(); i++) {
      var grant = row.grants().get(i);
      boolean onPageBefore =
          resumed && rowLevel == level && (uid.compareTo(at) < 0 || uid.equals(at) && i <= index);
      ByteWriter position = new ByteWriter(24).varint(rowLevel).fixed64(uid.value()).varint(i);
      if (!onPageBefore
          && !walk.offer(position, shown.test(grant), () -> reading.views().grant(row, grant))) {
        return false;
      }
    }
    return true;
  }

  Page<GrantView> page() {
    return walk.page();
  }
}
