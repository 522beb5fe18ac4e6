package dev.modelgate.store.rocksdb;

import dev.modelgate.store.UnopenableException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads RocksDB's native part and leaves no copy of it behind. RocksDB's own way extracts 17 MB
 * under a new name in the temporary directory at each start and removes them when the process ends
 * in good order, which one that is killed, or halts once it has stopped, does not.
 */
final class NativeLibrary {
  private static final Logger log = LoggerFactory.getLogger(NativeLibrary.class);

  /** Where RocksDB extracts to when somebody says so: he keeps it there, one copy. */
  private static final String DIRECTORY = "ROCKSDB_SHAREDLIB_DIR";

  private static boolean loaded;

  private NativeLibrary() {}

  /**
   * Loads it, once in a process.
   *
   * @throws UnopenableException when the temporary directory takes no file
   */
  static synchronized void load() {
    if (!loaded && System.getenv(DIRECTORY) == null) {
      try {
        loadFrom(Files.createTempDirectory("modelgate-rocksdb"));
      } catch (IOException e) {
        throw new UnopenableException(
            "cannot extract RocksDB's library to `"
                + System.getProperty("java.io.tmpdir")
                + "` (expected: a writable java.io.tmpdir, or "
                + DIRECTORY
                + ")",
            e);
      }
    }
    RocksDB.loadLibrary(); // Finds it loaded, or loads it in its own way.
    loaded = true;
  }

  private static void loadFrom(Path directory) throws IOException {
    try {
      NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
    } finally {
      remove(directory);
    }
  }

  /** What is mapped into memory stays there without its file, except on Windows. */
  private static void remove(Path directory) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (IOException e) {
      log.debug("cannot remove {}", directory, e);
    }
  }
}
