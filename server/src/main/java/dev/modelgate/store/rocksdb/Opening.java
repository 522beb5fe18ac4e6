package dev.modelgate.store.rocksdb;

import dev.modelgate.store.UnopenableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** Opens the files of a store; every way in which that fails is one line for an operator. */
final class Opening {
  private final Path directory;
  private final Tuning tuning;

  Opening(Path directory, Tuning tuning) {
    this.directory = directory;
    this.tuning = tuning;
  }

  /** Whether there is a database already. */
  boolean exists() {
    return Files.exists(directory.resolve("CURRENT"));
  }

  /** Makes the directory, or refuses what stands in its place. */
  void prepareDirectory() {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new UnopenableException("store `" + directory + "` is not a directory");
    }
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UnopenableException(
          "cannot create store `" + directory + "`: " + e.getClass().getSimpleName(), e);
    }
    if (!Files.isWritable(directory) || !Files.isReadable(directory)) {
      throw new UnopenableException("no rights on store `" + directory + "`");
    }
    if (!exists() && holdsForeignFiles()) {
      throw new UnopenableException(
          "`" + directory + "` holds other files (expected: a store, or an empty directory)");
    }
  }

  private boolean holdsForeignFiles() {
    try (Stream<Path> files = Files.list(directory)) {
      // A creation that was interrupted before CURRENT was there leaves files of these names.
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .anyMatch(
              name ->
                  !name.equals(HeadWitness.FILE_NAME)
                      && !name.matches("LOCK|IDENTITY|LOG.*|MANIFEST-.*|OPTIONS-.*|\\d+\\..*"));
    } catch (IOException e) {
      throw new UnopenableException("no rights on store `" + directory + "`", e);
    }
  }

  /** The column families of the files; empty for a database that is not there yet. */
  Set<String> storedFamilies() {
    Set<String> names = new HashSet<>();
    if (exists()) {
      try (Options options = new Options()) {
        for (byte[] name : RocksDB.listColumnFamilies(options, directory.toString())) {
          names.add(new String(name, StandardCharsets.UTF_8));
        }
      } catch (RocksDBException e) {
        throw RocksErrors.open(directory, e);
      }
    }
    return names;
  }

  /** Whether anything was ever written to the database. */
  boolean holdsData() {
    try (Options options = new Options();
        RocksDB database = RocksDB.openReadOnly(options, directory.toString())) {
      return database.getLatestSequenceNumber() > 0;
    } catch (RocksDBException e) {
      throw RocksErrors.open(directory, e);
    }
  }

  /** Opens for writing; replays the log of RocksDB. */
  RocksHandle open() {
    return open(false);
  }

  /** Opens beside a writer that cannot be opened, so that reads go on. */
  RocksHandle openReadOnly() {
    return open(true);
  }

  private RocksHandle open(boolean readOnly) {
    DBOptions options = tuning.database();
    List<ColumnFamilyHandle> families = new ArrayList<>();
    String path = directory.toString();
    try {
      RocksDB database =
          readOnly
              ? RocksDB.openReadOnly(options, path, tuning.families(), families)
              : RocksDB.open(options, path, tuning.families(), families);
      return new RocksHandle(options, database, families, readOnly);
    } catch (RocksDBException e) {
      options.close();
      throw RocksErrors.open(directory, e);
    }
  }
}
