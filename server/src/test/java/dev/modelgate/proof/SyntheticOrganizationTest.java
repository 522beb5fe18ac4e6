package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.ImportRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What benchmarks build on: the size that was asked for, and the same records each time. */
final class SyntheticOrganizationTest {
  private static final int GRANTS = 30_050;

  @Test
  void records_ofAnySize_areAsManyGrantsAsAskedForAndNoPairTwice() {
    for (int grants : List.of(0, 1, 99, 2_500, GRANTS)) {
      SyntheticOrganization organization = new SyntheticOrganization("o", grants, 7);
      Set<String> pairs = new HashSet<>();
      Set<String> known = new HashSet<>();
      long records = 0;
      for (ImportRecord record : all(organization)) {
        records++;
        known.add(record.getPrincipal().getPrincipal());
        known.add(record.getResource().getName());
        if (record.hasGrant()) {
          long number = pairs.size();
          var grant = record.getGrant();
          assertTrue(pairs.add(grant.getPrincipal() + " " + grant.getResource()), "a pair twice");
          assertTrue(known.contains(grant.getPrincipal()), "a grant to nobody");
          assertTrue(known.contains(grant.getResource()), "a grant on nothing");
          assertEquals(organization.grantedUser(number), grant.getPrincipal());
          assertEquals(organization.grantedModel(number), "organizations/o/" + grant.getResource());
        }
      }
      assertEquals(grants, pairs.size());
      assertEquals(organization.size(), records);
    }
  }

  @Test
  void records_ofOneSeed_areTheSameAndThoseOfAnotherAreOthers() {
    List<ImportRecord> records = all(new SyntheticOrganization("o", GRANTS, 7));
    assertEquals(records, all(new SyntheticOrganization("o", GRANTS, 7)));
    assertNotEquals(records, all(new SyntheticOrganization("o", GRANTS, 8)));
  }

  private static List<ImportRecord> all(SyntheticOrganization organization) {
    List<ImportRecord> records = new ArrayList<>();
    organization.records().forEachRemaining(records::add);
    return records;
  }
}
