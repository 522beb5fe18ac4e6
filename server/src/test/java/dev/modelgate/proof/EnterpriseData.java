package dev.modelgate.proof;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** The access data of a real enterprise: pairs of numbers, and the same access as groups. */
final class EnterpriseData {
  static final int USERS = 3_477;
  static final int RESOURCES = 1_587;

  private final Path directory;

  EnterpriseData(Path directory) {
    this.directory = directory;
  }

  boolean isPresent() {
    return Files.isDirectory(directory);
  }

  /** The lines of a file as pairs, its heading left out. */
  List<int[]> pairs(String name) throws IOException {
    List<int[]> pairs = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(directory.resolve(name))),
                StandardCharsets.US_ASCII))) {
      String line = lines.readLine();
      for (line = lines.readLine(); line != null; line = lines.readLine()) {
        int comma = line.indexOf(',');
        pairs.add(
            new int[] {
              Integer.parseInt(line.substring(0, comma)),
              Integer.parseInt(line.substring(comma + 1))
            });
      }
    }
    return pairs;
  }

  /** Who may use what, by {@link #index}. */
  BitSet direct() throws IOException {
    BitSet allowed = new BitSet(USERS * RESOURCES);
    for (int[] pair : pairs("direct.csv.gz")) {
      allowed.set(index(pair[0], pair[1]));
    }
    return allowed;
  }

  /** The place of a pair; users and resources count from 1. */
  static int index(int user, int resource) {
    return (user - 1) * RESOURCES + resource - 1;
  }
}
