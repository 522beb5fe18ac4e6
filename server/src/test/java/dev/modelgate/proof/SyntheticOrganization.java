package dev.modelgate.proof;

import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportMembership;
import dev.modelgate.v1.ImportPrincipal;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportResource;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * An organization of any number of grants as the stream of an import, the same records for the same
 * seed: groups, then users with one membership each, then models, then grants of single users on
 * single models, no pair twice. Holds none of it: a record is computed from its number, so that 100
 * million grants need no more memory than 1,000.
 *
 * <pre>{@code
 * var organization = new SyntheticOrganization("growth", 10_000_000, 1);
 * send(organization.header().build());
 * organization.records().forEachRemaining(this::send);
 * }</pre>
 *
 * <p>There is a user for every 20 grants and a model for every 100, at least 100 and 20. Grants
 * come model by model, as an export has them; {@link #grantedUser} and {@link #grantedModel} name
 * the pair of a grant, for questions whose answer is known.
 */
public final class SyntheticOrganization {
  private static final int GRANTS_PER_USER = 20;
  private static final int GRANTS_PER_MODEL = 100;
  private static final int USERS_MIN = 100;
  private static final int MODELS_MIN = 20;
  private static final int USERS_PER_GROUP = 100;

  private final String id;
  private final long grants;
  private final long users;
  private final long models;
  private final long groups;
  private final long seed;

  /**
   * An organization of that many grants.
   *
   * @param id of the organization
   * @param grants 0 to 1,000,000,000
   */
  public SyntheticOrganization(String id, long grants, long seed) {
    if (grants < 0 || grants > 1_000_000_000L) {
      throw new IllegalArgumentException("grants: " + grants + " (expected: 0..1000000000)");
    }
    this.id = id;
    this.grants = grants;
    this.users = Math.max(USERS_MIN, grants / GRANTS_PER_USER);
    this.models = Math.max(MODELS_MIN, (grants + GRANTS_PER_MODEL - 1) / GRANTS_PER_MODEL);
    this.groups = (users + USERS_PER_GROUP - 1) / USERS_PER_GROUP;
    this.seed = seed;
  }

  /** The first message of the import; it creates the organization. */
  public ImportHeader.Builder header() {
    return ImportHeader.newBuilder()
        .setSchema(1)
        .setOrganization("organizations/" + id)
        .setCreateOrganization(true)
        .setEstimatedRecords(size());
  }

  /** How many records there are, grants included. */
  public long size() {
    return groups + 2 * users + 1 + models + grants;
  }

  /** All records, each made when it is asked for. */
  public Iterator<ImportRecord> records() {
    return new Iterator<>() {
      private long next;

      @Override
      public boolean hasNext() {
        return next < size();
      }

      @Override
      public ImportRecord next() {
        if (!hasNext()) {
          throw new NoSuchElementException("record " + next + " of " + size());
        }
        return record(next++);
      }
    };
  }

  /** The principal of a grant, numbered from 0. */
  public String grantedUser(long grant) {
    return user(userOf(grant));
  }

  /** The full name of the model of a grant, numbered from 0. */
  public String grantedModel(long grant) {
    return "organizations/" + id + "/" + model(grant / GRANTS_PER_MODEL);
  }

  private ImportRecord record(long number) {
    long at = number;
    if (at < groups) {
      return of(principal(group(at)));
    }
    at -= groups;
    if (at < users) {
      return of(principal(user(at)));
    }
    at -= users;
    if (at < users) {
      return ImportRecord.newBuilder()
          .setMembership(
              ImportMembership.newBuilder()
                  .setGroup(group(at / USERS_PER_GROUP))
                  .setMember(user(at)))
          .build();
    }
    at -= users;
    if (at == 0) {
      return of(ImportResource.newBuilder().setName("environments/prod"));
    }
    at -= 1;
    if (at < models) {
      return of(ImportResource.newBuilder().setName(model(at)));
    }
    return grant(at - models);
  }

  /**
   * The grants of one model are of users one step apart from each other, from a place that the seed
   * gives; a model has no more grants than there are users, so none comes twice.
   */
  private ImportRecord grant(long number) {
    return ImportRecord.newBuilder()
        .setGrant(
            ImportGrant.newBuilder()
                .setResource(model(number / GRANTS_PER_MODEL))
                .setPrincipal(user(userOf(number)))
                .setRole("user"))
        .build();
  }

  private long userOf(long grant) {
    long model = grant / GRANTS_PER_MODEL;
    long place = grant % GRANTS_PER_MODEL;
    long start = Long.remainderUnsigned(mix(seed ^ mix(model)), users);
    long stride = users < GRANTS_PER_MODEL ? 1 : users / GRANTS_PER_MODEL;
    return (start + place * stride) % users;
  }

  /** The finalizer of SplitMix64. */
  private static long mix(long value) {
    long h = value + 0x9e3779b97f4a7c15L;
    h = (h ^ h >>> 30) * 0xbf58476d1ce4e5b9L;
    h = (h ^ h >>> 27) * 0x94d049bb133111ebL;
    return h ^ h >>> 31;
  }

  private static String user(long number) {
    return "user:u" + number + "@corp.example";
  }

  private static String group(long number) {
    return "group:g" + number + "@corp.example";
  }

  private static String model(long number) {
    return "environments/prod/models/m" + number;
  }

  private static ImportPrincipal.Builder principal(String name) {
    return ImportPrincipal.newBuilder().setPrincipal(name);
  }

  private static ImportRecord of(ImportPrincipal.Builder principal) {
    return ImportRecord.newBuilder().setPrincipal(principal).build();
  }

  private static ImportRecord of(ImportResource.Builder resource) {
    return ImportRecord.newBuilder().setResource(resource).build();
  }
}
