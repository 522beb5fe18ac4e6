package dev.modelgate.app.check;

import dev.modelgate.app.LinkSecret;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.decision.Reason;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Verb;
import dev.modelgate.store.Revision;
import dev.modelgate.store.row.LinkRow;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which organization a question is for, and what can be said about it before the cache is looked
 * at.
 */
final class Routing {
  private static final String ORGANIZATIONS = "organizations/";
  private static final String LINK = "link:";

  private final Evaluator evaluator;
  private final String defaultParent;

  Routing(Evaluator evaluator, String defaultParent) {
    this.evaluator = evaluator;
    this.defaultParent = defaultParent;
  }

  /** The organization of the resource; null when there is none, and then the names are valid. */
  @Nullable OrgState organization(Published state, Question question) {
    OrgState recent = state.recent(question.model());
    if (recent != null) {
      return recent;
    }
    String id = organizationId(question);
    Optional<OrgState> org = id.isEmpty() ? Optional.empty() : state.organization(id);
    if (org.isEmpty() || org.get().uid().equals(Uid.SYSTEM)) {
      evaluator.requireNames(question);
      return null;
    }
    state.found(org.get());
    return org.get();
  }

  /** On which standing the answers to a question stand. */
  Standing.Key standing(Question question) {
    return new Standing.Key(organizationId(question), question.principal().startsWith(LINK));
  }

  /** The id of the resource's organization; empty for none. */
  private String organizationId(Question question) {
    String model = question.model().startsWith(ORGANIZATIONS) ? question.model() : defaultParent;
    if (!model.startsWith(ORGANIZATIONS)) {
      return "";
    }
    int end = model.indexOf('/', ORGANIZATIONS.length());
    return model.substring(ORGANIZATIONS.length(), end < 0 ? model.length() : end);
  }

  /** The denial that needs no facts, if there is one. */
  @Nullable Answer blanket(Published state, @Nullable OrgState org, Question question) {
    if (org == null) {
      return Answer.denied(Reason.UNKNOWN_RESOURCE, state.system().token());
    }
    String reason = Reason.NONE;
    if (org.isRestricted()) {
      reason = Reason.RESTRICTED;
    } else if (state.isOrganizationSuspended(org.uid())) {
      reason = Reason.SUSPENDED;
    } else if (!org.isInitialized()) {
      reason = Reason.UNKNOWN_RESOURCE;
    } else if (question.principal().startsWith(LINK) && !knowsSecret(org, question)) {
      reason = Reason.PRINCIPAL_UNKNOWN;
    }
    if (reason.isEmpty()) {
      return null;
    }
    evaluator.requireNames(question);
    return Answer.denied(reason, org.token());
  }

  /** The permissions that the action needs on the resource. */
  static long needed(OrgState org, Question question) {
    return needed(org, question.action(), question.model());
  }

  /** The same for an action that the question does not name. */
  static long needed(OrgState org, String action, String model) {
    Optional<Verb> verb = org.profile().action(action);
    if (verb.isEmpty()) {
      String expected = "an action of the profile `" + org.profile().name() + "`";
      throw Refusal.ofField(Fault.UNKNOWN_ACTION, "action", action, expected).asException();
    }
    return verb.get().isUniform() ? verb.get().otherwise() : verb.get().in(collection(model));
  }

  /** The collection of a raw name; of one that is no name, whatever stands there. */
  private static String collection(String model) {
    int id = model.lastIndexOf('/');
    return id < 0
        ? ResourceName.DEFAULT_COLLECTION
        : model.substring(model.lastIndexOf('/', id - 1) + 1, id);
  }

  /**
   * One machine's answers are always current; a token can still be of another history or from the
   * future.
   */
  static void requireConsistency(OrgState org, Consistency consistency) {
    String token = consistency.atLeast();
    if (token.isEmpty()) {
      return;
    }
    Revision wanted =
        Revision.parse(token)
            .orElseThrow(
                () ->
                    Refusal.ofField(
                            Fault.REVISION_INVALID,
                            "consistency.at_least",
                            token,
                            "a revision of an answer")
                        .asException());
    if (wanted.lineage() != org.revision().lineage() || !wanted.org().equals(org.uid())) {
      throw Refusal.ofField(
              Fault.REVISION_OTHER_LINEAGE,
              "consistency.at_least",
              token,
              "a revision of this organization in this store's history")
          .asException();
    }
    if (wanted.version() > org.head().version()) {
      throw Refusal.ofField(
              Fault.REVISION_FUTURE,
              "consistency.at_least",
              token,
              "a revision that this store has reached")
          .asException();
    }
  }

  /**
   * The secret is what authenticates a link, so it is looked at on each call, before the cache
   * (hazard 32). A link that is not there and a wrong secret look the same, and take the same time
   * but for the comparison itself.
   */
  private static boolean knowsSecret(OrgState org, Question question) {
    byte[] hash = LinkSecret.hashOf(question.request().linkSecret());
    LinkRow link = org.rules().links().get(question.principal().substring(LINK.length()));
    return link != null && MessageDigest.isEqual(link.secretHash(), hash);
  }
}
