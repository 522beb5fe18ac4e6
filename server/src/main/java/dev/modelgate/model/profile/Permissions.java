package dev.modelgate.model.profile;

import static dev.modelgate.model.profile.YamlReader.error;
import static dev.modelgate.model.profile.YamlReader.items;
import static dev.modelgate.model.profile.YamlReader.word;

import java.util.List;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** The permissions that a document declares, as bits of an organization's vocabulary. */
final class Permissions {
  private final List<String> declared;
  private final Vocabulary vocabulary;

  Permissions(List<String> declared, Vocabulary vocabulary) {
    this.declared = List.copyOf(declared);
    this.vocabulary = vocabulary;
  }

  List<String> declared() {
    return declared;
  }

  Vocabulary vocabulary() {
    return vocabulary;
  }

  /** The bit of a permission; an error at the node when the document does not declare it. */
  long bit(String permission, Node node) {
    if (!declared.contains(permission)) {
      throw error(node, "`" + permission + "` is no permission of this profile");
    }
    return 1L << vocabulary.permissions().indexOf(permission);
  }

  /** The permissions, one at least, that something needs: the name of one, or a list. */
  long needed(Node node) {
    if (!(node instanceof SequenceNode)) {
      return bit(word(node), node);
    }
    long mask = 0;
    for (Node item : items(node)) {
      mask |= bit(word(item), item);
    }
    if (mask == 0) {
      throw error(node, "expected: one permission or more");
    }
    return mask;
  }

  /** The bit of a permission, 0 when the document does not declare it. */
  long bitIfDeclared(String permission) {
    return declared.contains(permission) ? 1L << vocabulary.permissions().indexOf(permission) : 0;
  }

  /** Every declared permission. */
  long all() {
    long mask = 0;
    for (String permission : declared) {
      mask |= 1L << vocabulary.permissions().indexOf(permission);
    }
    return mask;
  }

  /** Reads a list of permissions: "*" is all of {@code within}, "-x" takes x away again. */
  long mask(List<String> list, long within, Node node) {
    long mask = 0;
    for (String word : list) {
      if (word.equals("*")) {
        mask |= within;
      } else if (word.startsWith("-")) {
        mask &= ~bit(word.substring(1), node);
      } else {
        mask |= bit(word, node) & within;
      }
    }
    return mask;
  }
}
