package dev.modelgate.grpc;

import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.identity.Asking;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds the questions of a caller against what he may ask, before anything is looked up. Callers
 * without a credential have no bounds, and cost a look into the context of their call.
 */
final class AskingBounds {
  private static final String ORGANIZATIONS = "organizations/";

  private final String defaultOrganization;

  /**
   * Bounds where relative names are completed.
   *
   * @param defaultParent what completes them; empty for nothing
   */
  AskingBounds(String defaultParent) {
    this.defaultOrganization = organization(defaultParent);
  }

  /** Asks, when the caller may; else the refusal is what becomes of the question. */
  void check(Authorizer authorizer, Asking asking, Question question, AnswerSink sink) {
    Optional<Refusal> refusal = refusal(asking, question);
    if (refusal.isPresent()) {
      authorizer.refuse(question, refusal.get(), sink);
    } else {
      authorizer.check(question, sink);
    }
  }

  /** Why the caller may not ask that; empty when he may. */
  Optional<Refusal> refusal(Asking asking, Question question) {
    try {
      bound(asking, question);
      return Optional.empty();
    } catch (RefusedException e) {
      return Optional.of(e.refusal());
    }
  }

  /**
   * The question, when the caller may ask it.
   *
   * @throws dev.modelgate.model.RefusedException NOT_PERMITTED
   */
  Question bound(Asking asking, Question question) {
    if (asking.isFree()) {
      return question;
    }
    String model = question.model();
    String organization =
        model.startsWith(ORGANIZATIONS) ? organization(model) : defaultOrganization;
    List<String> principals = new ArrayList<>(question.actingThrough());
    principals.add(question.principal());
    asking.require(organization, principals);
    return question;
  }

  /** Refuses a listing about one principal that the caller may not have. */
  static void require(Asking asking, ResourceName resource, PrincipalName principal) {
    if (!asking.isFree()) {
      asking.require(resource.organizationId(), List.of(principal.toString()));
    }
  }

  /** Refuses a listing of principals that the caller may not have. */
  static void requireAnybody(Asking asking, ResourceName resource) {
    if (!asking.isFree()) {
      asking.requireAnybody(resource.organizationId());
    }
  }

  private static String organization(String name) {
    if (!name.startsWith(ORGANIZATIONS)) {
      return "";
    }
    int end = name.indexOf('/', ORGANIZATIONS.length());
    return name.substring(ORGANIZATIONS.length(), end < 0 ? name.length() : end);
  }
}
