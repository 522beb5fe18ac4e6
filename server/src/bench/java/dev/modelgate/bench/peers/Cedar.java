package dev.modelgate.bench.peers;

import com.cedarpolicy.BasicAuthorizationEngine;
import com.cedarpolicy.model.AuthorizationRequest;
import com.cedarpolicy.model.entity.Entities;
import com.cedarpolicy.model.entity.Entity;
import com.cedarpolicy.model.exception.AuthException;
import com.cedarpolicy.model.exception.CacheException;
import com.cedarpolicy.model.exception.InternalException;
import com.cedarpolicy.model.policy.PolicySet;
import com.cedarpolicy.value.CedarList;
import com.cedarpolicy.value.EntityTypeName;
import com.cedarpolicy.value.EntityUID;
import com.cedarpolicy.value.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Cedar through its Java binding, with one parsed and kept policy: the model's attribute {@code
 * allowed} holds the user. It keeps no entities, so those of the question come with the question,
 * built before the run.
 */
final class Cedar implements Library {
  private static final String POLICY =
      """
      permit(principal, action == Action::"predict", resource)
      when { resource.allowed.contains(principal) };
      """;
  private static final EntityTypeName USER = EntityTypeName.parse("User").orElseThrow();
  private static final EntityTypeName MODEL = EntityTypeName.parse("Model").orElseThrow();
  private static final EntityTypeName ACTION = EntityTypeName.parse("Action").orElseThrow();

  private final BasicAuthorizationEngine engine = new BasicAuthorizationEngine();
  private final PolicySet policies;
  private final Map<HotSet.Pair, Asked> questions = new HashMap<>();

  private record Asked(AuthorizationRequest request, Entities entities) {}

  Cedar(HotSet hot) {
    try {
      this.policies = PolicySet.parsePolicies(POLICY);
      policies.cache();
    } catch (InternalException | CacheException e) {
      throw new IllegalStateException("Cedar did not take the policy", e);
    }
    List<HotSet.Pair> pairs = hot.pairs();
    for (int i = 0; i < pairs.size(); i++) {
      questions.put(pairs.get(i), asked(pairs.get(i), i));
    }
  }

  @Override
  public boolean allows(HotSet.Pair pair) {
    Asked asked = questions.get(pair);
    if (asked == null) {
      throw new IllegalArgumentException("not of the hot set: " + pair);
    }
    try {
      return engine
          .isAuthorized(asked.request(), policies, asked.entities())
          .success
          .orElseThrow()
          .isAllowed();
    } catch (AuthException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Asked asked(HotSet.Pair pair, int number) {
    EntityUID user = new EntityUID(USER, pair.user());
    EntityUID model = new EntityUID(MODEL, pair.model());
    List<Value> users = new ArrayList<>();
    for (String name : pair.listed(number)) {
      users.add(new EntityUID(USER, name));
    }
    Entity resource = new Entity(model, Map.of("allowed", new CedarList(users)), Set.of());
    return new Asked(
        new AuthorizationRequest(user, new EntityUID(ACTION, "predict"), model, Map.of()),
        new Entities(Set.of(new Entity(user), resource)));
  }
}
