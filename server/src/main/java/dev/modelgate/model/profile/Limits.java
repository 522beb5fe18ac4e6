package dev.modelgate.model.profile;

/**
 * How much of a thing a profile takes at once.
 *
 * @param recipients the most principals in one change of grants, 1 to 1,000
 * @param policyMembers the most occurrences of principals in a whole policy, 1 to 10,000
 * @param policyGroups the most of these that are groups, 1 to 10,000
 */
public record Limits(int recipients, int policyMembers, int policyGroups) {
  /** What holds where a profile says nothing. */
  public static final Limits DEFAULT = new Limits(1_000, 10_000, 10_000);
}
