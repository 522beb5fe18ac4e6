package dev.modelgate.store.rocksdb;

import java.nio.file.Path;
import org.rocksdb.DBOptions;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/** A file of sorted rows of one family that is being written. Not thread-safe. */
final class LoadFile implements AutoCloseable {
  private final Family family;
  private final Path path;
  private final DBOptions database;
  private final Options options;
  private final EnvOptions environment;
  private final SstFileWriter writer;

  LoadFile(Family family, Path path, Tuning tuning) throws RocksDBException {
    this.family = family;
    this.path = path;
    this.database = tuning.database();
    this.options = new Options(database, tuning.family(family));
    this.environment = new EnvOptions(database);
    this.writer = new SstFileWriter(environment, options);
    try {
      writer.open(path.toString());
    } catch (RocksDBException e) {
      close();
      throw e;
    }
  }

  Family family() {
    return family;
  }

  Path path() {
    return path;
  }

  /** Sets a row; its key is above all before. */
  void put(byte[] key, byte[] value) throws RocksDBException {
    writer.put(key, value);
  }

  /** Has a row not be there, whatever older files say. */
  void delete(byte[] key) throws RocksDBException {
    writer.delete(key);
  }

  /** How long it is by now, in bytes, about. */
  long bytes() throws RocksDBException {
    return writer.fileSize();
  }

  /** Makes it whole and durable; it has a row at least. */
  void finish() throws RocksDBException {
    writer.finish();
  }

  /** Frees what is native of it; the file stays. */
  @Override
  public void close() {
    writer.close();
    environment.close();
    options.close();
    database.close();
  }
}
