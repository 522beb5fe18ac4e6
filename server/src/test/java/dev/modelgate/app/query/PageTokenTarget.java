package dev.modelgate.app.query;

import static dev.modelgate.fuzz.FuzzTarget.require;

import dev.modelgate.app.state.LiveState;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.fuzz.FuzzTarget;
import dev.modelgate.model.Fault;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.LineageId;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.row.Rows;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Page tokens: one that this listing made goes on where it says, every other is refused. */
public final class PageTokenTarget implements FuzzTarget {
  private final PageScope scope;
  private final PageScope other;

  /** With an empty store. */
  public PageTokenTarget() {
    var replica = new MemoryReplica(new LineageId(1, 2), Rows::check, MemoryReplica.Faults.NONE);
    var system = new LiveState(replica, new Stamps()).current().system();
    this.scope = PageScope.of(system, "List", List.of("a"));
    this.other = PageScope.of(system, "List", List.of("b"));
  }

  @Override
  public void read(byte[] input) {
    require(isRefused(scope, new String(input, StandardCharsets.UTF_8)), "a token of nobody");
    if (input.length < 2 || input.length > 1_000) {
      return;
    }
    byte[] position = Arrays.copyOfRange(input, 2, input.length);
    String token = scope.token(position);
    require(!isRefused(scope, token), "its own token");
    require(isRefused(other, token), "the token of another listing");
    char[] changed = token.toCharArray();
    int at = (input[0] & 0xff) % changed.length;
    changed[at] = (char) (input[1] & 0x7f);
    String forged = new String(changed);
    // The last character may have bits that stand for nothing.
    require(
        forged.equals(token) || at == changed.length - 1 || isRefused(scope, forged),
        "a changed token");
  }

  private static boolean isRefused(PageScope scope, String token) {
    try {
      return scope.position(token, PageTokenTarget::rest).isEmpty();
    } catch (RefusedException e) {
      require(e.refusal().fault() == Fault.PAGE_TOKEN_INVALID, "the reason of a bad token");
      return true;
    }
  }

  /** Takes every position as it is. */
  private static int rest(ByteReader in) {
    int bytes = 0;
    while (in.hasMore()) {
      in.fixed8();
      bytes++;
    }
    return bytes;
  }
}
