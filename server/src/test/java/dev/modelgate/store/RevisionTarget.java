package dev.modelgate.store;

import static dev.modelgate.fuzz.FuzzTarget.require;

import dev.modelgate.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Revision tokens: what is read is written back the same. */
public final class RevisionTarget implements FuzzTarget {
  @Override
  public void read(byte[] input) {
    String token = new String(input, StandardCharsets.UTF_8);
    Optional<Revision> revision = Revision.parse(token);
    if (revision.isPresent()) {
      Revision read = revision.get();
      require(Revision.parse(read.token()).equals(revision), "a token says its revision");
      require(read.token().equals(token), "a revision has one token");
    }
  }
}
