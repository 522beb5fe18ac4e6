package dev.modelgate.client.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows in columns, two spaces apart, each as wide as its widest cell. */
final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();

  TextTable(List<String> header) {
    rows.add(header);
  }

  /** Adds a row with as many cells as the header; control characters in them are replaced. */
  void add(List<String> cells) {
    // A name or note must not move the cursor of the terminal that it is printed on.
    rows.add(cells.stream().map(cell -> cell.replaceAll("\\p{Cntrl}", "\uFFFD")).toList());
  }

  @Override
  public String toString() {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      lines.add(line.toString().stripTrailing());
    }
    return String.join(System.lineSeparator(), lines);
  }
}
