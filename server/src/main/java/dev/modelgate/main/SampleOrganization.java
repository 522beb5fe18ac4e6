package dev.modelgate.main;

import dev.modelgate.app.commit.Committer;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.commit.OrganizationCreation;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.PrincipalRow.GroupType;
import dev.modelgate.store.row.PrincipalRow.State;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * The organization that the README starts with: {@code acme} with the environment {@code prod}; the
 * model {@code fraud}, owned by ana and shared with the group risk, in which cleo is; the model
 * {@code churn}, private to ben; the service account {@code scorer}.
 */
final class SampleOrganization {
  static final String ID = "acme";
  static final String PROD = "organizations/acme/environments/prod";
  static final String FRAUD = PROD + "/models/fraud";
  static final String CHURN = PROD + "/models/churn";
  static final String CLEO = "user:cleo@acme.com";
  static final String RISK = "group:risk";

  private static final Order ORDER = Order.of(Requester.SYSTEM_ADMINISTRATOR);

  private SampleOrganization() {}

  /** Makes the organization through the same commands as the admin plane. */
  static void create(OrganizationCreation creation, Committer committer)
      throws ExecutionException, InterruptedException {
    creation
        .create(
            new Command.InitializeOrganization(
                ID, "Acme, a sample", BuiltInProfiles.DEFAULT, Optional.empty()),
            ORDER)
        .toCompletableFuture()
        .get();
    Command.ImportItems items =
        new Command.ImportItems(
            List.of(
                principal("user:ana@acme.com", "Ana"),
                principal("user:ben@acme.com", "Ben"),
                principal(CLEO, "Cleo"),
                principal("serviceAccount:scorer", "Scoring service"),
                new Command.ImportPrincipal(
                    PrincipalName.parse(RISK), State.ACTIVE, GroupType.ACCESS, "Risk"),
                new Command.ImportMembership(PrincipalName.parse(RISK), PrincipalName.parse(CLEO)),
                resource(PROD, "Production"),
                resource(FRAUD, "Fraud score"),
                resource(CHURN, "Churn forecast"),
                grant(FRAUD, "user:ana@acme.com", "owner"),
                grant(FRAUD, RISK, "user"),
                grant(CHURN, "user:ben@acme.com", "owner")),
            1);
    committer.commit(ID, ORDER, items).toCompletableFuture().get();
  }

  /** Takes the model fraud from the group risk. */
  static void revoke(Committer committer) throws ExecutionException, InterruptedException {
    GrantChange change =
        new GrantChange(
            GrantChange.Mode.REMOVE,
            PrincipalName.parse(RISK),
            "",
            List.of(),
            false,
            false,
            0,
            Micros.NEVER,
            "");
    Command revoke = new Command.UpdateGrants(ResourceName.parse(FRAUD), List.of(change), "");
    committer.commit(ID, ORDER, revoke).toCompletableFuture().get();
  }

  private static Command.ImportItem principal(String name, String displayName) {
    return new Command.ImportPrincipal(
        PrincipalName.parse(name), State.ACTIVE, GroupType.NONE, displayName);
  }

  private static Command.ImportItem resource(String name, String displayName) {
    return new Command.ImportResource(ResourceName.parse(name), displayName, Map.of());
  }

  private static Command.ImportItem grant(String resource, String principal, String role) {
    return new Command.ImportGrant(
        ResourceName.parse(resource),
        new GrantChange(
            GrantChange.Mode.MERGE,
            PrincipalName.parse(principal),
            role,
            List.of(),
            false,
            false,
            0,
            Micros.NEVER,
            ""));
  }
}
