package dev.modelgate.app.check;

import dev.modelgate.model.Uid;

/**
 * What is looked up: the names as they were asked, so that a hit needs no parsing. Two spellings of
 * a resource (relative and full) are two keys with the same value. The whole key is compared on a
 * hit, never a hash alone.
 *
 * @param org the organization of the resource, by identity: one that is made again shares nothing
 * @param principal the raw name of the caller
 * @param model the raw name of the resource; the default parent that completes it is fixed for the
 *     process
 */
record CacheKey(Uid org, String principal, String model) {

  /**
   * What an entry of this key costs, in bytes, about: two strings, the records, the stripes, the
   * table's node.
   */
  int weight() {
    return 320 + principal.length() + model.length();
  }
}
