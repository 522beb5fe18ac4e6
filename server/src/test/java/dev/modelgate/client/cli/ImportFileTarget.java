package dev.modelgate.client.cli;

import dev.modelgate.fuzz.FuzzTarget;
import java.io.ByteArrayInputStream;

/** Import files: read to the end, or refused with the file and the line. */
public final class ImportFileTarget implements FuzzTarget {
  private static final int RECORDS_MAX = 10_000;

  @Override
  public void read(byte[] input) {
    try (RecordReader reader = RecordReader.open("-", new ByteArrayInputStream(input))) {
      reader.header();
      int records = 0;
      while (records++ < RECORDS_MAX && reader.next().isPresent()) {
        // Reading is all.
      }
    } catch (CliException e) {
      return;
    }
  }
}
