package dev.modelgate.app.audit;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Something that the audit trail keeps. Never holds a secret, a token or a part of one: whoever
 * makes an event sees to that. Texts that are too long are cut.
 *
 * @param kind what sort of event
 * @param what in capitals: the reason of a refusal, as {@code NOT_PERMITTED}; else what was done,
 *     as {@code TOKEN_ROTATED}
 * @param credential who was authenticated, as {@code token:bootstrap}; empty when nobody was. What
 *     one credential may write in a time is bounded, without one what one peer may
 * @param onBehalfOf the principal acted for, or empty
 * @param peer the address that a call came from, or empty
 * @param method the full name of the method, or the command or setting; may be empty
 * @param organization id of the organization that it concerns, or empty; its administrators see it
 * @param resource full name, or empty
 * @param principals whom it concerns
 * @param before what was so before, by name
 * @param after what is so now, or was attempted, by name
 * @param reason why, as the caller gave it
 * @param requestId as the caller gave it
 * @param revision of the organization, or empty
 */
public record TrailEvent(
    Kind kind,
    String what,
    String credential,
    String onBehalfOf,
    String peer,
    String method,
    String organization,
    String resource,
    List<String> principals,
    Map<String, String> before,
    Map<String, String> after,
    String reason,
    String requestId,
    String revision) {
  /** The longest text, in bytes of UTF-8; a longer one is cut and ends in an ellipsis. */
  public static final int TEXT_BYTES_MAX = 512;

  /** The most principals, and the most entries before and after. */
  public static final int ENTRIES_MAX = 20;

  /** What sort of event. */
  public enum Kind {
    /** Somebody who is known was refused. */
    REFUSAL,
    /** Somebody could not show who he is. */
    LOGIN_FAILURE,
    /** The sidecar runs with other settings, certificates or tokens than before. */
    CONFIGURATION,
    /** Access was cut off, restored, or broken open. */
    EMERGENCY,
    /** The trail tells of itself: what was cut, lost or removed. */
    TRAIL
  }

  /** Cuts texts and collections to their bounds. */
  public TrailEvent {
    what = cut(what);
    credential = cut(credential);
    onBehalfOf = cut(onBehalfOf);
    peer = cut(peer);
    method = cut(method);
    organization = cut(organization);
    resource = cut(resource);
    principals = principals.stream().limit(ENTRIES_MAX).map(TrailEvent::cut).toList();
    before = cut(before);
    after = cut(after);
    reason = cut(reason);
    requestId = cut(requestId);
    revision = cut(revision);
  }

  /** Begins an event that has nothing else yet. */
  public static Builder of(Kind kind, String what) {
    return new Builder(kind, what);
  }

  /** The same event at a revision of its organization. */
  public TrailEvent withRevision(String token) {
    return new TrailEvent(
        kind,
        what,
        credential,
        onBehalfOf,
        peer,
        method,
        organization,
        resource,
        principals,
        before,
        after,
        reason,
        requestId,
        token);
  }

  private static Map<String, String> cut(Map<String, String> values) {
    Map<String, String> cut = new TreeMap<>();
    values.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .limit(ENTRIES_MAX)
        .forEach(entry -> cut.put(cut(entry.getKey()), cut(entry.getValue())));
    return Map.copyOf(cut);
  }

  /** A character has at most three bytes in UTF-8, a pair of surrogates four. */
  private static String cut(String text) {
    if (text.length() <= TEXT_BYTES_MAX / 3
        || text.getBytes(StandardCharsets.UTF_8).length <= TEXT_BYTES_MAX) {
      return text;
    }
    int end = 0;
    for (int bytes = 3; end < text.length(); ) {
      int point = text.codePointAt(end);
      bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (bytes > TEXT_BYTES_MAX) {
        break;
      }
      end += Character.charCount(point);
    }
    return text.substring(0, end) + "…";
  }

  /** Puts an event together; what is not said is empty. */
  public static final class Builder {
    private final Kind kind;
    private final String what;
    private String credential = "";
    private String onBehalfOf = "";
    private String peer = "";
    private String method = "";
    private String organization = "";
    private String resource = "";
    private List<String> principals = List.of();
    private Map<String, String> before = Map.of();
    private Map<String, String> after = Map.of();
    private String reason = "";
    private String requestId = "";
    private String revision = "";

    private Builder(Kind kind, String what) {
      this.kind = kind;
      this.what = what;
    }

    /** Who: the credential, whom it acts for or empty, and the address or empty. */
    public Builder by(String credential, String onBehalfOf, String peer) {
      this.credential = credential;
      this.onBehalfOf = onBehalfOf;
      this.peer = peer;
      return this;
    }

    /** Through which method, command or setting. */
    public Builder through(String method) {
      this.method = method;
      return this;
    }

    /** In which organization, by id, and on which resource, or empty. */
    public Builder on(String organization, String resource) {
      this.organization = organization;
      this.resource = resource;
      return this;
    }

    /** Whom it concerns. */
    public Builder about(List<String> principals) {
      this.principals = List.copyOf(principals);
      return this;
    }

    /** What was so before and what is so now, or was attempted. */
    public Builder changing(Map<String, String> before, Map<String, String> after) {
      this.before = Map.copyOf(before);
      this.after = Map.copyOf(after);
      return this;
    }

    /** Why, and under which request id, as the caller gave them; empty for none. */
    public Builder because(String reason, String requestId) {
      this.reason = reason;
      this.requestId = requestId;
      return this;
    }

    /** At which revision of the organization. */
    public Builder at(String revision) {
      this.revision = revision;
      return this;
    }

    /** The event. */
    public TrailEvent build() {
      return new TrailEvent(
          kind,
          what,
          credential,
          onBehalfOf,
          peer,
          method,
          organization,
          resource,
          principals,
          before,
          after,
          reason,
          requestId,
          revision);
    }
  }
}
