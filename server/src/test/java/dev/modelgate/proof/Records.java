package dev.modelgate.proof;

import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportMembership;
import dev.modelgate.v1.ImportPrincipal;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportResource;
import dev.modelgate.v1.ImportSuspension;
import dev.modelgate.v1.Principal;

/** Records of an import, each in the form in which an export writes it. */
final class Records {
  private Records() {}

  static ImportRecord principal(String name, boolean disabled) {
    ImportPrincipal.Builder principal =
        ImportPrincipal.newBuilder()
            .setPrincipal(name)
            .setUnit("") // An export says of each that it belongs to no unit.
            .setState(disabled ? Principal.State.STATE_DISABLED : Principal.State.STATE_ACTIVE);
    if (name.startsWith("group:")) {
      principal.setGroupSubtype(Principal.GroupSubtype.GROUP_SUBTYPE_ACCESS);
    }
    return ImportRecord.newBuilder().setPrincipal(principal).build();
  }

  static ImportRecord membership(String group, String member) {
    return ImportRecord.newBuilder()
        .setMembership(ImportMembership.newBuilder().setGroup(group).setMember(member))
        .build();
  }

  static ImportRecord resource(String name) {
    return ImportRecord.newBuilder().setResource(ImportResource.newBuilder().setName(name)).build();
  }

  static ImportRecord grant(ImportGrant.Builder grant) {
    return ImportRecord.newBuilder().setGrant(grant).build();
  }

  static ImportRecord suspendedPrincipal(String name, String reason) {
    return suspension(ImportSuspension.newBuilder().setPrincipal(name), reason);
  }

  static ImportRecord suspendedResource(String name, String reason) {
    return suspension(ImportSuspension.newBuilder().setResource(name), reason);
  }

  private static ImportRecord suspension(ImportSuspension.Builder suspension, String reason) {
    return ImportRecord.newBuilder().setSuspension(suspension.setReason(reason)).build();
  }
}
