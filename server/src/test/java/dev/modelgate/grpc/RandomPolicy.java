package dev.modelgate.grpc;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.audit.TrailLog;
import dev.modelgate.app.query.AdminQueries;
import dev.modelgate.app.query.GrantView;
import dev.modelgate.app.query.Policies.Held;
import dev.modelgate.app.query.Policies.PolicyView;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Policy;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.Micros;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Reads a policy and writes it back with random differences, in either form. */
final class RandomPolicy {
  private RandomPolicy() {}

  /**
   * A policy that mostly is what is there.
   *
   * @param more a grant that may come
   */
  static Command.SetPolicy of(
      AdminPlane plane, ResourceName resource, GrantChange more, Random random) {
    PolicyView read =
        AdminQueries.over(
                plane.live, plane.replica, TrailLog.NONE, plane.clock, ConditionLanguage.NONE)
            .policies()
            .of(resource, Requester.SYSTEM_ADMINISTRATOR);
    Policy.Form form = random.nextInt(3) == 0 ? Policy.Form.BARE : Policy.Form.COMPLETE;
    List<Policy.Entry> grants = new ArrayList<>();
    for (Held held : read.grants()) {
      if (random.nextInt(6) > 0) {
        boolean other = random.nextInt(8) == 0;
        grants.add(entry(held.grant(), form, other && random.nextBoolean(), other, more));
      }
    }
    if (random.nextInt(3) > 0) {
      grants.add(new Policy.Entry(more, Optional.empty()));
    }
    return new Command.SetPolicy(resource, grants, form, read.etag());
  }

  private static Policy.Entry entry(
      GrantView view, Policy.Form form, boolean flags, boolean recipient, GrantChange more) {
    boolean bare = form == Policy.Form.BARE;
    GrantChange grant =
        new GrantChange(
            GrantChange.Mode.MERGE,
            recipient ? more.principal() : PrincipalName.parse(view.principal()),
            view.role(),
            view.permissions(),
            !bare && (flags || view.canShare()),
            !bare && (flags || view.canUseData()),
            bare ? 0 : view.notBeforeMicros(),
            bare ? Micros.NEVER : view.expiresAtMicros(),
            bare ? "" : view.note(),
            bare
                ? Policy.expression(
                    view.condition(), view.notBeforeMicros(), view.expiresAtMicros())
                : view.condition());
    return new Policy.Entry(grant, Optional.empty());
  }
}
