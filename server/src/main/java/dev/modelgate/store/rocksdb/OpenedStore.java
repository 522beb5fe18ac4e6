package dev.modelgate.store.rocksdb;

import dev.modelgate.store.ChangeSetCodec;
import dev.modelgate.store.CorruptionException;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Position;
import dev.modelgate.store.Shard;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.UnopenableException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store that was opened and found to be ours, of this schema, complete up to its witness, with
 * heads that follow from its log.
 */
record OpenedStore(
    Tuning tuning, Opening opening, RocksHandle handle, Metadata metadata, HeadWitness witness) {
  private static final Logger log = LoggerFactory.getLogger(OpenedStore.class);

  /** Opens or begins a store. */
  static OpenedStore open(RocksOptions options) {
    return open(options, false);
  }

  /** Begins a store that is to be filled from a snapshot; it opens for use after that only. */
  static OpenedStore openForImport(RocksOptions options) {
    return open(options, true);
  }

  private static OpenedStore open(RocksOptions options, boolean forImport) {
    NativeLibrary.load();
    Tuning tuning = new Tuning(options);
    RocksHandle handle = null;
    try {
      Opening opening = new Opening(options.directory(), tuning);
      opening.prepareDirectory();
      HeadWitness witness = new HeadWitness(options.directory());
      Optional<HeadWitness.Testimony> testimony = testimony(witness, options);
      requireNotLost(opening, testimony, options);
      Set<String> families = opening.storedFamilies();
      requireOurs(opening, families, options);
      handle = opening.open();
      Metadata metadata = new Checks(options, handle, witness).run(testimony, forImport);
      new LoadFiles(handle, tuning, options.directory()).clean();
      return new OpenedStore(tuning, opening, handle, metadata, witness);
    } catch (RuntimeException e) {
      if (handle != null) {
        handle.close(Duration.ZERO);
      }
      tuning.close();
      throw e instanceof UnopenableException || !(e instanceof StoreException)
          ? e
          : new UnopenableException("store `" + options.directory() + "`: " + e.getMessage(), e);
    }
  }

  private static Optional<HeadWitness.Testimony> testimony(
      HeadWitness witness, RocksOptions options) {
    try {
      return witness.read();
    } catch (StoreException e) {
      if (options.acceptLostTail()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static void requireNotLost(
      Opening opening, Optional<HeadWitness.Testimony> testimony, RocksOptions options) {
    boolean lost = !opening.exists() && testimony.filter(t -> t.position().value() > 0).isPresent();
    if (lost && !options.acceptLostTail()) {
      throw new UnopenableException(
          "store `" + options.directory() + "` has a head witness and no database: it is lost");
    }
  }

  /** Asked before the opening, which would add our column families to somebody else's database. */
  private static void requireOurs(Opening opening, Set<String> families, RocksOptions options) {
    for (String name : families) {
      boolean known = false;
      for (Family family : Family.values()) {
        known |= family.storedName().equals(name);
      }
      if (!known) {
        throw new UnopenableException(
            "store `"
                + options.directory()
                + "` has a newer schema: unknown column family `"
                + name
                + "`");
      }
    }
    // A creation that was interrupted has some of the families, and nothing in them.
    boolean complete = families.size() == Family.values().length;
    if (!families.isEmpty() && !complete && opening.holdsData()) {
      throw new UnopenableException(
          "`" + options.directory() + "` is no store of modelgate, or has lost column families");
    }
  }

  /** What is checked once the files are open. */
  private record Checks(RocksOptions options, RocksHandle handle, HeadWitness witness) {

    Metadata run(Optional<HeadWitness.Testimony> testimony, boolean forImport) {
      Optional<Metadata> stored = Metadata.read(handle);
      if (stored.isEmpty()) {
        return begin(Metadata.fresh(forImport));
      }
      if (forImport) {
        throw refusal("is not empty (expected: a new directory for the snapshot)");
      }
      Metadata metadata = stored.get();
      if (metadata.schema() > Metadata.SCHEMA) {
        throw refusal(
            "has the newer schema " + metadata.schema() + " (expected: " + Metadata.SCHEMA + ")");
      }
      if (metadata.shards() != Shard.COUNT) {
        throw refusal("has " + metadata.shards() + " shards (expected: " + Shard.COUNT + ")");
      }
      if (metadata.importing()) {
        throw refusal("holds an import that did not finish; delete it and import again");
      }
      RocksSnapshot snapshot = handle.snapshot();
      try {
        Metadata agreed = compare(metadata, testimony, snapshot.position());
        requireHeads(snapshot);
        return agreed.schema() < Metadata.SCHEMA
            ? new Upgrade(options, handle, snapshot).from(agreed)
            : agreed;
      } finally {
        snapshot.release();
      }
    }

    private Metadata compare(
        Metadata metadata, Optional<HeadWitness.Testimony> testimony, Position position) {
      String finding = finding(metadata, testimony, position);
      if (finding.isEmpty()) {
        if (testimony.isEmpty()) {
          reset(metadata, position);
        }
        return metadata;
      }
      if (!options.acceptLostTail()) {
        throw refusal(
            finding
                + "; restore it, or accept the loss (a new lineage: no older token is believed)");
      }
      Metadata forked = metadata.withNewLineage();
      write(forked);
      reset(forked, position);
      log.error(
          "accept-lost-tail: store {} {}; it is open as a new history at position {}, and grants"
              + " that the lost changes had revoked may be back",
          options.directory(),
          finding,
          position.value());
      return forked;
    }

    /** Why the store may have lost its tail; empty when it has not. */
    private static String finding(
        Metadata metadata, Optional<HeadWitness.Testimony> testimony, Position position) {
      if (testimony.isEmpty()) {
        // Without a record there is nothing that it could have witnessed.
        return position.value() == 0 ? "" : "has no readable head witness";
      }
      HeadWitness.Testimony witnessed = testimony.get();
      if (!witnessed.lineage().equals(metadata.lineage())) {
        return "has the head witness of another store";
      }
      return position.compareTo(witnessed.position()) < 0
          ? "has lost its tail: the log ends at position "
              + position.value()
              + ", its witness saw "
              + witnessed.position().value()
          : "";
    }

    private void requireHeads(RocksSnapshot snapshot) {
      try (RocksCursor heads = snapshot.scan(Family.HEADS, Keys.empty(), Keys.empty())) {
        while (heads.next()) {
          HeadRow row = HeadRow.decode(Keys.orgOf(heads.key()), heads.value());
          if (row.head().version() > row.logBase()) {
            requireHead(snapshot, row);
          }
        }
      }
    }

    /** The newest change set carries the digest before it, so one row proves the head. */
    private static void requireHead(RocksSnapshot snapshot, HeadRow row) {
      String organization = "organization " + row.head().org();
      LogRecord record =
          snapshot
              .log(row.head().org(), row.head().version())
              .orElseThrow(
                  () ->
                      new CorruptionException(
                          organization + " has no change set " + row.head().version()));
      var changeSet = ChangeSetCodec.decode(record.stored());
      boolean follows =
          changeSet.version() == row.head().version()
              && changeSet.baseDigest().advance(record.stored()).equals(row.head().digest());
      if (!follows) {
        throw new CorruptionException(
            organization + " has a head whose digest does not follow from its log");
      }
    }

    private Metadata begin(Metadata metadata) {
      write(metadata);
      reset(metadata, Position.START);
      return metadata;
    }

    private void write(Metadata metadata) {
      RowBatch batch = new RowBatch(handle);
      metadata.put(batch);
      try {
        handle.write(batch);
      } catch (RocksDBException e) {
        throw RocksErrors.open(options.directory(), e);
      }
    }

    private void reset(Metadata metadata, Position position) {
      try {
        witness.reset(new HeadWitness.Testimony(metadata.lineage(), position));
      } catch (IOException e) {
        throw new UnopenableException(
            "cannot write the head witness of `" + options.directory() + "`: " + e.getMessage(), e);
      }
    }

    private UnopenableException refusal(String finding) {
      return new UnopenableException("store `" + options.directory() + "` " + finding);
    }
  }
}
