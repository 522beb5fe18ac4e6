package dev.modelgate.decision;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Step 0 of the reference evaluation. A group that is disabled passes nothing on, but its
 * suspension still hits its members: disabling must not be a way to lift it.
 */
final class ReferenceSuspensions {
  private final ReferenceWorld world;
  private final ReferenceNotes notes;

  ReferenceSuspensions(ReferenceWorld world, ReferenceNotes notes) {
    this.world = world;
    this.notes = notes;
  }

  boolean isSuspended(PrincipalName caller, ResourceName resource) {
    if (world.organizationSuspended()) {
      notes.note("the organization is suspended");
      return true;
    }
    for (int level = 0; level < resource.depth(); level++) {
      if (world.isSuspended(resource.ancestor(level))) {
        notes.note("%s is suspended", resource.ancestor(level));
        return true;
      }
    }
    Set<PrincipalName> groupsAndCaller = new LinkedHashSet<>(Set.of(caller));
    groupsAndCaller.addAll(ReferenceGroups.activeGroupsOf(world, caller));
    for (PrincipalName member : groupsAndCaller) {
      if (world.isSuspended(member)) {
        notes.note("%s is suspended", member);
        return true;
      }
      for (PrincipalName group : world.directGroups(member)) {
        if (world.isSuspended(group)) {
          notes.note("%s, which holds %s, is suspended", group, member);
          return true;
        }
      }
    }
    return false;
  }
}
