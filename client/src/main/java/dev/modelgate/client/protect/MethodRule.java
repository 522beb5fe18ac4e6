package dev.modelgate.client.protect;

import com.google.protobuf.Message;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/** What the messages of one gRPC method ask for. Immutable. */
public final class MethodRule {
  static final MethodRule OPEN = new MethodRule(Optional.empty());

  private record Asking(FieldTree fields, ResourceNames names, String action) {}

  private final Optional<Asking> asking;

  private MethodRule(Optional<Asking> asking) {
    this.asking = asking;
  }

  static MethodRule of(FieldTree fields, ResourceNames names, String action) {
    return new MethodRule(Optional.of(new Asking(fields, names, action)));
  }

  /** Whether its calls pass unasked, whatever their messages are. */
  public boolean isOpen() {
    return asking.isEmpty();
  }

  /**
   * What a message asks for, by its bytes between position and limit, which it leaves as they are.
   * Each message of a stream is read by itself: one without a model is unmapped.
   */
  public Outcome read(ByteBuffer message) {
    return scan(new WireInput(message), true);
  }

  /**
   * The same of a stream from where it is to its end; only what is around the names is copied, and
   * the rest skipped.
   *
   * @throws java.io.UncheckedIOException when the stream fails
   */
  public Outcome read(InputStream message) {
    return scan(new WireInput(message), true);
  }

  /**
   * What a parsed message asks for: for whoever holds the very object that the handler gets. A
   * message without such fields is unmapped.
   */
  public Outcome read(Message message) {
    if (asking.isEmpty()) {
      return new Outcome.Open();
    }
    Asking rule = asking.get();
    Asked asked = new Asked(rule.names(), rule.action());
    try {
      MessageFields.read(message, rule.fields(), asked);
      return asked.outcome();
    } catch (MalformedException e) {
      return new Outcome.Malformed(e.why());
    } catch (IllegalArgumentException e) {
      return new Outcome.Unmapped(String.valueOf(e.getMessage()));
    }
  }

  /**
   * What the bytes of a message ask for.
   *
   * @param refuseSecond true but for the negative control of the rule that refuses a field on the
   *     way to the model when it stands twice
   */
  Outcome scan(WireInput message, boolean refuseSecond) {
    if (asking.isEmpty()) {
      return new Outcome.Open();
    }
    Asking rule = asking.get();
    Asked asked = new Asked(rule.names(), rule.action());
    try {
      MessageScanner.scan(message, rule.fields(), asked, refuseSecond);
      return asked.outcome();
    } catch (MalformedException e) {
      return new Outcome.Malformed(e.why());
    }
  }
}
