package dev.modelgate.app.query;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.sharing.Etag;
import dev.modelgate.app.sharing.Policy;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the direct grants of resources as policies. Thread-safe; blocks for reads. */
public final class Policies {
  private final Reader reader;

  Policies(Reader reader) {
    this.reader = reader;
  }

  /**
   * A grant of a policy.
   *
   * @param deleted the identity of its principal when that is deleted and waits for the sweeper
   */
  public record Held(GrantView grant, Optional<Uid> deleted) {}

  /**
   * All direct grants on a resource.
   *
   * @param etag at the same moment
   */
  public record PolicyView(List<Held> grants, String etag) {
    /** Copies the list. */
    public PolicyView {
      grants = List.copyOf(grants);
    }
  }

  /**
   * The policy of a resource, for whoever may read its grants; by principal uid.
   *
   * @throws dev.modelgate.model.RefusedException UNKNOWN_KIND, NOT_FOUND, NOT_PERMITTED without
   *     {@code grants.read}, KIND_NOT_SHAREABLE, LIMIT_EXCEEDED above {@value Policy#MEMBERS_MAX}
   *     grants, ON_BEHALF_OF_INVALID
   */
  public PolicyView of(ResourceName resource, Requester requester) {
    return reader.read(
        resource.organizationId(),
        requester,
        reading -> {
          Kind kind = kindOf(reading.profile(), resource);
          reading.require(resource, Operation.READ_GRANTS);
          if (!kind.sharing().shareable()) {
            throw Refusal.ofField(
                    Fault.KIND_NOT_SHAREABLE,
                    "resource",
                    resource.toString(),
                    "a kind with grants of its own")
                .asException();
          }
          ResourceRow row =
              reading
                  .rows()
                  .resource(resource.relativePath())
                  .orElseThrow(() -> Reading.notFound(resource.text()));
          return new PolicyView(
              grants(reading, row.uid()), Etag.ofGrants(reading.rows(), row.uid()));
        });
  }

  /**
   * Those of some permissions that the requester holds on a resource: which a check without
   * attributes allows him now. None on a resource that is not there.
   *
   * @throws dev.modelgate.model.RefusedException UNKNOWN_PERMISSION for one that the profile does
   *     not have, ON_BEHALF_OF_INVALID
   */
  public List<String> held(
      ResourceName resource,
      List<String> permissions,
      Requester requester,
      ConditionLanguage conditions) {
    try {
      return reader.read(
          resource.organizationId(),
          requester,
          reading -> held(reading, resource, permissions, conditions));
    } catch (RefusedException e) {
      if (e.refusal().fault() == Fault.NOT_FOUND) {
        return List.of();
      }
      throw e;
    }
  }

  private static List<String> held(
      Reading reading,
      ResourceName resource,
      List<String> permissions,
      ConditionLanguage conditions) {
    Profile profile = reading.profile();
    Map<String, Long> bits = new LinkedHashMap<>();
    for (String permission : permissions) {
      bits.put(
          permission,
          profile
              .permission(permission)
              .orElseThrow(
                  () ->
                      Refusal.ofField(
                              Fault.UNKNOWN_PERMISSION,
                              "permissions",
                              permission,
                              "a permission of the profile `" + profile.name() + "`")
                          .asException()));
    }
    return isThere(reading, profile, resource)
        ? reading.held(resource, bits, conditions)
        : List.of();
  }

  /** Whether a resource is registered, or needs no record and its parent is there. */
  private static boolean isThere(Reading reading, Profile profile, ResourceName resource) {
    Optional<Kind> kind = profile.kindOf(resource);
    boolean registered = reading.rows().resource(resource.relativePath()).isPresent();
    return kind.isPresent()
        && (registered
            || resource.hasParent()
                && !kind.get().needsRecord()
                && isThere(reading, profile, resource.parent()));
  }

  private static List<Held> grants(Reading reading, Uid resource) {
    List<Held> grants = new ArrayList<>();
    reading
        .rows()
        .eachGrantOf(
            resource,
            row -> {
              PrincipalUidRow principal = reading.names().principal(row.principal());
              Optional<Uid> deleted =
                  principal.isDeleted() ? Optional.of(row.principal()) : Optional.empty();
              for (Grant grant : row.grants()) {
                grants.add(new Held(reading.views().grant(row, grant), deleted));
              }
              if (grants.size() > Policy.MEMBERS_MAX) {
                throw Refusal.ofSize("policy.bindings", grants.size(), Policy.MEMBERS_MAX)
                    .asException();
              }
              return true;
            });
    return grants;
  }

  private static Kind kindOf(Profile profile, ResourceName resource) {
    return profile
        .kindOf(resource)
        .orElseThrow(
            () ->
                Refusal.ofField(
                        Fault.UNKNOWN_KIND,
                        "resource",
                        resource.toString(),
                        "a kind of the profile `" + profile.name() + "` in a place that it allows")
                    .asException());
  }
}
