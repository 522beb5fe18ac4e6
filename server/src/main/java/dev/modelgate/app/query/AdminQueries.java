package dev.modelgate.app.query;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.audit.TrailLog;
import dev.modelgate.app.state.Publication;
import dev.modelgate.store.Replica;

/** All reading for administrators that is answered at once. */
public record AdminQueries(
    Organizations organizations,
    Profiles profiles,
    Directory directory,
    Resources resources,
    Grants grants,
    Policies policies,
    Roles roles,
    TypeRights typeRights,
    DenyRules denyRules,
    Links links,
    AuditLog auditLog,
    Previews previews) {

  /**
   * The queries over a publication.
   *
   * @param trail what the audit lists with the change log
   * @param clock by which grants begin and end
   * @param language of conditions
   */
  public static AdminQueries over(
      Publication publication,
      Replica replica,
      TrailLog trail,
      MonotoneClock clock,
      ConditionLanguage language) {
    Reader reader = new Reader(publication, clock);
    return new AdminQueries(
        new Organizations(reader),
        new Profiles(reader),
        new Directory(reader),
        new Resources(reader),
        new Grants(reader, replica),
        new Policies(reader),
        new Roles(reader),
        new TypeRights(reader),
        new DenyRules(reader),
        new Links(reader),
        new AuditLog(reader, replica, trail),
        new Previews(publication, replica, clock, language));
  }
}
