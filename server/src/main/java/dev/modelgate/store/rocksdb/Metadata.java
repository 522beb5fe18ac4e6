package dev.modelgate.store.rocksdb;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.LineageId;
import dev.modelgate.store.Position;
import dev.modelgate.store.Shard;
import dev.modelgate.store.UndecodableException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;

/**
 * What the store says about itself.
 *
 * <pre>
 *   "schema"    fixed64  number of the layouts, {@value #SCHEMA}
 *   "shards"    fixed64  {@value Shard#COUNT}
 *   "lineage"   fixed64, fixed64
 *   "position"  fixed64  last applied; absent is 0
 *   "import"    empty    there while a snapshot is being read in
 *   "loading"   fixed64  the organization that is being loaded, see {@link LoadFiles}
 * </pre>
 */
record Metadata(long schema, long shards, LineageId lineage, boolean importing) {
  /**
   * The layouts of this version of the program. Raised by every change after which an older version
   * must not write. Version 2 has {@link dev.modelgate.store.Table#DELETED_NAMES}, version 3 may
   * have rows of an organization that is being loaded.
   */
  static final long SCHEMA = 3;

  private static final byte[] SCHEMA_KEY = Keys.metadata("schema");
  private static final byte[] SHARDS_KEY = Keys.metadata("shards");
  private static final byte[] LINEAGE_KEY = Keys.metadata("lineage");
  private static final byte[] POSITION_KEY = Keys.metadata("position");
  private static final byte[] IMPORT_KEY = Keys.metadata("import");
  private static final byte[] LOADING_KEY = Keys.metadata("loading");

  /** Those of a store that begins now. */
  static Metadata fresh(boolean importing) {
    return new Metadata(SCHEMA, Shard.COUNT, LineageId.random(), importing);
  }

  /** The same store with another history. */
  Metadata withNewLineage() {
    return new Metadata(schema, shards, LineageId.random(), importing);
  }

  /** The same store in the layouts of this version. */
  Metadata upgraded() {
    return new Metadata(SCHEMA, shards, lineage, importing);
  }

  /** The same store, read in completely. */
  Metadata imported() {
    return new Metadata(schema, shards, lineage, false);
  }

  /** Empty for a database that was just created. */
  static Optional<Metadata> read(RocksHandle handle) {
    try (ReadOptions options = new ReadOptions()) {
      byte[] schema = handle.get(Family.METADATA, options, SCHEMA_KEY);
      if (schema == null) {
        return Optional.empty();
      }
      long number = number(schema);
      if (number > SCHEMA) {
        // Nothing else can be assumed of it.
        return Optional.of(new Metadata(number, 0, new LineageId(0, 0), false));
      }
      byte[] shards = handle.get(Family.METADATA, options, SHARDS_KEY);
      byte[] lineage = handle.get(Family.METADATA, options, LINEAGE_KEY);
      boolean importing = handle.get(Family.METADATA, options, IMPORT_KEY) != null;
      if (shards == null || lineage == null) {
        throw new UndecodableException("the metadata is incomplete");
      }
      ByteReader in = new ByteReader(lineage);
      LineageId id = new LineageId(in.fixed64(), in.fixed64());
      in.end();
      return Optional.of(new Metadata(number, number(shards), id, importing));
    }
  }

  static Position position(RocksHandle handle, ReadOptions options) {
    byte[] value = handle.get(Family.METADATA, options, POSITION_KEY);
    return value == null ? Position.START : new Position(number(value));
  }

  static void putPosition(RowBatch batch, Position position) {
    batch.put(Family.METADATA, POSITION_KEY, fixed64(position.value()));
  }

  /** The organization whose rows may lie there without a head; null when none is being loaded. */
  static @Nullable Uid loading(RocksHandle handle, ReadOptions options) {
    byte[] value = handle.get(Family.METADATA, options, LOADING_KEY);
    return value == null ? null : new Uid(number(value));
  }

  static void putLoading(RowBatch batch, Uid org) {
    batch.put(Family.METADATA, LOADING_KEY, fixed64(org.value()));
  }

  static void deleteLoading(RowBatch batch) {
    batch.delete(Family.METADATA, LOADING_KEY);
  }

  void put(RowBatch batch) {
    byte[] id = new ByteWriter(16).fixed64(lineage.high()).fixed64(lineage.low()).toBytes();
    batch.put(Family.METADATA, SCHEMA_KEY, fixed64(schema));
    batch.put(Family.METADATA, SHARDS_KEY, fixed64(shards));
    batch.put(Family.METADATA, LINEAGE_KEY, id);
    if (importing) {
      batch.put(Family.METADATA, IMPORT_KEY, Keys.empty());
    } else {
      batch.delete(Family.METADATA, IMPORT_KEY);
    }
  }

  private static byte[] fixed64(long number) {
    return new ByteWriter(8).fixed64(number).toBytes();
  }

  private static long number(byte[] value) {
    ByteReader in = new ByteReader(value);
    long number = in.fixed64();
    in.end();
    return number;
  }
}
