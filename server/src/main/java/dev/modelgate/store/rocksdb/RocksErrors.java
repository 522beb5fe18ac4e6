package dev.modelgate.store.rocksdb;

import dev.modelgate.store.CorruptionException;
import dev.modelgate.store.NotAtOnceException;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.UnopenableException;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** The one place where RocksDB's errors become the port's. */
final class RocksErrors {
  private static final int MESSAGE_CHARS_MAX = 400;

  private RocksErrors() {}

  /**
   * What a failed read means: damage, no answer, or none without waiting; never absence (hazard 4).
   */
  static StoreException read(String subject, RocksDBException e) {
    Status status = e.getStatus();
    if (status != null && status.getCode() == Status.Code.Incomplete) {
      return new NotAtOnceException(subject + " is not in memory as far as it is needed");
    }
    return isCorruption(e)
        ? new CorruptionException(subject + " is damaged: " + line(e), e)
        : new StoreException("cannot read " + subject + ": " + line(e), e);
  }

  /** One line for an operator. */
  static UnopenableException open(Path directory, RocksDBException e) {
    String message = line(e);
    if (message.contains("lock")
        && (message.contains("LOCK") || message.contains("lock hold by current process"))) {
      return new UnopenableException("store `" + directory + "` is in use by another process", e);
    }
    if (message.contains("Permission denied") || message.contains("Operation not permitted")) {
      return new UnopenableException("no rights on store `" + directory + "`: " + message, e);
    }
    if (isCorruption(e)) {
      return new UnopenableException("store `" + directory + "` is damaged: " + message, e);
    }
    return new UnopenableException("cannot open store `" + directory + "`: " + message, e);
  }

  private static boolean isCorruption(RocksDBException e) {
    Status status = e.getStatus();
    String message = line(e);
    return status != null && status.getCode() == Status.Code.Corruption
        || message.contains("Corruption")
        || message.contains("No such file");
  }

  /** The first line of RocksDB's words, bounded. */
  static String line(RocksDBException e) {
    String message = e.getMessage() == null ? "no message" : e.getMessage();
    String line = message.lines().findFirst().orElse("no message");
    return line.length() > MESSAGE_CHARS_MAX ? line.substring(0, MESSAGE_CHARS_MAX) : line;
  }
}
