package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Question;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Changes;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.InactiveGroupRow;
import dev.modelgate.store.row.LinkRow;
import dev.modelgate.store.row.MemberRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.SuspensionRow;
import dev.modelgate.store.row.SuspensionRow.Target;
import dev.modelgate.store.row.TypeRightRow;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Hazard 5: an answer depends on every row that it looked at, those that were not there included; a
 * change of any of them ends the hit.
 */
final class DependencyHazardTest {
  private static final PrincipalName RISK = PrincipalName.parse("group:risk");
  private static final PrincipalName ALL = PrincipalName.parse("group:all");
  private static final Question BO_GETS_PROD = Acme.gets(Acme.BO, Acme.PROD);

  @Test
  void hit_whenAnyRowThatItLookedAtChanges_isNoneAnyMore() {
    try (Acme acme = new Acme()) {
      acme.put(RISK);
      acme.put(ALL);
      acme.commit(
          new Command.UpdateMemberships(
              List.of(
                  new MembershipChange(true, RISK, Acme.BO),
                  new MembershipChange(true, ALL, RISK))));
      acme.commit(Acme.grants(Acme.ROOT, Acme.set(ALL, "viewer")));
      long position = 1_000_000;
      for (Map.Entry<String, Mutation> change : changes(acme).entrySet()) {
        assertTrue(acme.ask(BO_GETS_PROD).allowed(), change.getKey());
        long hits = acme.bed.counts().hits.sum();
        assertTrue(acme.ask(BO_GETS_PROD).allowed(), change.getKey());
        assertEquals(hits + 1, acme.bed.counts().hits.sum(), "no hit before " + change.getKey());
        acme.bed.deliver(
            List.of(Changes.at(position++, Changes.next(acme.head(), change.getValue()))));
        assertTrue(acme.ask(BO_GETS_PROD).allowed(), change.getKey());
        assertEquals(hits + 1, acme.bed.counts().hits.sum(), "a hit after " + change.getKey());
      }
    }
  }

  /** Rows written as they are, or deleted where there are none: nothing changes but the stamps. */
  private static Map<String, Mutation> changes(Acme acme) {
    Uid bo = acme.uid(Acme.BO);
    Uid risk = acme.uid(RISK);
    Uid all = acme.uid(ALL);
    Uid root = acme.rows(rows -> rows.resource("")).orElseThrow().uid();
    String path = Acme.PROD.relativePath();
    Uid prod = acme.rows(rows -> rows.resource(path)).orElseThrow().uid();
    Map<String, Mutation> changes = new TreeMap<>();
    changes.put("settings", acme.rows(rows -> rows.settings()).orElseThrow().put());
    changes.put("profile", acme.rows(rows -> rows.profile(1)).orElseThrow().put());
    changes.put("type right", delete(Table.TYPE_RIGHTS, TypeRightRow.key(bo, "environment")));
    changes.put("deny rule", delete(Table.DENY_RULES, DenyRuleRow.key("rule")));
    changes.put("link", delete(Table.LINKS, LinkRow.key(bo)));
    changes.put("his record", acme.rows(rows -> rows.principal(Acme.BO)).orElseThrow().put());
    changes.put("his name", new PrincipalUidRow(Uid.of(900, 0, false), Acme.BO, 1).put());
    changes.put("group's record", acme.rows(rows -> rows.principal(ALL)).orElseThrow().put());
    changes.put("group's state", delete(Table.INACTIVE_GROUPS, new InactiveGroupRow(all).key()));
    changes.put("his membership", delete(Table.MEMBERS, MemberRow.key(all, bo)));
    changes.put("group's membership", delete(Table.MEMBERS, MemberRow.key(risk, all)));
    changes.put("resource", acme.rows(rows -> rows.resource(path)).orElseThrow().put());
    changes.put("ancestor", acme.rows(rows -> rows.resource("")).orElseThrow().put());
    changes.put("his grant", delete(Table.GRANTS, GrantRow.key(prod, bo)));
    changes.put("his grant above", delete(Table.GRANTS, GrantRow.key(root, bo)));
    changes.put("group's grant", delete(Table.GRANTS, GrantRow.key(prod, risk)));
    changes.put("group's grant above", delete(Table.GRANTS, GrantRow.key(root, risk)));
    changes.put("everybody's grant", delete(Table.GRANTS, GrantRow.key(prod, Uid.ORGANIZATION)));
    changes.put("his suspension", suspension(Target.PRINCIPAL, bo));
    changes.put("group's suspension", suspension(Target.PRINCIPAL, all));
    changes.put("resource's suspension", suspension(Target.RESOURCE, prod));
    changes.put("ancestor's suspension", suspension(Target.RESOURCE, root));
    return changes;
  }

  private static Mutation suspension(Target target, Uid uid) {
    return delete(Table.SUSPENSIONS, SuspensionRow.key(target, uid));
  }

  private static Mutation delete(Table table, byte[] key) {
    return new Mutation.Delete(table, key);
  }
}
