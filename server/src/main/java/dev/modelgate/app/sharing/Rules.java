package dev.modelgate.app.sharing;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgView;
import java.util.List;

/**
 * Turns a command into the mutations that it means, or refuses it. Pure in (state at head, command,
 * time).
 *
 * <p>The resulting state is what is validated: it satisfies every floor, or nothing changes.
 */
public final class Rules {
  private Rules() {}

  /**
   * Works out a command.
   *
   * @param organizationId the organization
   * @param head its state at head, staged changes included
   * @param profile its compiled profile at head
   * @param requester who wants it
   * @param reason in the requester's words, for rows that keep it
   * @param atMicros the command's time, never before the head's
   * @return what changes, one mutation per row; empty when everything is so already
   * @throws dev.modelgate.model.RefusedException when a rule refuses
   */
  public static List<Mutation> apply(
      String organizationId,
      OrgView head,
      Profile profile,
      Requester requester,
      String reason,
      Command command,
      long atMicros) {
    Draft draft = new Draft(organizationId, head, profile, atMicros);
    Rights rights = new Rights(organizationId, draft, draft.rows(), requester, atMicros);
    dispatch(draft, rights, reason, command);
    List<Mutation> mutations = draft.mutations();
    if (!requester.isSystemAdministrator()) {
      Draft before = new Draft(organizationId, head, profile, atMicros);
      requireNewcomers(before, requester, Newcomers.in(mutations, before));
    }
    return mutations;
  }

  private static void requireNewcomers(
      Draft before, Requester requester, List<PrincipalName> newcomers) {
    if (newcomers.isEmpty()) {
      return;
    }
    Rights rights =
        new Rights(before.organizationId(), before, before.rows(), requester, before.atMicros());
    if (!rights.isAdministrator()) {
      newcomers.forEach(new Newcomers(before, rights)::requireMayBringIn);
    }
  }

  private static void dispatch(Draft draft, Rights rights, String reason, Command command) {
    if (command instanceof Command.UpdateGrants c) {
      new GrantRules(draft, rights, GrantRules.Manner.REQUEST).update(c);
    } else if (command instanceof Command.SetPolicy c) {
      new PolicyRules(draft, rights).set(c);
    } else if (command instanceof Command.TransferOwnership c) {
      new OwnershipRules(draft, rights).transfer(c);
    } else if (command instanceof Command.CreateResource c) {
      new ResourceRules(draft, rights).create(c);
    } else if (command instanceof Command.UpdateResource c) {
      new ResourceRules(draft, rights).update(c);
    } else if (command instanceof Command.DeleteResource c) {
      new ResourceRules(draft, rights).delete(c);
    } else if (command instanceof Command.PutPrincipal c) {
      new PrincipalRules(draft, rights).put(c);
    } else if (command instanceof Command.DeletePrincipal c) {
      new PrincipalRules(draft, rights).delete(c);
    } else if (command instanceof Command.RestorePrincipal c) {
      new RestoreRules(draft, rights).restore(c);
    } else if (command instanceof Command.UpdateMemberships c) {
      new MembershipRules(draft, rights).update(c);
    } else if (command instanceof Command.UpdateOrganization c) {
      new OrganizationRules(draft, rights).update(c);
    } else if (command instanceof Command.UpdateTypeRights c) {
      new TypeRightRules(draft, rights).update(c);
    } else if (command instanceof Command.UpdateDenyRules c) {
      new DenyRuleRules(draft, rights).update(c);
    } else if (command instanceof Command.PutExternalLink c) {
      new LinkRules(draft, rights).put(c);
    } else if (command instanceof Command.DeleteExternalLink c) {
      new LinkRules(draft, rights).delete(c);
    } else if (command instanceof Command.PutProfile c) {
      new ProfileRules(draft, rights).put(c);
    } else if (command instanceof Command.SuspendPrincipal c) {
      new SuspensionRules(draft, rights, reason).suspend(c);
    } else if (command instanceof Command.SuspendResource c) {
      new SuspensionRules(draft, rights, reason).suspend(c);
    } else if (command instanceof Command.BreakGlass c) {
      new BreakGlassRules(draft, rights, reason).breakGlass(c);
    } else if (command instanceof Command.ImportItems c) {
      new ImportRules(draft, rights).apply(c);
    } else if (command instanceof Command.Sweep c) {
      new SweepRules(draft).sweep(c);
    } else {
      throw new IllegalStateException(
          "no rules for a command to an organization: " + command.getClass());
    }
  }
}
