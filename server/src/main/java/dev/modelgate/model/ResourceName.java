package dev.modelgate.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The full name of a resource: {@code organizations/acme/environments/prod/models/fraud}, a path of
 * (collection, id) pairs, so that all ancestors are known without a read.
 *
 * <p>Invariant: two names are the same resource exactly when their texts are equal. Ids are RFC
 * 3986 path segments in normal form (see {@link Segment}), so {@code meta-llama/Llama-3-8B} is
 * written {@code meta-llama%2FLlama-3-8B}.
 *
 * @param text the whole path, at most {@value #BYTES_MAX} bytes
 * @param ends for each pair, the offset in {@code text} behind its id; the last is the text's
 *     length
 */
public record ResourceName(String text, List<Integer> ends) {
  /** The longest path, in bytes. */
  public static final int BYTES_MAX = 2048;

  /** The most (collection, id) pairs in a path. */
  public static final int DEPTH_MAX = 8;

  /** The collection of a name that is an id alone. */
  public static final String DEFAULT_COLLECTION = "models";

  private static final String ORGANIZATIONS = "organizations/";

  /** Copies the list. */
  public ResourceName {
    ends = List.copyOf(ends);
  }

  /**
   * Reads a full name.
   *
   * @throws InvalidNameException when it is not {@code organizations/{id}} followed by up to seven
   *     (collection, id) pairs in normal form
   */
  public static ResourceName parse(String text) {
    if (!text.startsWith(ORGANIZATIONS)) {
      throw invalid(text, "expected: a path that begins with `organizations/`");
    }
    if (text.length() > BYTES_MAX || text.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX) {
      throw invalid(text, "expected: at most " + BYTES_MAX + " bytes");
    }
    List<Integer> ends = new ArrayList<>();
    int start = 0;
    while (start <= text.length()) {
      int slash = text.indexOf('/', start);
      if (slash < 0) {
        throw invalid(text, "expected: pairs of collection and id");
      }
      Segment.requireCollection(text, text.substring(start, slash));
      int end = text.indexOf('/', slash + 1);
      end = end < 0 ? text.length() : end;
      Segment.requireId(text, text.substring(slash + 1, end));
      ends.add(end);
      if (ends.size() > DEPTH_MAX) {
        throw invalid(text, "expected: at most " + DEPTH_MAX + " levels");
      }
      start = end + 1;
    }
    return new ResourceName(text, ends);
  }

  /** The root resource of the organization with that id. */
  public static ResourceName ofOrganization(String organizationId) {
    return parse(ORGANIZATIONS + organizationId);
  }

  /**
   * Reads a name that may be relative to a parent: {@code fraud} or {@code models/fraud} below
   * {@code organizations/acme/environments/prod}. A text that begins with {@code organizations/} is
   * absolute.
   *
   * @param defaultParent the full name that completes a relative one; empty when none is configured
   * @throws InvalidNameException as {@link #parse}, or for a relative name without a default parent
   */
  public static ResourceName complete(String text, String defaultParent) {
    if (text.startsWith(ORGANIZATIONS)) {
      return parse(text);
    }
    if (text.isEmpty()) {
      throw invalid(text, "expected: the name of a resource");
    }
    if (defaultParent.isEmpty()) {
      throw invalid(text, "expected: a full name, for no default parent is configured");
    }
    return parse(
        defaultParent + (text.indexOf('/') < 0 ? "/" + DEFAULT_COLLECTION + "/" : "/") + text);
  }

  /** The id of the organization, the first of the path. */
  public String organizationId() {
    return text.substring(ORGANIZATIONS.length(), ends.get(0));
  }

  /** The number of (collection, id) pairs, 1 for the organization itself. */
  public int depth() {
    return ends.size();
  }

  /** The collection of the last pair: {@code models}. */
  public String collection() {
    return collectionAt(depth() - 1);
  }

  /** The collection of the pair at that level, 0 being the organization. */
  public String collectionAt(int level) {
    int start = level == 0 ? 0 : ends.get(level - 1) + 1;
    return text.substring(start, text.indexOf('/', start));
  }

  /**
   * The name of the ancestor at that level, 0 being the organization, {@code depth() - 1} the
   * resource itself.
   */
  public ResourceName ancestor(int level) {
    return level == depth() - 1
        ? this
        : new ResourceName(text.substring(0, ends.get(level)), ends.subList(0, level + 1));
  }

  /** Whether there is a parent, which only an organization lacks. */
  public boolean hasParent() {
    return depth() > 1;
  }

  /** The parent of a resource that {@link #hasParent}. */
  public ResourceName parent() {
    return ancestor(depth() - 2);
  }

  /**
   * The path below the organization, empty for the organization itself: {@code
   * environments/prod/models/fraud}.
   */
  public String relativePath() {
    return relativePathAt(depth() - 1);
  }

  /** {@link #relativePath} of the ancestor at that level. */
  public String relativePathAt(int level) {
    return level == 0 ? "" : text.substring(ends.get(0) + 1, ends.get(level));
  }

  @Override
  public String toString() {
    return text;
  }

  private static InvalidNameException invalid(String text, String expected) {
    return new InvalidNameException("resource", text, expected);
  }
}
